/** The provider's own web search as Anthropic's blocks (platform.claude.com/docs, web search tool; developers.openai.com, guides, web search). */
import type { ResponsesOutputItem } from "../../../protocol/openai-responses.ts";
import { isJsonObject } from "../../../shared/json.ts";
import {
  type FoundPage,
  searchCitation,
  searchErrorBlock,
  searchResultBlock,
} from "../shared/search-blocks.ts";
import type { OrderedBlocks } from "./blocks.ts";

const word = (value: unknown): string => (typeof value === "string" ? value : "");

/** Ids of server tools are `srvtoolu_…` of letters, digits and underscores. */
const serverToolId = (id: string, place: number): string =>
  `srvtoolu_${id === "" ? String(place) : id.replaceAll(/[^A-Za-z0-9_]/g, "_")}`;

/** Searches have a query, or several. Opening a page and looking into it are steps that Anthropic's search does not show. */
const queryOf = (action: unknown): string | undefined => {
  if (!isJsonObject(action)) return "";
  if (action["type"] !== undefined && action["type"] !== "search") return undefined;
  const queries = action["queries"];
  return (
    word(action["query"]) ||
    (Array.isArray(queries) ? queries.filter((query) => typeof query === "string").join("; ") : "")
  );
};

/** Pages that were looked at: addresses only, titles come with the citations. */
const resultsOf = (action: unknown): FoundPage[] => {
  const sources = isJsonObject(action) ? action["sources"] : undefined;
  if (!Array.isArray(sources)) return [];
  return sources
    .filter((source) => isJsonObject(source) && word(source["url"]) !== "")
    .map((source: Record<string, unknown>) => ({ url: word(source["url"]), title: word(source["title"]) }));
};

/** A call and its result. Returns whether it was a search. @param place of the item in the answer */
export const putSearch = (item: ResponsesOutputItem, place: number, blocks: OrderedBlocks): boolean => {
  const query = queryOf(item.action);
  if (query === undefined) return false;
  const id = serverToolId(word(item.id), place);
  blocks.serverTool({ type: "server_tool_use", id, name: "web_search" }, { query });
  blocks.block(
    item.status === "failed"
      ? searchErrorBlock(id, "unavailable")
      : searchResultBlock(id, resultsOf(item.action)),
  );
  return true;
};

/** An annotation of a text as Anthropic's citation, or undefined where it is of another kind. */
export const citationOf = (annotation: unknown): { type: string; [field: string]: unknown } | undefined => {
  if (!isJsonObject(annotation) || annotation["type"] !== "url_citation") return undefined;
  return searchCitation({ url: word(annotation["url"]), title: word(annotation["title"]) }, "");
};
