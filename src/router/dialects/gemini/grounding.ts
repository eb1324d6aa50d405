/**
 * Web search. The client's server tool (`web_search_…`) becomes Google's search (ai.google.dev/gemini-api/docs/google-search); what Google
 * says of its sources becomes the blocks that the client expects: the search, its results, then the text with citations.
 *
 * Google names the sources at the end of the answer, and Anthropic's form has them before the text: while a search was asked for the text is
 * kept back until then.
 */
import type { GeminiGroundingMetadata } from "../../../protocol/gemini.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { MessageSink } from "../dialect.ts";
import { newSearchId, putSearchCall, searchCitation, searchResultBlock } from "../shared/search-blocks.ts";

export interface Source {
  url: string;
  title: string;
}

/** A stretch of the text and the sources that it stands on. */
export interface Cited {
  text: string;
  sources: Source[];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

type Keeps = (source: Source) => boolean;

/** By place: others point at it. Chunks that are no web pages, or that the client may not see, stay empty. */
const sourcesOf = (grounding: GeminiGroundingMetadata, keeps: Keeps): (Source | undefined)[] => {
  const chunks = Array.isArray(grounding.groundingChunks) ? grounding.groundingChunks : [];
  return chunks.map((chunk) => {
    const url = text(chunk?.web?.uri);
    const source = { url, title: text(chunk?.web?.title) || url };
    return url === "" || !keeps(source) ? undefined : source;
  });
};

/** Cuts the text where citations begin and end. Offsets count bytes; a segment that does not say what stands there is not believed. */
export const citedText = (
  whole: string,
  grounding: GeminiGroundingMetadata,
  keeps: Keeps = () => true,
): Cited[] => {
  const bytes = Buffer.from(whole);
  const sources = sourcesOf(grounding, keeps);
  const supports = (Array.isArray(grounding.groundingSupports) ? grounding.groundingSupports : [])
    .map((support) => {
      const indices = Array.isArray(support?.groundingChunkIndices) ? support.groundingChunkIndices : [];
      const named = indices.map((index) => sources[index]).filter((source) => source !== undefined);
      const { startIndex: start = 0, endIndex: end = 0, text: said } = support?.segment ?? {};
      return { start, end, said, named };
    })
    .filter(({ start, end, said, named }) => {
      if (named.length === 0 || !(start < end) || end > bytes.length) return false;
      return said === undefined || bytes.subarray(start, end).toString() === said;
    })
    .toSorted((a, b) => a.start - b.start || a.end - b.end);
  const out: Cited[] = [];
  let at = 0;
  const add = (to: number, named: Source[]): void => {
    if (to > at) out.push({ text: bytes.subarray(at, to).toString(), sources: named });
    at = Math.max(at, to);
  };
  for (const { start, end, named } of supports) {
    if (start > at) add(start, []);
    if (end > at) add(end, named);
    else out.at(-1)?.sources.push(...named);
  }
  add(bytes.length, []);
  return joined(out);
};

/** White space alone is no block: it goes to the piece before, or else to the one after. */
const joined = (pieces: readonly Cited[]): Cited[] => {
  const out: Cited[] = [];
  let space = "";
  for (const piece of pieces) {
    const last = out.at(-1);
    if (/\S/.test(piece.text)) {
      out.push({ ...piece, text: space + piece.text });
      space = "";
    } else if (last === undefined) space += piece.text;
    else last.text += piece.text;
  }
  return out;
};

/** Keeps the text of an answer back until its sources are known. */
export class Grounding {
  readonly #sink: MessageSink;
  readonly #keeps: Keeps;
  #held = "";
  #metadata: GeminiGroundingMetadata | undefined;
  /** Text went on without its sources, as a function call followed it: what comes late has no place. */
  #released = false;

  /** @param keeps whether the client may see a source */
  constructor(sink: MessageSink, keeps: Keeps) {
    this.#sink = sink;
    this.#keeps = keeps;
  }

  text(delta: string): void {
    this.#held += delta;
  }

  /** The last that says something counts. */
  take(metadata: unknown): void {
    if (isJsonObject(metadata) && Object.keys(metadata).length > 0) this.#metadata = metadata;
  }

  /** Tells what is held. Returns how many searches were made. */
  release(): number {
    const held = this.#held;
    if (held === "" && this.#released) return 0;
    this.#released = true;
    const metadata = this.#metadata ?? {};
    this.#held = "";
    this.#metadata = undefined;
    const queries = (Array.isArray(metadata.webSearchQueries) ? metadata.webSearchQueries : []).filter(
      (query) => text(query) !== "",
    );
    const sources = sourcesOf(metadata, this.#keeps).filter((source) => source !== undefined);
    const searched = queries.length > 0 || sources.length > 0;
    if (searched) this.#search(queries.join("; "), sources);
    for (const piece of citedText(held, metadata, this.#keeps)) this.#say(piece);
    return searched ? Math.max(1, queries.length) : 0;
  }

  #search(query: string, sources: readonly Source[]): void {
    const id = newSearchId();
    putSearchCall(this.#sink, id, query);
    this.#sink.block(searchResultBlock(id, sources));
  }

  #say({ text: said, sources }: Cited): void {
    if (sources.length === 0) {
      this.#sink.text(said);
      return this.#sink.endBlock();
    }
    this.#sink.openBlock({ type: "text", text: "", citations: [] });
    for (const source of new Map(sources.map((each) => [each.url, each])).values())
      this.#sink.delta({ type: "citations_delta", citation: searchCitation(source, said) });
    this.#sink.text(said);
    return this.#sink.endBlock();
  }
}
