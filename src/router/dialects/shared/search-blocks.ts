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
  /** What stands there, as far as the search quotes it. */
  readonly text?: string | undefined;
}

/** Longest `cited_text` that Anthropic gives, in characters. */
const citedLength = 150;

/** Stands in the place of what Anthropic encrypts: the page's words, for later turns. It begins as every envelope of the router's. */
const sealed = "switchyard.page:";

/** Longest excerpt that goes on with the conversation, in characters: each later turn carries it. */
const excerptLength = 2000;

const sealedText = (text: string | undefined): string =>
  text === undefined || text === ""
    ? ""
    : sealed + Buffer.from(text.slice(0, excerptLength).toWellFormed()).toString("base64url");

/** The words of a page that this router found in an earlier turn; empty where it was another's search. */
export const pageText = (encryptedContent: unknown): string =>
  typeof encryptedContent === "string" && encryptedContent.startsWith(sealed)
    ? Buffer.from(encryptedContent.slice(sealed.length), "base64url").toString("utf8")
    : "";

/** An id for a server tool's call, where its provider gives none. */
export const newSearchId = (): string => `srvtoolu_${randomBytes(12).toString("hex")}`;

/** The call, with its input in a delta, as the protocol has it. */
export const putSearchCall = (sink: MessageSink, id: string, query: string, name = "web_search"): void => {
  sink.openBlock({ type: "server_tool_use", id, name, input: {} });
  sink.delta({ type: "input_json_delta", partial_json: JSON.stringify({ query }) });
  sink.endBlock();
};

/** What was found. */
export const searchResultBlock = (
  id: string,
  pages: readonly FoundPage[],
): { type: string; [field: string]: unknown } => ({
  type: "web_search_tool_result",
  tool_use_id: id,
  content: pages.map(({ url, title, age, text }) => ({
    type: "web_search_result",
    url,
    title: title === "" ? url : title,
    encrypted_content: sealedText(text),
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

/** What follows an address where a longer one stands; a full stop ends a sentence, or goes on with a file's ending. */
const partOfAddress = /^(?:[\w/%&=+~#?-]|\.\w)/;

/** Whether the text has the address, and not only a longer one that begins with it. */
export const namesAddress = (text: string, url: string): boolean => {
  const bare = url.replace(/\/$/, "");
  for (let at = text.indexOf(bare); at !== -1; at = text.indexOf(bare, at + 1)) {
    const after = text.slice(at + bare.length).replace(/^\//, "");
    if (after === "" || !partOfAddress.test(after)) return true;
  }
  return false;
};
