/**
 * Cuts a stream of server-sent events that passes as bytes behind its last whole event. The client then never holds a part of an
 * event: a ping cannot stand inside one, and one that the provider broke off is left out instead of being read as broken JSON.
 * A chunk that ends with an event, as nearly all do, is neither copied nor searched.
 */
import { parseJsonObject } from "../../../shared/json.ts";

const lineFeed = 10;
const carriageReturn = 13;

export class WholeEvents {
  /** Chunks, or the end of one, of the event that has not ended. */
  #held: Buffer[] = [];
  /** The last two bytes of all that came before the next chunk. */
  #last = 0;
  #secondLast = 0;

  /** Takes the next bytes. Returns what can go out, or undefined while no event has ended. */
  push(chunk: Buffer): Buffer | undefined {
    const end = this.#endOfEvents(chunk);
    const { length } = chunk;
    if (length > 0) {
      this.#secondLast = length > 1 ? chunk[length - 2]! : this.#last;
      this.#last = chunk[length - 1]!;
    }
    if (end === length && this.#held.length === 0) return chunk;
    if (end === 0) {
      this.#held.push(chunk);
      return undefined;
    }
    const out = this.#held.length === 0 ? chunk.subarray(0, end) : this.#join(chunk.subarray(0, end));
    this.#held = end === length ? [] : [chunk.subarray(end)];
    return out;
  }

  /** What is left at the end: an event without its blank line. */
  rest(): Buffer {
    return this.#join();
  }

  #join(last?: Buffer): Buffer {
    const whole = Buffer.concat(last === undefined ? this.#held : [...this.#held, last]);
    this.#held = [];
    return whole;
  }

  /** Where the last blank line of a chunk ends; 0 where it has none. */
  #endOfEvents(chunk: Buffer): number {
    const { length } = chunk;
    // Nearly all.
    if (length > 1 && chunk[length - 1] === lineFeed && chunk[length - 2] === lineFeed) return length;
    for (let at = chunk.lastIndexOf(lineFeed); at !== -1;) {
      const before = this.#byte(chunk, at - 1);
      if (before === lineFeed || (before === carriageReturn && this.#byte(chunk, at - 2) === lineFeed))
        return at + 1;
      at = at === 0 ? -1 : chunk.lastIndexOf(lineFeed, at - 1);
    }
    return 0;
  }

  #byte(chunk: Buffer, at: number): number {
    if (at >= 0) return chunk[at]!;
    return at === -1 ? this.#last : this.#secondLast;
  }
}

/** In its last line, where that has no end. */
const data = /(?:^|[\r\n])data: ?([^\r\n]*)$/;

/**
 * What a stream ends with where the last event lacks its blank line: with that line, so that what follows is not read as a part of it; nothing where the event
 * itself is torn, for clients fail at half of a JSON text even behind the end of the answer.
 */
export const lastEvent = (rest: Buffer): Buffer => {
  const text = rest.toString("utf8");
  const last = data.exec(text)?.[1];
  const whole = /[\r\n]$/.test(text) || last === "[DONE]" || parseJsonObject(last) !== undefined;
  return whole ? Buffer.concat([rest, Buffer.from("\n\n")]) : Buffer.alloc(0);
};
