/** How thinking is asked for, in the way of each provider. */
import type { Quirks } from "../../../../config/types.ts";
import type { MessagesRequest } from "../../../../protocol/anthropic.ts";
import { levelOf, type ThinkingWish, wishOf } from "../../shared/thinking-wish.ts";
import type { EncodeContext } from "./content.ts";

type ThinkingMode = NonNullable<Quirks["reasoning"]>;

const writers: Record<
  ThinkingMode,
  (wish: ThinkingWish, quirks: Readonly<Quirks>) => Record<string, unknown>
> = {
  none: () => ({}),
  reasoning_effort: (wish, quirks) => {
    const level = wish.on === false ? undefined : levelOf(wish, quirks);
    return level === undefined ? {} : { reasoning_effort: level };
  },
  // To switch it off is not asked for: models that always think answer 400 to that, and to efforts that they do not list.
  openrouter: (wish, quirks) => {
    if (wish.on === false) return {};
    const level = levelOf(wish, quirks);
    if (level !== undefined) return { reasoning: { effort: level } };
    return wish.on === true ? { reasoning: { enabled: true } } : {};
  },
  thinking_type: (wish) =>
    wish.on === undefined ? {} : { thinking: { type: wish.on ? "enabled" : "disabled" } },
  thinking_effort: (wish, quirks) => {
    const level = wish.on === false ? undefined : levelOf(wish, quirks);
    return {
      ...(wish.on !== undefined && { thinking: { type: wish.on ? "enabled" : "disabled" } }),
      ...(level !== undefined && { reasoning_effort: level }),
    };
  },
  chat_template: (wish) =>
    wish.on === undefined ? {} : { chat_template_kwargs: { enable_thinking: wish.on } },
  enable_thinking: (wish) => {
    if (wish.on === undefined) return {};
    if (wish.budget === undefined || !wish.on) return { enable_thinking: wish.on };
    return { enable_thinking: true, thinking_budget: wish.budget };
  },
};

/** Fields of the request body that ask for thinking, or that switch it off. */
export const thinkingFields = (request: MessagesRequest, context: EncodeContext): Record<string, unknown> => {
  if (context.info?.thinking === false) return {};
  return writers[context.quirks.reasoning ?? "none"](wishOf(request), context.quirks);
};
