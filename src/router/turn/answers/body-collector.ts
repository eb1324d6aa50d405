/** Collects an answer that is not streamed, up to a bound. */

export class BodyCollector {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the bound is reached: what follows is not taken. */
  push(chunk: Buffer): boolean {
    if (this.#length >= this.#limit) return false;
    this.#parts.push(chunk);
    this.#length += chunk.length;
    return this.#length < this.#limit;
  }

  get length(): number {
    return this.#length;
  }

  bytes(): Buffer {
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }
}
