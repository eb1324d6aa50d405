/**
 * A web search, its sources and the citations of the text in Google's terms (ai.google.dev/gemini-api/docs/google-search): queries, chunks, and the
 * stretches of the text that stand on them. Offsets count bytes of UTF-8.
 */
import type { GeminiGroundingMetadata } from "../../../protocol/gemini.ts";
import { isJsonObject, parseJsonObject } from "../../../shared/json.ts";

export class GroundingNotes {
  readonly #queries: string[] = [];
  /** Title by address, in the order in which they are told. */
  readonly #sources = new Map<string, string>();
  readonly #supports: NonNullable<GeminiGroundingMetadata["groundingSupports"]> = [];
  #cited = new Set<string>();
  #text = "";
  /** Bytes of the answer's text before the open block. */
  #start = 0;
  #at = 0;

  /** @param json the arguments of the search's call */
  search(json: string): void {
    const query = parseJsonObject(json)?.["query"];
    if (typeof query === "string" && query !== "") this.#queries.push(query);
  }

  /** What was found: the content of a `web_search_tool_result`. */
  found(pages: unknown): void {
    if (Array.isArray(pages)) for (const page of pages as unknown[]) this.#source(page);
  }

  /** A text block begins. */
  begin(): void {
    this.#start = this.#at;
    this.#text = "";
    this.#cited = new Set();
  }

  text(delta: string, cited: boolean): void {
    this.#at += Buffer.byteLength(delta);
    if (cited) this.#text += delta;
  }

  cite(citation: unknown): void {
    const url = this.#source(citation);
    if (url !== undefined) this.#cited.add(url);
  }

  /** The text block ends. */
  end(): void {
    if (this.#cited.size > 0 && this.#at > this.#start) {
      const all = [...this.#sources.keys()];
      this.#supports.push({
        segment: { startIndex: this.#start, endIndex: this.#at, text: this.#text },
        groundingChunkIndices: [...this.#cited].map((url) => all.indexOf(url)),
      });
    }
    this.begin();
  }

  /** Undefined where nothing was searched or cited. */
  get metadata(): GeminiGroundingMetadata | undefined {
    if (this.#queries.length + this.#sources.size === 0) return undefined;
    return {
      webSearchQueries: this.#queries,
      groundingChunks: [...this.#sources].map(([uri, title]) => ({ web: { uri, title } })),
      groundingSupports: this.#supports,
    };
  }

  #source(page: unknown): string | undefined {
    if (!isJsonObject(page) || typeof page["url"] !== "string") return undefined;
    const { url, title } = page;
    if (!this.#sources.has(url)) this.#sources.set(url, typeof title === "string" ? title : url);
    return url;
  }
}
