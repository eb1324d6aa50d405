/** What a search engine is: one request over HTTP, one list of pages. */
import type { OneRequest } from "../upstream/call-once.ts";
import type { SearchConfig } from "../../config/types.ts";
import type { SearchTool } from "../dialects/shared/search-tool.ts";

export interface SearchResult {
  readonly url: string;
  readonly title: string;
  /** What the page says, as far as the engine quotes it; plain text. */
  readonly text: string;
  /** When it was written or how old it is, as the engine says it. */
  readonly age?: string;
}

/** Codes that the client knows (platform.claude.com/docs, web search tool, errors). */
export type SearchErrorCode =
  | "invalid_tool_input"
  | "unavailable"
  | "max_uses_exceeded"
  | "too_many_requests"
  | "query_too_long";

export interface SearchFailure {
  readonly code: SearchErrorCode;
  /** For the model, the user and the log; holds no secret. */
  readonly message: string;
  /** The user has to do something: they are told in the answer's own words, as the code alone says nothing of it. */
  readonly forUser?: boolean;
}

export interface SearchQuery {
  readonly query: string;
  /** Most results that are wanted. */
  readonly count: number;
  readonly tool: SearchTool;
}

export interface SearchEngine {
  /** As the user knows it. */
  readonly title: string;
  /** Longest query in characters. */
  readonly longestQuery: number;
  request(query: SearchQuery, config: SearchConfig): OneRequest;
  /** The results in an answer's JSON; undefined where it is no answer of this engine. */
  results(body: unknown): SearchResult[] | undefined;
  /** The engine's own words in the body of an error; empty where it has none. */
  words(body: unknown): string;
  /** What to do about a status that means more here than elsewhere. */
  hints?: Readonly<Record<number, string>>;
}
