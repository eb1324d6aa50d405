/** Collects an answer that is not streamed, up to a bound. */

export class BodyCollector {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** @param limit in bytes; what is beyond it is dropped */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    if (this.#length >= this.#limit) return;
    this.#parts.push(chunk);
    this.#length += chunk.length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }
}
