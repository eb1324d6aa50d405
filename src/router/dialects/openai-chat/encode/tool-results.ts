/** Results of tools. */
import type { ContentBlock, ToolResultBlock } from "../../../../protocol/anthropic.ts";
import type { ChatPart, ChatToolMessage } from "../../../../protocol/openai-chat.ts";
import { toProviderToolId } from "../../shared/tool-ids.ts";
import { textOf } from "../../shared/text.ts";
import { documentPart, type EncodeContext, imagePart, textPart } from "./content.ts";

/**
 * One `tool` message for a result, whatever its form, and the images (and files) of it that must follow in a user message, each result's under a line
 * that names the call. An empty result is an empty string: to leave it out would leave the call unanswered.
 */
export const toolResult = (
  block: ToolResultBlock,
  context: EncodeContext,
): { message: ChatToolMessage; images: ChatPart[] } => {
  const id = toProviderToolId(block.tool_use_id, context);
  const texts: string[] = [];
  const media: ChatPart[] = [];
  const content: unknown = block.content;
  if (typeof content === "string") texts.push(content);
  else if (Array.isArray(content))
    for (const inner of content as ContentBlock[]) collect(inner, texts, media, context);
  else if (typeof content === "object" && content !== null) texts.push(JSON.stringify(content));

  let text = texts.join("\n");
  if (block.is_error === true) text = `[tool error] ${text}`.trimEnd();
  if (media.length === 0)
    return {
      message: { role: "tool", tool_call_id: id, content: withCache(text, block, context) },
      images: [],
    };
  if (context.quirks.toolResultImagesInUserMessage === false) {
    const parts: ChatPart[] = text === "" ? media : [{ type: "text", text }, ...media];
    return { message: { role: "tool", tool_call_id: id, content: parts }, images: [] };
  }
  if (text === "") text = "[see the attachment in the next message]";
  const label: ChatPart = { type: "text", text: `[attachment of the result of ${id}]` };
  return {
    message: { role: "tool", tool_call_id: id, content: withCache(text, block, context) },
    images: [label, ...media],
  };
};

const collect = (inner: ContentBlock, texts: string[], media: ChatPart[], context: EncodeContext): void => {
  if (typeof inner !== "object" || inner === null) return;
  if (inner.type === "image" || inner.type === "document") {
    const part = inner.type === "image" ? imagePart(inner, context) : documentPart(inner, context);
    if (part.type === "text") texts.push(part.text);
    else media.push(part);
    return;
  }
  const text = textOf(inner);
  if (text !== "") texts.push(text);
};

/** A part only where a marker can stand on it; an empty part would be refused by Anthropic's models behind the provider. */
const withCache = (
  text: string,
  block: ToolResultBlock,
  context: EncodeContext,
): ChatToolMessage["content"] =>
  context.quirks.cacheControl === true && text !== "" ? [textPart(text, block.cache_control, context)] : text;
