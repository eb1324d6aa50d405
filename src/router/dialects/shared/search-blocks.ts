/**
 * A web search as the client's blocks: the call (`server_tool_use`), what was found (`web_search_tool_result`) and citations of it in the text
 * (platform.claude.com/docs, web search tool). Whoever ran the search, its blocks are made here.
 */
import { randomBytes } from "node:crypto";
import type { MessageSink } from "../dialect.ts";

export interface FoundPage {
  readonly url: string;
  /** Empty: the address stands for it. */
  readonly title: string;
  /** As the search says it. */
  readonly age?: string | undefined;
}

/** Longest `cited_text` that Anthropic gives, in characters. */
const citedLength = 150;

/** An id for a server tool's call, where its provider gives none. */
export const newSearchId = (): string => `srvtoolu_${randomBytes(12).toString("hex")}`;

/** The call, with its input in a delta, as the protocol has it. */
export const putSearchCall = (sink: MessageSink, id: string, query: string, name = "web_search"): void => {
  sink.openBlock({ type: "server_tool_use", id, name, input: {} });
  sink.delta({ type: "input_json_delta", partial_json: JSON.stringify({ query }) });
  sink.endBlock();
};

/** What was found. The content that Anthropic would encrypt stays empty: no other can read it, and Anthropic refuses a foreign one. */
export const searchResultBlock = (
  id: string,
  pages: readonly FoundPage[],
): { type: string; [field: string]: unknown } => ({
  type: "web_search_tool_result",
  tool_use_id: id,
  content: pages.map(({ url, title, age }) => ({
    type: "web_search_result",
    url,
    title: title === "" ? url : title,
    encrypted_content: "",
    page_age: age ?? null,
  })),
});

/** @param code of the error, one that the client knows */
export const searchErrorBlock = (id: string, code: string): { type: string; [field: string]: unknown } => ({
  type: "web_search_tool_result",
  tool_use_id: id,
  content: { type: "web_search_tool_result_error", error_code: code },
});

/** @param cited the words that stand on the page, or those of the page that are stood on */
export const searchCitation = (
  { url, title }: FoundPage,
  cited: string,
): { type: string; [field: string]: unknown } => ({
  type: "web_search_result_location",
  url,
  title: title === "" ? url : title,
  encrypted_index: "",
  cited_text: cited.trim().slice(0, citedLength),
});
