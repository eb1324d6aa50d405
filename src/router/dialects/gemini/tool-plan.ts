/** Which tools go to Google: the client's functions, its own search, or both. Encoder and decoder ask, and get the same answer. */
import type { MessagesRequest, Tool } from "../../../protocol/anthropic.ts";
import { isSearchTool } from "../shared/search-tool.ts";
import { toolsInUse } from "../shared/tools-in-use.ts";
import { isThird } from "./models.ts";
import { toProviderName } from "./tool-names.ts";

export interface ToolPlan {
  functions: Tool[];
  /** Google searches for this request. */
  search: boolean;
}

/**
 * Search and functions together are taken by the third generation only. Before it a request that has both keeps the functions, unless it
 * chooses the search by its name.
 */
export const toolPlan = (request: MessagesRequest, model: string): ToolPlan => {
  const functions = toolsInUse(request);
  if (request.tools?.some(isSearchTool) !== true) return { functions, search: false };
  if (isThird(model) || functions.length === 0) return { functions, search: true };
  const choice = request.tool_choice;
  const name = choice?.type === "tool" ? toProviderName(choice.name ?? "") : undefined;
  const alone = name !== undefined && !functions.some((tool) => toProviderName(tool.name) === name);
  return alone ? { functions: [], search: true } : { functions, search: false };
};
