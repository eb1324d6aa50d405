/** The conversation as input items. */
import { encodingOf, KeptParts } from "../../../conversation/lasting.ts";
import type { ContentBlock, Message, TextBlock, ToolResultBlock } from "../../../../protocol/anthropic.ts";
import type {
  ResponsesFunctionCallOutput,
  ResponsesInputItem,
  ResponsesInputMessage,
  ResponsesInputPart,
} from "../../../../protocol/openai-responses.ts";
import { blockGap, blocksOf, textOf, withoutBilling } from "../../shared/text.ts";
import { toProviderToolId } from "../../shared/tool-ids.ts";
import { toProviderToolName } from "../../shared/tool-names.ts";
import { type EncodeContext, inputPart, inputText, nameLength } from "./content.ts";
import { pairedItems } from "./pairs.ts";
import { reasoningItems } from "./reasoning.ts";

/** The system prompt as `instructions`, or undefined where nothing is said. */
export const instructionsOf = (system: string | TextBlock[] | null | undefined): string | undefined => {
  const texts = blocksOf(system).map((block, i) => (i === 0 ? withoutBilling(textOf(block)) : textOf(block)));
  const said = texts.filter((text) => text !== "");
  return said.length === 0 ? undefined : said.join(blockGap);
};

const encoded = new KeptParts<ResponsesInputItem>();

/** What one message becomes, the ones around it apart. */
const itemsOf = (message: Message, context: EncodeContext): ResponsesInputItem[] => {
  if (message.role === "assistant") return assistantItems(message, context);
  if (message.role === "user") return userItems(message, context);
  const system = systemItem(message, context);
  return system === undefined ? [] : [system];
};

/**
 * All items, in order: a message for what stands together, a call and a result each an item of its own. What is empty after translation is left
 * out.
 */
export const inputItems = (messages: readonly Message[], context: EncodeContext): ResponsesInputItem[] => {
  const out: ResponsesInputItem[] = [];
  /** System messages that stand between a call and its result wait until the result has been said. */
  let held: ResponsesInputItem[] = [];
  let openCalls = false;
  const beside = encodingOf(context.dialect);
  for (const message of messages) {
    const items = encoded.of(message, beside, () => itemsOf(message, context));
    if (message.role === "system") {
      (openCalls ? held : out).push(...items);
      continue;
    }
    const results =
      message.role === "assistant"
        ? 0
        : items.findLastIndex((item) => item.type === "function_call_output") + 1;
    out.push(...items.slice(0, results), ...held, ...items.slice(results));
    held = [];
    openCalls = message.role === "assistant" && items.some((item) => item.type === "function_call");
  }
  out.push(...held);
  return pairedItems(out);
};

/** A `system` message keeps its place; where a provider takes none there, it becomes a user's reminder. */
const systemItem = (message: Message, context: EncodeContext): ResponsesInputMessage | undefined => {
  const text = blocksOf(message.content)
    .map((block) => textOf(block))
    .filter((words) => words !== "")
    .join(blockGap);
  if (text === "") return undefined;
  if (context.quirks.inlineSystemMessages !== true)
    return { type: "message", role: "system", content: [inputText(text)] };
  const reminder = `<system-reminder>\n${text}\n</system-reminder>`;
  return { type: "message", role: "user", content: [inputText(reminder)] };
};

/**
 * An assistant's turn. Reasoning goes back only in front of what followed from it: the API refuses an item of reasoning on which nothing follows
 * ("provided without its required following item"), as a turn that was broken off leaves it.
 */
const assistantItems = (message: Message, context: EncodeContext): ResponsesInputItem[] => {
  const out: ResponsesInputItem[] = [];
  let end = 0;
  for (const block of blocksOf(message.content)) {
    if (block.type === "thinking" || block.type === "redacted_thinking") {
      out.push(...reasoningItems(block, context));
      continue;
    }
    const before = out.at(-1);
    if (block.type === "tool_use")
      out.push({
        type: "function_call",
        call_id: toProviderToolId(block.id, context.ids),
        name: toProviderToolName(block.name, nameLength),
        arguments: JSON.stringify(block.input ?? {}),
      });
    else if (block.type !== "server_tool_use") {
      const text = textOf(block);
      if (text === "") continue;
      if (before !== undefined && "role" in before && Array.isArray(before.content))
        (before.content as { type: string; text: string }[]).push({ type: "output_text", text });
      else out.push({ type: "message", role: "assistant", content: [{ type: "output_text", text }] });
    } else continue;
    end = out.length;
  }
  return withPhase(out.slice(0, end), context);
};

/**
 * Newer models are told whether an earlier message was a remark on the way to a call or the answer (guides, latest model, phase); without that they
 * take remarks for answers, and stop early.
 */
const withPhase = (items: ResponsesInputItem[], { quirks }: EncodeContext): ResponsesInputItem[] => {
  if (quirks.messagePhase !== true) return items;
  const phase = items.some((item) => item.type === "function_call") ? "commentary" : "final_answer";
  return items.map((item) => (item.type === "message" ? { ...item, phase } : item));
};

/** A user's message: results of tools and the user's words, in their order. */
const userItems = (message: Message, context: EncodeContext): ResponsesInputItem[] => {
  const results: ResponsesInputItem[] = [];
  const media: ResponsesInputPart[] = [];
  const parts: ResponsesInputPart[] = [];
  for (const block of blocksOf(message.content)) {
    if (block.type === "tool_result") {
      const result = toolResult(block, context);
      results.push(result.item);
      media.push(...result.media);
    } else {
      const part = inputPart(block, context);
      if (part !== undefined) parts.push(part);
    }
  }
  const said = [...media, ...parts];
  return said.length === 0 ? results : [...results, { type: "message", role: "user", content: said }];
};

/**
 * Text alone as a string, which every server takes; with images and files a list of parts (api reference, function_call_output). Where a provider
 * takes only text there (`toolResultImagesInUserMessage`), they follow in a user's message under a line that names the call.
 */
const toolResult = (
  block: ToolResultBlock,
  context: EncodeContext,
): { item: ResponsesFunctionCallOutput; media: ResponsesInputPart[] } => {
  const call_id = toProviderToolId(block.tool_use_id, context.ids);
  const parts: ResponsesInputPart[] = contentParts(block.content, context);
  if (block.is_error === true) {
    const first = parts[0];
    if (first?.type === "input_text") first.text = `[tool error] ${first.text}`;
    else parts.unshift(inputText("[tool error]"));
  }
  const texts = parts.filter((part) => part.type === "input_text").map((part) => part.text);
  const output = texts.join("\n");
  const media = parts.filter((part) => part.type !== "input_text");
  if (media.length === 0) return { item: { type: "function_call_output", call_id, output }, media: [] };
  if (context.quirks.toolResultImagesInUserMessage !== true)
    return { item: { type: "function_call_output", call_id, output: parts }, media: [] };
  return {
    item: {
      type: "function_call_output",
      call_id,
      output: output === "" ? "[see the attachment in the next message]" : output,
    },
    media: [inputText(`[attachment of the result of ${call_id}]`), ...media],
  };
};

const contentParts = (content: unknown, context: EncodeContext): ResponsesInputPart[] => {
  if (typeof content === "object" && content !== null && !Array.isArray(content))
    return [inputText(JSON.stringify(content))];
  return blocksOf(content)
    .map((block: ContentBlock) => inputPart(block, context))
    .filter((part) => part !== undefined);
};
