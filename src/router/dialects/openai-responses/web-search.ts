/** The provider's own web search as Anthropic's blocks (platform.claude.com/docs, web search tool; developers.openai.com, guides, web search). */
import type { ResponsesOutputItem } from "../../../protocol/openai-responses.ts";
import { isJsonObject } from "../../../shared/json.ts";
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
const resultsOf = (action: unknown): unknown[] => {
  const sources = isJsonObject(action) ? action["sources"] : undefined;
  if (!Array.isArray(sources)) return [];
  return sources
    .filter((source) => isJsonObject(source) && word(source["url"]) !== "")
    .map((source: Record<string, unknown>) => ({
      type: "web_search_result",
      url: source["url"],
      title: word(source["title"]) || source["url"],
      encrypted_content: "",
      page_age: null,
    }));
};

/** A call and its result. Returns whether it was a search. @param place of the item in the answer */
export const putSearch = (item: ResponsesOutputItem, place: number, blocks: OrderedBlocks): boolean => {
  const query = queryOf(item.action);
  if (query === undefined) return false;
  const id = serverToolId(word(item.id), place);
  blocks.serverTool({ type: "server_tool_use", id, name: "web_search" }, { query });
  const content =
    item.status === "failed"
      ? { type: "web_search_tool_result_error", error_code: "unavailable" }
      : resultsOf(item.action);
  blocks.block({ type: "web_search_tool_result", tool_use_id: id, content });
  return true;
};

/** An annotation of a text as Anthropic's citation, or undefined where it is of another kind. */
export const citationOf = (annotation: unknown): { type: string; [field: string]: unknown } | undefined => {
  if (!isJsonObject(annotation) || annotation["type"] !== "url_citation") return undefined;
  const url = word(annotation["url"]);
  return {
    type: "web_search_result_location",
    url,
    title: word(annotation["title"]) || url,
    encrypted_index: "",
    cited_text: "",
  };
};
