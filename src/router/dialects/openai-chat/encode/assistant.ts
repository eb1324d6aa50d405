/** An assistant's turn as one chat message. */
import type { ContentBlock, ToolUseBlock } from "../../../../protocol/anthropic.ts";
import type { ChatAssistantMessage, ChatTextPart, ChatToolCall } from "../../../../protocol/openai-chat.ts";
import { fromEnvelope } from "../../shared/reasoning-envelope.ts";
import { nameLength, toProviderToolName } from "../../shared/tool-names.ts";
import { toProviderToolId } from "../../shared/tool-ids.ts";
import { textOf } from "../../shared/text.ts";
import { kimiSearchName } from "../search.ts";
import { asContent, type EncodeContext, textPart } from "./content.ts";

/** Google checks the signature of the first call of each step, and documents this word for calls that other models made. */
const noSignature = { google: { thought_signature: "skip_thought_signature_validator" } };

/** Undefined where nothing is left that a provider would understand. */
export const assistantMessage = (
  blocks: readonly ContentBlock[],
  context: EncodeContext,
): ChatAssistantMessage | undefined => {
  const texts: ChatTextPart[] = [];
  const calls: ChatToolCall[] = [];
  const details: Record<string, unknown>[] = [];
  let thinking = "";
  for (const block of blocks) {
    switch (block.type) {
      case "text":
        if (block.text !== "") texts.push(textPart(block.text, block.cache_control, context));
        break;
      case "thinking":
        thinking += block.thinking;
        details.push(...fromEnvelope(block.signature, block.thinking, context));
        break;
      case "tool_use":
        calls.push(toolCall(block, context));
        break;
      case "redacted_thinking":
      case "server_tool_use":
        break;
      default: {
        const text = textOf(block);
        if (text !== "") texts.push(textPart(text, undefined, context));
      }
    }
  }
  if (texts.length === 0 && calls.length === 0) return undefined;
  const message: ChatAssistantMessage = {
    role: "assistant",
    content: texts.length === 0 ? null : asContent(texts, context),
  };
  if (calls.length > 0) {
    if (context.quirks.thoughtSignature === true)
      calls[0]!.extra_content =
        details.find((detail) => detail["type"] === "extra_content")?.["extra_content"] ?? noSignature;
    message.tool_calls = calls;
  }
  addReasoning(message, { thinking, details }, context);
  return message;
};

/** Kimi's own function goes back as it came: to any other it would be no name of a tool. */
const toolCall = (block: ToolUseBlock, context: EncodeContext): ChatToolCall => {
  const builtIn = context.quirks.webSearch === "kimi" && block.name === kimiSearchName;
  return {
    id: toProviderToolId(block.id, context),
    type: builtIn ? "builtin_function" : "function",
    function: {
      name: builtIn ? block.name : toProviderToolName(block.name, nameLength),
      arguments: JSON.stringify(block.input ?? {}),
    },
  };
};

/**
 * Reasoning sent back, as the provider wants it. DeepSeek and Kimi refuse a conversation in which any assistant message is without
 * `reasoning_content` or has an empty one, as a message of another model has: it gets a blank, which both take. Details go back only as
 * they came: without their signatures Claude's are refused.
 */
const addReasoning = (
  message: ChatAssistantMessage,
  { thinking, details }: { thinking: string; details: unknown[] },
  context: EncodeContext,
): void => {
  const field = context.quirks.sendReasoning;
  const said = thinking.trim() !== "";
  if (field === "reasoning_content") message.reasoning_content = said ? thinking : " ";
  else if (field === "reasoning" && said) message.reasoning = thinking;
  else if (field === "reasoning_details" && details.length > 0) message.reasoning_details = details;
};
