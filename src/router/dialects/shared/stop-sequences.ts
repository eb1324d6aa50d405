/** Stop sequences for a provider that has none: the text is searched as it comes, and ends before the first one. */

export class StopSequences {
  readonly #sequences: readonly string[];
  /** Longest tail that could be the beginning of a sequence, in characters. */
  readonly #longest: number;
  /** The end of the text, held back while it may be the beginning of a sequence. */
  #held = "";
  /** The sequence that was found. */
  found: string | undefined;

  constructor(sequences: readonly string[]) {
    this.#sequences = sequences;
    this.#longest = Math.max(...sequences.map((sequence) => sequence.length)) - 1;
  }

  /** What of the text so far can be passed on; nothing any more once a sequence was found. */
  push(text: string): string {
    if (this.found !== undefined) return "";
    const all = this.#held + text;
    let end = -1;
    for (const sequence of this.#sequences) {
      const at = all.indexOf(sequence);
      if (at !== -1 && (end === -1 || at < end)) {
        end = at;
        this.found = sequence;
      }
    }
    if (end !== -1) {
      this.#held = "";
      return all.slice(0, end);
    }
    const keep = this.#beginning(all);
    this.#held = keep === 0 ? "" : all.slice(-keep);
    return keep === 0 ? all : all.slice(0, -keep);
  }

  /** What was held back, once the text has ended. */
  rest(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }

  /** How many of the last characters are the beginning of a sequence. */
  #beginning(text: string): number {
    for (let length = Math.min(this.#longest, text.length); length > 0; length--) {
      const tail = text.slice(-length);
      if (this.#sequences.some((sequence) => sequence.startsWith(tail))) return length;
    }
    return 0;
  }
}

/** @param sequences of a request, as they came; undefined where there are none */
export const stopSequences = (sequences: unknown): StopSequences | undefined => {
  if (!Array.isArray(sequences)) return undefined;
  const usable = sequences.filter((sequence) => typeof sequence === "string" && sequence !== "");
  return usable.length === 0 ? undefined : new StopSequences(usable);
};
