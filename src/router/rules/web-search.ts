/** The client's web search: a request of its own with a server tool. */
import { isSearchTool } from "../dialects/shared/search-tool.ts";
import { no, toRoute, type Rule } from "./rule.ts";

export const webSearch: Rule = {
  name: "webSearch",
  decide: (facts) => {
    const searches = facts.request.tools?.some(isSearchTool) === true;
    return searches ? toRoute(facts, "webSearch", "it has a web search tool") : no("no web search tool");
  },
};
