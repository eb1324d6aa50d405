/**
 * Thinking on purpose. Today's client sends `adaptive` with effort `medium` on every turn, and `high` for every id that it
 * does not know: those are no purpose, and counting them would leave nothing for `default`.
 */
import { effortLevels, type Effort } from "../../config/types.ts";
import { no, toRoute, type Facts, type Rule, type Verdict } from "./rule.ts";

const rank = (effort: string | undefined): number => effortLevels.indexOf(effort as Effort);

/** A word of the request for a reason: whatever the client sent there, it must not fail the turn. */
const said = (word: unknown, otherwise: string): string =>
  typeof word === "string" ? word : word === undefined || word === null ? otherwise : "something else";

/** Whether a request asks for thinking on purpose, and why it is or is not taken so. */
export const thinkingOnPurpose = (facts: Facts): { is: boolean; reason: string } => {
  const { thinking, output_config: output } = facts.request;
  if (thinking?.type === "enabled") return { is: true, reason: "thinking is enabled" };
  if (thinking?.type !== "adaptive")
    return { is: false, reason: `thinking is ${said(thinking?.type, "not asked for")}` };
  if (!facts.model.toLowerCase().includes("claude"))
    return { is: false, reason: "adaptive thinking for an id that is not Claude's says nothing" };
  const least = facts.config.routes.think?.minEffort ?? "high";
  const effort = output?.effort;
  return rank(effort) >= rank(least)
    ? { is: true, reason: `adaptive thinking with effort ${effort}` }
    : { is: false, reason: `adaptive thinking with effort ${said(effort, "unsaid")} is below ${least}` };
};

export const think: Rule = {
  name: "think",
  decide(facts: Facts): Verdict {
    const { is, reason } = thinkingOnPurpose(facts);
    return is ? toRoute(facts, "think", reason) : no(reason);
  },
};
