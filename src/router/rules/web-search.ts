/** The client's web search: a request of its own with a server tool. */
import { no, toRoute, type Rule } from "./rule.ts";

export const webSearch: Rule = {
  name: "webSearch",
  decide: (facts) => {
    const searches = (facts.request.tools ?? []).some((tool) => {
      // A client may send anything here; an object without a usable toString would throw.
      const type: unknown = tool?.type;
      return typeof type === "string" && type.startsWith("web_search");
    });
    return searches ? toRoute(facts, "webSearch", "it has a web search tool") : no("no web search tool");
  },
};
