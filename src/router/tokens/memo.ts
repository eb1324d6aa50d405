/**
 * Remembers what a text counted, by its content: a session sends its old messages again with every turn, and only what is new
 * shall cost. Bounded by entries; long texts are remembered by a digest, so that nothing of a conversation is kept alive.
 */
import { hash } from "node:crypto";

export interface Counted {
  readonly tokens: number;
  /** False where counting stopped before the end: the text has at least so many. */
  readonly whole: boolean;
}

/** Above so many characters the key is a digest. */
const longestKey = 128;

export class Memo {
  readonly #half: number;
  /** Two generations: what is asked for moves to the young one, what is not goes with the old. */
  #young = new Map<string, Counted>();
  #old = new Map<string, Counted>();

  /** @param entries how many texts are remembered at most */
  constructor(entries: number) {
    this.#half = Math.ceil(entries / 2);
  }

  key(text: string): string {
    return text.length <= longestKey ? text : `${text.length}:${hash("sha1", text, "base64")}`;
  }

  get(key: string): Counted | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, count: Counted): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, count);
  }
}
