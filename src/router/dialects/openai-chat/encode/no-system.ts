/** The system prompt for models whose template has no system role (`noSystem`): it opens the first user message. */
import type { ChatMessage, ChatSystemMessage } from "../../../../protocol/openai-chat.ts";
import { blockGap } from "../../shared/text.ts";

/** The same place and bytes in every turn, so that prefix caches hold. */
export const systemInFirstUser = (
  system: ChatSystemMessage | undefined,
  messages: readonly ChatMessage[],
): ChatMessage[] => {
  if (system === undefined) return [...messages];
  const [first, ...rest] = messages;
  if (first?.role !== "user") return [{ role: "user", content: system.content }, ...messages];
  if (typeof system.content === "string" && typeof first.content === "string")
    return [{ role: "user", content: `${system.content}${blockGap}${first.content}` }, ...rest];
  const parts = (content: ChatSystemMessage["content"] | typeof first.content) =>
    typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  return [{ role: "user", content: [...parts(system.content), ...parts(first.content)] }, ...rest];
};
