/** System messages inside of the conversation, for providers that know only user and assistant. */
import type { ContentBlock, Message } from "../../../protocol/anthropic.ts";

export const blocksOf = (message: Message): ContentBlock[] =>
  typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;

const reminder = (message: Message): ContentBlock[] => {
  const content = blocksOf(message).filter((block) => block.type !== "text" || block.text !== "");
  if (content.length === 0) return [];
  return [
    { type: "text", text: "<system-reminder>" },
    ...content,
    { type: "text", text: "</system-reminder>" },
  ];
};

/**
 * A `role: system` message joins the user's message before it. Behind a
 * tool call it joins the one after it, because results must follow their calls at once.
 */
export const inlineSystem = (messages: Message[]): Message[] => {
  const out: Message[] = [];
  let waiting: ContentBlock[] = [];
  const say = (): void => {
    if (waiting.length > 0) out.push({ role: "user", content: waiting });
    waiting = [];
  };
  for (const message of messages) {
    const last = out.at(-1);
    if (message.role === "system") {
      const content = reminder(message);
      if (last?.role === "user" && content.length > 0)
        out[out.length - 1] = { ...last, content: [...blocksOf(last), ...content] };
      else waiting.push(...content);
    } else if (message.role === "user" && waiting.length > 0) {
      const called = last !== undefined && blocksOf(last).some((block) => block.type === "tool_use");
      const content = called ? [...blocksOf(message), ...waiting] : [...waiting, ...blocksOf(message)];
      waiting = [];
      out.push({ ...message, content });
    } else {
      say();
      out.push(message);
    }
  }
  say();
  return out;
};
