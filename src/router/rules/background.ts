/** Small tasks: the client gives them to its haiku model. */
import { no, toRoute, type Rule } from "./rule.ts";

export const background: Rule = {
  name: "background",
  decide: (facts) => {
    const id = facts.model.toLowerCase();
    return id.includes("claude") && id.includes("haiku")
      ? toRoute(facts, "background", "a haiku model of Claude's")
      : no("not a haiku model of Claude's");
  },
};
