/**
 * What a provider of this family says of its own search, as the client's blocks: the search, what was found, then the text with citations. The sources
 * come anywhere in the answer (OpenRouter and OpenAI: `annotations` of the message; GLM: `web_search` beside the choices), and Anthropic's form has
 * them before the text: the text is kept back until all is known.
 */
import type { ChatAnswer, ChatDelta } from "../../../protocol/openai-chat.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { MessageSink, UpstreamFailure } from "../dialect.ts";
import {
  type FoundPage,
  namesAddress,
  newSearchId,
  putSearchCall,
  searchCitation,
  searchResultBlock,
} from "../shared/search-blocks.ts";

interface Source extends FoundPage {
  /** What stands on the page. */
  readonly said: string;
  /** Where the text stands on it, in characters; undefined where the provider does not say. */
  readonly span?: { readonly start: number; readonly end: number };
  /** How the text refers to it, where it has a sign of its own (`[ref_1]`). */
  readonly sign?: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** `{type: url_citation, url_citation: {url, title, content, start_index, end_index}}`. */
const annotated = (annotation: JsonObject): Source | undefined => {
  const cited = annotation["url_citation"];
  if (annotation["type"] !== "url_citation" || !isJsonObject(cited) || text(cited["url"]) === "")
    return undefined;
  const { start_index: start, end_index: end } = cited;
  return {
    url: text(cited["url"]),
    title: text(cited["title"]),
    said: text(cited["content"]),
    ...(typeof start === "number" && typeof end === "number" && start < end && { span: { start, end } }),
  };
};

/** `{title, link, content, publish_date, refer}`. */
const glmSource = (found: JsonObject): Source | undefined =>
  text(found["link"]) === ""
    ? undefined
    : {
        url: text(found["link"]),
        title: text(found["title"]),
        said: text(found["content"]),
        ...(text(found["publish_date"]) !== "" && { age: text(found["publish_date"]) }),
        ...(text(found["refer"]) !== "" && { sign: `[${text(found["refer"]).replaceAll(/[[\]]/g, "")}]` }),
      };

export class SearchAnswer implements MessageSink {
  readonly #sink: MessageSink;
  #held = "";
  #sources: Source[] = [];
  /** Sources of which the client has been told. */
  readonly #told = new Set<string>();
  #searches = 0;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  /** Looks for sources in a chunk or an answer. */
  take(answer: ChatAnswer, content: ChatDelta | null | undefined): void {
    for (const annotation of objects(content?.annotations)) this.#add(annotated(annotation));
    for (const found of objects(answer.web_search)) this.#add(glmSource(found));
    const counted = isJsonObject(answer.usage?.server_tool_use)
      ? answer.usage.server_tool_use["web_search_requests"]
      : undefined;
    if (typeof counted === "number") this.#searches = counted;
  }

  #add(source: Source | undefined): void {
    if (source !== undefined) this.#sources.push(source);
  }

  get ended(): boolean {
    return this.#sink.ended;
  }

  start(head: Parameters<MessageSink["start"]>[0]): void {
    this.#sink.start(head);
  }

  text(delta: string): void {
    this.#held += delta;
  }

  thinking(delta: string): void {
    this.#release();
    this.#sink.thinking(delta);
  }

  signature(value: string): void {
    this.#release();
    this.#sink.signature(value);
  }

  toolStart(id: string, name: string): void {
    this.#release();
    this.#sink.toolStart(id, name);
  }

  toolInput(partialJson: string): void {
    this.#sink.toolInput(partialJson);
  }

  endBlock(): void {
    this.#release();
    this.#sink.endBlock();
  }

  openBlock(block: Parameters<MessageSink["openBlock"]>[0]): void {
    this.#release();
    this.#sink.openBlock(block);
  }

  delta(delta: Parameters<MessageSink["delta"]>[0]): void {
    this.#sink.delta(delta);
  }

  block(block: Parameters<MessageSink["block"]>[0]): void {
    this.#release();
    this.#sink.block(block);
  }

  finish(end: Parameters<MessageSink["finish"]>[0]): void {
    this.#release();
    const searches = Math.max(this.#searches, this.#told.size > 0 ? 1 : 0);
    const counted = searches > 0 ? { server_tool_use: { web_search_requests: searches } } : {};
    this.#sink.finish({ ...end, usage: { ...end.usage, ...counted } });
  }

  /** What is held was never shown: another target may still answer. */
  fail(failure: UpstreamFailure): void {
    this.#sink.fail(failure);
  }

  #release(): void {
    const held = this.#held;
    const sources = this.#sources;
    this.#held = "";
    this.#sources = [];
    const pages = new Map(
      sources.filter(({ url }) => !this.#told.has(url)).map((source) => [source.url, source]),
    );
    if (pages.size > 0) {
      const id = newSearchId();
      // None of them says what it searched for.
      putSearchCall(this.#sink, id, "");
      this.#sink.block(
        searchResultBlock(
          id,
          [...pages.values()].map((source) => ({ ...source, text: source.said })),
        ),
      );
      for (const url of pages.keys()) this.#told.add(url);
    }
    for (const piece of cited(held, sources)) this.#say(piece);
  }

  #say({ text: said, sources }: Cited): void {
    if (sources.length > 0) {
      this.#sink.openBlock({ type: "text", text: "", citations: [] });
      for (const source of new Map(sources.map((source) => [source.url, source])).values())
        this.#sink.delta({ type: "citations_delta", citation: searchCitation(source, source.said || said) });
    }
    this.#sink.text(said);
    this.#sink.endBlock();
  }
}

interface Cited {
  text: string;
  sources: Source[];
}

/**
 * Cuts the text where citations with a place begin and end. Without any place it stays one, on the sources that it names by address or by their sign.
 */
const cited = (whole: string, sources: readonly Source[]): Cited[] => {
  const placed = sources
    .filter(({ span }) => span !== undefined && span.end <= whole.length)
    .toSorted((a, b) => a.span!.start - b.span!.start);
  if (placed.length === 0) {
    const named = sources.filter(
      ({ url, sign }) => namesAddress(whole, url) || (sign !== undefined && whole.includes(sign)),
    );
    return whole.trim() === "" ? [] : [{ text: whole, sources: named }];
  }
  const out: Cited[] = [];
  let at = 0;
  const add = (to: number, named: Source[]): void => {
    const piece = whole.slice(at, to);
    const last = out.at(-1);
    // White space alone is no block.
    if (piece !== "" && (last === undefined || /\S/.test(piece))) out.push({ text: piece, sources: named });
    else if (last !== undefined) {
      last.text += piece;
      last.sources.push(...named);
    }
    at = Math.max(at, to);
  };
  for (const source of placed) {
    if (source.span!.start > at) add(source.span!.start, []);
    add(source.span!.end, [source]);
  }
  add(whole.length, []);
  const [first, second] = out;
  if (first !== undefined && second !== undefined && !/\S/.test(first.text)) {
    second.text = first.text + second.text;
    out.shift();
  }
  return out;
};
