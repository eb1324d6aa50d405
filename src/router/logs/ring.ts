/** The last lines of the log, for the page: bounded by their number and by their size, oldest first. */

/** Characters of all lines together. */
const mostCharacters = 512 * 1024;
const mostLines = 2_000;
/** A line that is longer is cut: one failure must not push out all others. */
const longestLine = 8 * 1024;

export interface LogLine {
  /** Counts up from 1 over the life of the router. */
  readonly number: number;
  readonly text: string;
}

export class LogRing {
  #lines: LogLine[] = [];
  #characters = 0;
  #last = 0;

  /** @param line as it is written: without secrets */
  add(line: string): void {
    const text = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line.trimEnd();
    this.#lines.push({ number: ++this.#last, text });
    this.#characters += text.length;
    if (this.#lines.length <= mostLines && this.#characters <= mostCharacters) return;
    // A tenth at once: letting go of one line with each new one would move all others each time.
    const from = Math.max(1, Math.ceil(this.#lines.length / 10));
    for (const { text } of this.#lines.splice(0, from)) this.#characters -= text.length;
  }

  /** Number of the newest line; 0: there was none. */
  get last(): number {
    return this.#last;
  }

  /** Lines after that of a number, the newest `most` of them. */
  after(number: number, most: number): readonly LogLine[] {
    return this.#lines.filter((line) => line.number > number).slice(-most);
  }
}
