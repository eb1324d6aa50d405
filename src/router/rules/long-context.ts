/** More input tokens than the threshold. Nothing is counted where the size of the body already answers. */
import { mostTokens } from "../tokens/media.ts";
import { no, toRoute, type Rule, type Verdict } from "./rule.ts";

export const longContext: Rule = {
  name: "longContext",
  async decide(facts): Promise<Verdict> {
    const route = facts.config.routes.longContext;
    if (route === undefined) return no("routes.longContext is not set");
    const threshold = route.threshold ?? Infinity;
    if (mostTokens(facts.request, facts.rawBytes) <= threshold)
      return no(`a body of ${facts.rawBytes} bytes cannot exceed ${threshold} tokens`);
    const tokens = await facts.countTokens(threshold);
    return tokens > threshold
      ? toRoute(facts, "longContext", `${tokens} tokens are more than ${threshold}`)
      : no(`${tokens} tokens are not more than ${threshold}`);
  },
};
