/**
 * Citations of a text that a model wrote from the results it was given: it names the addresses that it used, as it is asked to, and each of
 * them is cited in the block that names it.
 */
import { namesAddress, searchCitation } from "../dialects/shared/search-blocks.ts";
import type { SearchResult } from "./engine.ts";

export class Citations {
  readonly #results = new Map<string, SearchResult>();
  #text: string[] = [];

  /** From now on these can be cited. */
  add(results: readonly SearchResult[]): void {
    for (const result of results) if (!this.#results.has(result.url)) this.#results.set(result.url, result);
  }

  /** A piece of the open text. */
  text(delta: string): void {
    if (this.#results.size > 0) this.#text.push(delta);
  }

  /** The open text ends: its citations, in the order of the results. */
  take(): { type: string; [field: string]: unknown }[] {
    if (this.#text.length === 0) return [];
    const text = this.#text.join("");
    this.#text = [];
    return [...this.#results.values()]
      .filter(({ url }) => namesAddress(text, url))
      .map((result) => searchCitation(result, result.text));
  }
}
