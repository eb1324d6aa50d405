/** What is said in a request: its system prompt, what the user said last. Requests are open: whatever a client sends here must not fail a turn. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject } from "../../../shared/json.ts";

const openReminder = "<system-reminder>";
const closeReminder = "</system-reminder>";

/** The texts of a content, a line each. */
const textOf = (content: unknown): string => {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((block: unknown) =>
      isJsonObject(block) && block["type"] === "text" && typeof block["text"] === "string"
        ? [block["text"]]
        : [],
    )
    .join("\n");
};

/** Without what the client adds to the user's words: reminders to the model. */
const withoutReminders = (text: string): string => {
  let out = "";
  let at = 0;
  for (;;) {
    const open = text.indexOf(openReminder, at);
    const close = open < 0 ? -1 : text.indexOf(closeReminder, open);
    if (close < 0) return out + text.slice(at);
    out += text.slice(at, open);
    at = close + closeReminder.length;
  }
};

/** The system prompt, and the client's own system messages in the conversation. */
export const systemText = ({ system, messages }: MessagesRequest): string =>
  [textOf(system), ...messages.flatMap(({ role, content }) => (role === "system" ? [textOf(content)] : []))]
    .filter((text) => text !== "")
    .join("\n");

/**
 * The last words of the user's own: through all tool calls that follow them they stay the same, so that a rule on them keeps its target until the user
 * says something else.
 */
export const lastUserText = ({ messages }: MessagesRequest): string => {
  for (const { role, content } of messages.toReversed()) {
    if (role !== "user") continue;
    const words = withoutReminders(textOf(content)).trim();
    if (words !== "") return words;
  }
  return "";
};

const isImage = (block: unknown): boolean =>
  isJsonObject(block) &&
  (block["type"] === "image" || (block["type"] === "tool_result" && hasImages(block["content"])));
const hasImages = (content: unknown): boolean => Array.isArray(content) && content.some(isImage);

/** An image anywhere in the conversation, in a tool's result too. */
export const showsImages = ({ messages }: MessagesRequest): boolean =>
  messages.some(({ content }) => hasImages(content));

/** Names of the tools that the request offers. */
export const toolNames = ({ tools }: MessagesRequest): string[] =>
  (Array.isArray(tools) ? (tools as readonly unknown[]) : []).flatMap((tool) =>
    isJsonObject(tool) && typeof tool["name"] === "string" ? [tool["name"]] : [],
  );
