/** The tier of the model id, for routes that are set for it. */
import { no, toRoute, type Rule } from "./rule.ts";

const tiers = ["opus", "sonnet", "haiku", "fable"] as const;

export const tierRules: readonly Rule[] = tiers.map((tier) => ({
  name: tier,
  decide: (facts) =>
    facts.model.toLowerCase().includes(tier)
      ? toRoute(facts, tier, `the model is of the tier ${tier}`)
      : no(`the model is not of the tier ${tier}`),
}));
