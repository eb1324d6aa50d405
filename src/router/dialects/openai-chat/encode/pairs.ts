/** Calls and their results, as every strict server wants them: each call answered at once, and no result without its call. */
import type { ChatMessage, ChatToolMessage } from "../../../../protocol/openai-chat.ts";
import { blockGap } from "../../shared/text.ts";
import { noResult, strayHeading } from "../../shared/unpaired.ts";

/** Tells what an earlier call gave, where the call itself is gone: a client that compacts its history may leave such results behind. */
const asUser = (message: ChatToolMessage): ChatMessage => {
  const { content } = message;
  return {
    role: "user",
    content:
      typeof content === "string"
        ? `${strayHeading}${blockGap}${content}`
        : [{ type: "text", text: strayHeading }, ...content],
  };
};

/**
 * The messages with a note in the place of each missing result, and orphan results as a user's words. The history of a client that was
 * interrupted can have either; servers answer 400 to both, and would to every later turn. A message alone is no such history: it goes as it is.
 */
export const pairedMessages = (messages: readonly ChatMessage[]): ChatMessage[] => {
  if (messages.length < 2) return [...messages];
  const out: ChatMessage[] = [];
  let open = new Set<string>();
  /** Where results of the open calls end in `out`. */
  let at = 0;
  const close = (): void => {
    const missing = [...open].map((id): ChatToolMessage => ({
      role: "tool",
      tool_call_id: id,
      content: noResult,
    }));
    if (missing.length > 0) out.splice(at, 0, ...missing);
    open = new Set();
  };
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id)) {
        out.push(asUser(message));
        continue;
      }
      out.splice(at, 0, message);
      at++;
      continue;
    }
    close();
    out.push(message);
    at = out.length;
    if (message.role === "assistant") open = new Set((message.tool_calls ?? []).map((call) => call.id));
  }
  close();
  return out;
};

/** Said in the assistant's place where a provider does not let the user follow results. */
const seen = "I have the results.";

/** The messages with one of the assistant wherever a user's (or a system message) follows results of tools (`assistantAfterTools`). */
export const withAssistantAfterTools = (messages: readonly ChatMessage[]): ChatMessage[] =>
  messages.flatMap((message, i): ChatMessage[] =>
    messages[i - 1]?.role === "tool" && (message.role === "user" || message.role === "system")
      ? [{ role: "assistant", content: seen }, message]
      : [message],
  );
