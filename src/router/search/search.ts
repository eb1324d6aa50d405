/** One search by the search engine of the configuration: its results as the client may have them, or why there are none. */
import type { Dispatcher } from "undici";
import type { SearchConfig } from "../../config/types.ts";
import { systemCodeOf } from "../../shared/errors.ts";
import { domainFilter } from "../dialects/shared/search-domains.ts";
import type { SearchEngine, SearchFailure, SearchResult } from "./engine.ts";
import { engines } from "./engines/index.ts";
import { callOnce, type OneAnswer } from "../upstream/call-once.ts";
import type { SearchTool } from "../dialects/shared/search-tool.ts";

export type SearchOutcome =
  | { readonly results: readonly SearchResult[] }
  | { readonly failure: SearchFailure };

const isFailure = (outcome: OneAnswer | SearchOutcome): outcome is { failure: SearchFailure } =>
  "failure" in outcome;

/** @param signal of the turn: the client has gone. Never rejects. */
export const searchWeb = async (
  query: string,
  tool: SearchTool,
  config: SearchConfig,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<SearchOutcome> => {
  const engine = engines[config.provider];
  if (query.trim() === "")
    return failed("invalid_tool_input", 'The search has no query. Call the tool with {"query": "…"}.');
  if (query.length > engine.longestQuery)
    return failed(
      "query_too_long",
      `The query has ${query.length} characters; ${engine.title} takes ${engine.longestQuery}.`,
    );
  const where = `${engine.title} (${new URL(config.baseUrl).origin})`;
  const request = engine.request({ query, count: config.maxResults, tool }, config);
  const answer = await ask(dispatcher, config, request, signal, where);
  if (isFailure(answer)) return answer;
  if (answer.status !== 200) return refused(answer, engine, where);
  const results = engine.results(parsed(answer.body));
  if (results === undefined)
    return failed("unavailable", `${where} sent something that is no answer of its API.`, true);
  const mayBeSeen = domainFilter(tool);
  const seen = new Set<string>();
  const kept = results.filter(({ url }) => {
    if (seen.has(url) || !mayBeSeen(url)) return false;
    seen.add(url);
    return true;
  });
  return { results: kept.slice(0, config.maxResults) };
};

const failed = (
  code: SearchFailure["code"],
  message: string,
  forUser = false,
): { failure: SearchFailure } => ({ failure: { code, message, ...(forUser && { forUser }) } });

const ask = async (
  dispatcher: Dispatcher,
  config: SearchConfig,
  request: Parameters<typeof callOnce>[2],
  signal: AbortSignal,
  where: string,
): Promise<OneAnswer | { failure: SearchFailure }> => {
  const late = AbortSignal.timeout(config.timeout);
  try {
    return await callOnce(dispatcher, config.baseUrl, request, AbortSignal.any([signal, late]));
  } catch (error) {
    if (late.aborted)
      return failed("unavailable", `${where} did not answer within ${config.timeout / 1000} s.`);
    const code = systemCodeOf(error);
    // A key that cannot stand in a header: the message of undici names the header only.
    if (code === "UND_ERR_INVALID_ARG")
      return failed(
        "unavailable",
        `A request to ${where} cannot be sent: search.key has characters that no key has.`,
        true,
      );
    return failed(
      "unavailable",
      `${where} cannot be reached${code === undefined ? "" : ` (${code})`}.`,
      true,
    );
  }
};

/** @param answer with another status than 200 */
const refused = (
  { status, body }: OneAnswer,
  engine: SearchEngine,
  where: string,
): { failure: SearchFailure } => {
  const words = engine.words(parsed(body)).slice(0, 300);
  const said = words === "" ? "" : `: ${words.replace(/\.$/, "")}`;
  const hint = engine.hints?.[status];
  if (status === 429) return failed("too_many_requests", `${where} takes no more searches for now${said}.`);
  if (hint !== undefined) return failed("unavailable", `${where} answered ${status}${said}. ${hint}`, true);
  if (status === 401 || status === 403)
    return failed("unavailable", `${where} does not accept search.key (status ${status})${said}.`, true);
  if (status === 400 || status === 422)
    return failed("invalid_tool_input", `${where} does not take this search (status ${status})${said}.`);
  return failed("unavailable", `${where} answered ${status}${said}.`, status < 500);
};

const parsed = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
};
