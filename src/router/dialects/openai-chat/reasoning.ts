/** Where providers put the model's reasoning, and how parts of content become text. */
import type { ChatDelta } from "../../../protocol/openai-chat.ts";

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/**
 * Reasoning text of a delta or a message. The same words often stand in two or three fields (OpenRouter: `reasoning` and
 * `reasoning_details`), so the first that has any is taken.
 */
export const reasoningOf = (delta: ChatDelta): string => {
  if (typeof delta.reasoning_content === "string" && delta.reasoning_content !== "")
    return delta.reasoning_content;
  if (typeof delta.reasoning === "string" && delta.reasoning !== "") return delta.reasoning;
  const details = delta.reasoning_details;
  if (!Array.isArray(details)) return "";
  let joined = "";
  for (const detail of details) joined += text(field(detail, "text")) || text(field(detail, "summary"));
  return joined;
};

/** Calls the receivers for the parts of a content that is a list: text, thinking (Magistral), refusals. */
export const eachPart = (
  parts: readonly unknown[],
  receivers: {
    text: (text: string) => void;
    thinking: (text: string) => void;
    refusal: (text: string) => void;
  },
): void => {
  for (const part of parts) {
    if (typeof part === "string") receivers.text(part);
    const thinking = field(part, "thinking");
    if (typeof thinking === "string") receivers.thinking(thinking);
    else if (Array.isArray(thinking))
      for (const piece of thinking) receivers.thinking(text(field(piece, "text")));
    else if (typeof field(part, "refusal") === "string") receivers.refusal(text(field(part, "refusal")));
    else receivers.text(text(field(part, "text")));
  }
};
