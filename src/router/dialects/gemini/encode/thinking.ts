/** How much Gemini is to think: by a budget of tokens or by a level, as the model's generation wants it (ai.google.dev/gemini-api/docs/thinking). */
import type { MessagesRequest } from "../../../../protocol/anthropic.ts";
import type { GeminiThinkingConfig } from "../../../../protocol/gemini.ts";
import { levelOf, type ThinkingWish, wishOf } from "../../shared/thinking-wish.ts";
import { generationOf } from "../models.ts";
import type { EncodeContext } from "./context.ts";

/** Budgets of the levels, as Google's own endpoint in OpenAI's form has them. */
const budgets: Readonly<Record<string, number>> = { minimal: 1024, low: 1024, medium: 8192, high: 24_576 };

/** Gemini 2.5: tokens, from the smallest that thinks to the largest. Pro cannot be switched off. */
const rangeOf = (model: string): { least: number; most: number; off: boolean } => {
  if (model.includes("pro")) return { least: 128, most: 32_768, off: false };
  return { least: model.includes("lite") ? 512 : 1, most: 24_576, off: true };
};

const budgetOf = (wish: ThinkingWish, model: string): number => {
  const { least, most, off } = rangeOf(model);
  if (wish.on === false) return off ? 0 : least;
  const level = levelOf({ ...wish, budget: undefined }, {});
  const wanted = wish.budget ?? (level === undefined ? undefined : budgets[level]);
  return wanted === undefined ? -1 : Math.min(most, Math.max(least, wanted));
};

/** The third generation always thinks; `minimal` is refused by the Pro models and by Flash from 3.7 on, which `-latest` means. */
const leastLevel = (model: string): "minimal" | "low" => {
  if (model.includes("lite")) return "minimal";
  return model.includes("flash") && generationOf(model) < 3.7 ? "minimal" : "low";
};

const thinkingLevel = (wish: ThinkingWish, model: string): GeminiThinkingConfig["thinkingLevel"] => {
  if (wish.on === false) return leastLevel(model);
  switch (levelOf(wish, {})) {
    case undefined:
      return undefined;
    case "minimal":
      return leastLevel(model);
    case "low":
      return "low";
    case "medium":
      // The first Pro of the generation knows low and high only.
      return /gemini-3-pro/.test(model) ? "high" : "medium";
    default:
      return "high";
  }
};

/** Undefined where nothing is asked for, and for models that do not think. */
export const thinkingConfig = (
  request: MessagesRequest,
  { dialect: { model, info } }: EncodeContext,
): GeminiThinkingConfig | undefined => {
  const wish = wishOf(request);
  const generation = generationOf(model);
  if (generation < 2.5 || info?.thinking === false) return undefined;
  if (wish.on === undefined && wish.effort === undefined) return undefined;
  const config: GeminiThinkingConfig = {};
  if (wish.on === true && request.thinking?.display !== "omitted") config.includeThoughts = true;
  if (generation < 3) config.thinkingBudget = budgetOf(wish, model);
  else {
    const level = thinkingLevel(wish, model);
    if (level !== undefined) config.thinkingLevel = level;
  }
  return Object.keys(config).length === 0 ? undefined : config;
};
