/** The conversation as chat messages. */
import { encodingOf, KeptParts } from "../../../conversation/lasting.ts";
import type { Message, TextBlock } from "../../../../protocol/anthropic.ts";
import type {
  ChatMessage,
  ChatPart,
  ChatSystemMessage,
  ChatTextPart,
} from "../../../../protocol/openai-chat.ts";
import { assistantMessage } from "./assistant.ts";
import { blocksOf, textOf, withoutBilling } from "../../shared/text.ts";
import { asContent, type EncodeContext, textPart, userPart } from "./content.ts";
import { toolResult } from "./tool-results.ts";

/** The leading system message, or undefined where nothing is said. */
export const systemMessage = (
  system: string | TextBlock[] | null | undefined,
  context: EncodeContext,
): ChatSystemMessage | undefined => {
  if (system === undefined || system === null) return undefined;
  const blocks: readonly TextBlock[] = typeof system === "string" ? [{ type: "text", text: system }] : system;
  const parts: ChatTextPart[] = [];
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]!;
    const text = i === 0 ? withoutBilling(textOf(block)) : textOf(block);
    if (text !== "") parts.push(textPart(text, block.cache_control, context));
  }
  return parts.length === 0 ? undefined : { role: "system", content: asContent(parts, context) };
};

/** A `system` message in the middle keeps its place; where a provider takes none there, it becomes a user's reminder. */
const systemInside = (message: Message, context: EncodeContext): ChatMessage | undefined => {
  const parts = blocksOf(message.content)
    .map((block) => userPart(block, context))
    .filter((part) => part?.type === "text");
  if (parts.length === 0) return undefined;
  if (context.quirks.inlineSystemMessages !== true && context.quirks.noSystem !== true)
    return { role: "system", content: asContent(parts, context) };
  const first = parts[0]!;
  const last = parts.at(-1)!;
  first.text = `<system-reminder>\n${first.text}`;
  last.text = `${last.text}\n</system-reminder>`;
  return { role: "user", content: asContent(parts, context) };
};

/** A user's message: results of tools first, each a message of its own, then their images and the user's words. */
const userMessages = (message: Message, context: EncodeContext): ChatMessage[] => {
  const out: ChatMessage[] = [];
  const images: ChatPart[] = [];
  const parts: ChatPart[] = [];
  for (const block of blocksOf(message.content)) {
    if (block.type === "tool_result") {
      const result = toolResult(block, context);
      out.push(result.message);
      images.push(...result.images);
    } else {
      const part = userPart(block, context);
      if (part !== undefined) parts.push(part);
    }
  }
  const said = images.length === 0 ? parts : [...images, ...parts];
  if (said.length > 0) out.push({ role: "user", content: asContent(said, context) });
  return out;
};

const encoded = new KeptParts<ChatMessage>();

/** What one message becomes, the ones around it apart. */
const ofMessage = (message: Message, context: EncodeContext): ChatMessage[] => {
  if (message.role === "user") return userMessages(message, context);
  const one =
    message.role === "system"
      ? systemInside(message, context)
      : assistantMessage(blocksOf(message.content), context);
  return one === undefined ? [] : [one];
};

/** All messages, in order. What is empty after translation is left out: servers answer 400 to empty messages. */
export const chatMessages = (messages: readonly Message[], context: EncodeContext): ChatMessage[] => {
  const out: ChatMessage[] = [];
  /** System messages that stand between a tool call and its result: `tool` messages must follow the call directly. */
  let held: ChatMessage[] = [];
  let openCalls = false;
  const beside = encodingOf(context);
  for (const message of messages) {
    const chats = encoded.of(message, beside, () => ofMessage(message, context));
    if (message.role === "system") {
      (openCalls ? held : out).push(...chats);
      continue;
    }
    if (message.role === "assistant") {
      out.push(...held);
      held = [];
      const [assistant] = chats;
      if (assistant === undefined) continue;
      openCalls = "tool_calls" in assistant && assistant.tool_calls !== undefined;
      out.push(assistant);
      continue;
    }
    const results = held.length === 0 ? 0 : chats.filter((chat) => chat.role === "tool").length;
    out.push(...chats.slice(0, results), ...held, ...chats.slice(results));
    held = [];
    openCalls = false;
  }
  out.push(...held);
  return out;
};
