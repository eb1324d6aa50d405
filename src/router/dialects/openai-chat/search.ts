/**
 * Web search of the providers of this family: each has a form of its own for what the client asks for with its tool `web_search_…`. Which one stands
 * in the quirk `webSearch`.
 */
import type { Quirks } from "../../../config/types.ts";
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { type SearchTool, searchToolOf } from "../shared/search-tool.ts";

/** Kimi's own function (platform.kimi.ai, guide, use web search). */
export const kimiSearchName = "$web_search";

/** See `HttpDialect.webSearch`. */
export const wayOfSearch = (quirks: Readonly<Quirks>): "own" | "given-back" | "none" => {
  switch (quirks.webSearch) {
    case undefined:
    case "none":
      return "none";
    case "kimi":
      return "given-back";
    default:
      return "own";
  }
};

/** The client's search tool, where the provider searches. */
export const hostedSearch = (
  request: MessagesRequest | undefined,
  quirks: Readonly<Quirks>,
): SearchTool | undefined =>
  request === undefined || wayOfSearch(quirks) === "none" ? undefined : searchToolOf(request);

/** What is added to the body, and to its list of tools. */
export interface SearchFields {
  readonly tools: readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly body: Readonly<Record<string, unknown>>;
}

const nothing: SearchFields = { tools: [], body: {} };

export const searchFields = (request: MessagesRequest, quirks: Readonly<Quirks>): SearchFields => {
  const tool = hostedSearch(request, quirks);
  if (tool === undefined) return nothing;
  switch (quirks.webSearch) {
    case "openrouter":
      return { tools: [{ type: "openrouter:web_search", parameters: openrouterParameters(tool) }], body: {} };
    case "glm":
      return { tools: [{ type: "web_search", web_search: glmParameters(tool) }], body: {} };
    case "kimi":
      // Its documents: thinking and this function exclude each other.
      return {
        tools: [{ type: "builtin_function", function: { name: kimiSearchName } }],
        body: { thinking: { type: "disabled" } },
      };
    case "web_search_options":
      return { tools: [], body: { web_search_options: openaiOptions(tool) } };
    default: // it searches without being asked to
      return nothing;
  }
};

const hasPlace = (tool: SearchTool): boolean => Object.keys(tool.location).length > 0;

/** openrouter.ai/docs, guides, server tools, web search. One of the two lists is taken, as with Anthropic. */
const openrouterParameters = (tool: SearchTool): Record<string, unknown> => ({
  max_uses: tool.maxUses,
  ...(tool.allowedDomains.length > 0
    ? { allowed_domains: tool.allowedDomains }
    : tool.blockedDomains.length > 0 && { excluded_domains: tool.blockedDomains }),
  ...(hasPlace(tool) && { user_location: { type: "approximate", ...tool.location } }),
});

/** docs.z.ai, guides, tools, web search. It knows one domain to keep to, and none to leave out. */
const glmParameters = (tool: SearchTool): Record<string, unknown> => ({
  enable: true,
  search_result: true,
  ...(tool.allowedDomains.length === 1 && { search_domain_filter: tool.allowedDomains[0] }),
});

/** developers.openai.com, guides, web search, Chat Completions: a field of the models that are made for it. */
const openaiOptions = (tool: SearchTool): Record<string, unknown> =>
  hasPlace(tool) ? { user_location: { type: "approximate", approximate: tool.location } } : {};
