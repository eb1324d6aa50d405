/** How much a request wants the model to think, before any provider's way to say it. */
import type { Quirks } from "../../../config/types.ts";
import type { MessagesRequest } from "../../../protocol/anthropic.ts";

/** What a request asks of the model's thinking. */
export interface ThinkingWish {
  /** Undefined: the request says nothing of thinking, and the provider's own default stands. */
  on: boolean | undefined;
  effort: string | undefined;
  budget: number | undefined;
}

export const wishOf = (request: MessagesRequest): ThinkingWish => {
  const thinking = request.thinking;
  const effort = request.output_config?.effort;
  const budget = thinking?.type === "enabled" ? thinking.budget_tokens : undefined;
  const on = thinking === undefined || thinking === null ? undefined : thinking.type !== "disabled";
  return { on, effort: typeof effort === "string" ? effort : undefined, budget };
};

/** Anthropic's levels as those that a provider takes: without `maxEffort` everything above high is high. */
export const levelOf = (wish: ThinkingWish, quirks: Readonly<Quirks>): string | undefined => {
  if (wish.effort !== undefined) {
    if (wish.effort === "max" || wish.effort === "xhigh") return quirks.maxEffort ?? "high";
    return wish.effort;
  }
  if (wish.budget === undefined) return undefined;
  if (wish.budget < 4096) return "low";
  return wish.budget < 16_384 ? "medium" : "high";
};
