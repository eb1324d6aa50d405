/** What the client has seen of an answer, as far as another model must know it. */
import type { Usage } from "../../../protocol/anthropic.ts";

export class Shown {
  /** What the head of the first part said. */
  headUsage: Partial<Usage> | undefined;
  text = "";
  /** Whole calls of the client's tools. */
  calls = 0;
  /** Something that no other model can take up: a search of the provider's own, citations, blocks of an unknown kind. */
  other = false;
  /** The last that was shown is text: what follows may go on in the same block. */
  inText = false;
  /** Blanks at the end of `text`, which a model that goes on may say once more. */
  #due = "";

  /** Before the next part: its model is told `text` without its last blanks. */
  nextPart(): void {
    this.#due = this.text.slice(this.text.trimEnd().length);
  }

  /** @returns what of a piece of text is new */
  take(delta: string): string {
    let fresh = delta;
    while (this.#due !== "" && fresh !== "") {
      if (!/^\s/.test(fresh)) this.#due = "";
      else {
        fresh = fresh.slice(1);
        this.#due = this.#due.slice(1);
      }
    }
    this.text += fresh;
    return fresh;
  }
}
