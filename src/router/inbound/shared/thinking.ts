/** How OpenAI's clients ask for thinking: an effort, or the suffix `-thinking` of a model id. */
import { modelInfoOf } from "../../../config/model-info.ts";
import type { Config } from "../../../config/types.ts";
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { parseNamed } from "../../rules/named.ts";

const suffix = "-thinking";

/**
 * Whether the suffix of an id asks for thinking. It may be part of the id (`kimi-k2-thinking`): where the whole id is an alias, the id of a
 * target, or that of a model that is known, it is.
 */
const asksForThinking = (model: string, config: Config): boolean => {
  if (!model.endsWith(suffix) || model.length === suffix.length) return false;
  if (config.aliases.has(model)) return false;
  const named = parseNamed(model, config);
  const target = named.kind === "target" ? named.target : undefined;
  const id = target?.model ?? model;
  const isTarget = Object.values(config.routes).some((route) => route?.use.some((each) => each.model === id));
  if (isTarget || [...config.aliases.values()].some((each) => each.model === id)) return false;
  return modelInfoOf(config, target ?? { provider: "", model }) === undefined;
};

/** The id without a suffix that asks for thinking. */
export const withoutThinkingSuffix = (model: string, config: Config): { model: string; thinking: boolean } =>
  asksForThinking(model, config)
    ? { model: model.slice(0, -suffix.length), thinking: true }
    : { model, thinking: false };

/** Tokens for thinking where the client names no number. */
const usualBudget = 16_000;

/** Thinking on purpose, as the suffix asks for it. Claude takes no temperature but 1 with it. */
export const withThinking = (request: MessagesRequest): MessagesRequest => {
  const { top_p: _topP, top_k: _topK, ...rest } = request;
  const most = request.max_tokens;
  const budget =
    most === undefined ? usualBudget : Math.min(usualBudget, Math.max(1024, Math.floor(most / 2)));
  return {
    ...rest,
    temperature: 1,
    thinking: { type: "enabled", budget_tokens: budget },
    // A budget stands inside of the limit: one that leaves no room for an answer is refused.
    ...(most !== undefined && { max_tokens: Math.max(most, budget + 512) }),
  };
};

/** Fields of the hub for an effort of OpenAI's scale (none, minimal, low, medium, high, xhigh, max). */
export const effortFields = (effort: unknown): Pick<MessagesRequest, "thinking" | "output_config"> => {
  if (typeof effort !== "string" || effort === "") return {};
  if (effort === "none") return { thinking: { type: "disabled" } };
  return {
    thinking: { type: "adaptive" },
    output_config: { effort: effort === "minimal" ? "low" : effort },
  };
};
