/** Who searches, where the client asks for its web search. */
import { targetName, type Config } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { DialectContext, HttpDialect } from "../dialects/dialect.ts";
import { speaksSame, type ClientForm } from "../inbound/client-form.ts";
import type { UpstreamPool } from "../upstream/pool.ts";
import { engineSearcher, givenBackSearcher, noSearcher, type Searcher } from "./searcher.ts";
import { isSearchTool, searchToolOf, type SearchTool } from "../dialects/shared/search-tool.ts";

export interface SearchPlan {
  readonly tool: SearchTool;
  readonly searcher: Searcher;
  /** Nobody searches. */
  readonly nobody?: boolean;
}

interface Surroundings {
  readonly config: Config;
  readonly client: ClientForm;
  readonly pool: UpstreamPool;
}

/** Undefined where the router has no part in it: no search is asked for, or the provider runs it by itself. */
export const searchPlan = (
  request: MessagesRequest,
  dialect: HttpDialect,
  context: DialectContext,
  { config, client, pool }: Surroundings,
): SearchPlan | undefined => {
  const tool = searchToolOf(request);
  if (tool === undefined) return undefined;
  const way = dialect.webSearch(request, context);
  if (way === "own") return undefined;
  // A client of the provider's own protocol gets what the provider makes of its request.
  if (client.name !== "anthropic" && speaksSame(client, dialect)) return undefined;
  if (way === "given-back") return { tool, searcher: givenBackSearcher };
  const { search } = config;
  if (search !== undefined) {
    const dispatcher = pool.dispatcherOf(searchConnection(search.timeout));
    return { tool, searcher: engineSearcher(request, tool, search, dispatcher) };
  }
  const target = targetName({ provider: context.provider.name, model: context.model });
  return { tool, searcher: noSearcher(request, tool, target), nobody: true };
};

/** The connections of the search engine; a provider's name has no space in it. The search's own time-out ends it before these do. */
const searchConnection = (timeout: number): Parameters<UpstreamPool["dispatcherOf"]>[0] => ({
  name: `search engine ${timeout}`,
  timeouts: {
    connect: Math.min(timeout, 10_000),
    firstByte: timeout + 1000,
    idle: timeout + 1000,
    total: timeout + 1000,
  },
});

/** Whether nothing but a search is wanted: it is the only tool, or the one that is to be called. */
export const searchesOnly = (request: MessagesRequest): boolean => {
  const tools = request.tools ?? [];
  const choice = request.tool_choice;
  const named =
    choice?.type === "tool" && tools.some((tool) => isSearchTool(tool) && tool.name === choice.name);
  return named || tools.every(isSearchTool);
};
