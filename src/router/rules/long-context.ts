/** More input tokens than the threshold. Nothing is counted where the size of the body already answers. */
import { mostTokensOfMedia } from "../tokens/media.ts";
import { no, toRoute, type Rule, type Verdict } from "./rule.ts";

export const longContext: Rule = {
  name: "longContext",
  async decide(facts): Promise<Verdict> {
    const route = facts.config.routes.longContext;
    if (route === undefined) return no("routes.longContext is not set");
    const threshold = route.threshold ?? Infinity;
    // A token is at least a byte of the body, media aside: those count by their size on the screen, not in bytes.
    if (facts.rawBytes <= threshold) {
      const most = facts.rawBytes + mostTokensOfMedia(facts.request);
      if (most <= threshold) return no(`a body of ${facts.rawBytes} bytes cannot exceed ${threshold} tokens`);
    }
    const tokens = await facts.countTokens();
    return tokens > threshold
      ? toRoute(facts, "longContext", `${tokens} tokens are more than ${threshold}`)
      : no(`${tokens} tokens are not more than ${threshold}`);
  },
};
