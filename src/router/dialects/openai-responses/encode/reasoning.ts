/** Reasoning: how it is asked for, and items of earlier turns that go back to the provider that made them. */
import type { ContentBlock, MessagesRequest } from "../../../../protocol/anthropic.ts";
import type { ResponsesReasoningItem } from "../../../../protocol/openai-responses.ts";
import { fromEnvelope } from "../../shared/reasoning-envelope.ts";
import { levelOf, wishOf } from "../../shared/thinking-wish.ts";
import type { EncodeContext } from "./content.ts";

/** Models that are not known to do without reasoning: others answer 400 to its fields, and those that reason to `temperature`. */
export const mayReason = ({ info }: EncodeContext): boolean => info?.thinking !== false;

/**
 * `reasoning: {effort, summary}`, or undefined where nothing is asked. To switch it off is not asked for: `effort: "none"` is a 400 with models that
 * always reason. A summary is asked for with the quirk `reasoningSummary` alone: OpenAI answers 400 to it for organisations that are not verified.
 */
export const reasoningField = (
  request: MessagesRequest,
  context: EncodeContext,
): { effort?: string; summary?: string } | undefined => {
  const wish = wishOf(request);
  if (!mayReason(context) || wish.on === false) return undefined;
  const effort = levelOf(wish, context.quirks);
  const summary = context.quirks.reasoningSummary;
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) };
};

/** The reasoning items that a block carries for this very origin, as they came; none for the thinking of anyone else. */
export const reasoningItems = (block: ContentBlock, context: EncodeContext): ResponsesReasoningItem[] => {
  const [sealed, thinking] =
    block.type === "thinking"
      ? [block.signature, block.thinking]
      : block.type === "redacted_thinking"
        ? [block.data, ""]
        : [undefined, ""];
  return fromEnvelope(sealed, thinking, context.dialect).filter(
    (item) => item["type"] === "reasoning",
  ) as unknown as ResponsesReasoningItem[];
};
