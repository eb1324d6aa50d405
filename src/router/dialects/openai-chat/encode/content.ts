/** Blocks of the hub as parts of a chat message. */
import type { ModelInfo, ProviderConfig, Quirks } from "../../../../config/types.ts";
import type {
  CacheControl,
  ContentBlock,
  DocumentBlock,
  ImageBlock,
} from "../../../../protocol/anthropic.ts";
import type { ChatPart, ChatTextPart } from "../../../../protocol/openai-chat.ts";
import { fileName } from "../../shared/file-name.ts";
import { blockGap, textOf } from "../../shared/text.ts";

/** What the encoders need to know of the provider and the model. */
export interface EncodeContext {
  readonly quirks: Readonly<Quirks>;
  readonly info: ModelInfo | undefined;
  /** With `model`: who gets back its own ids and reasoning. */
  readonly provider: ProviderConfig;
  /** The provider's own model id. */
  readonly model: string;
}

export const takesImages = (context: EncodeContext): boolean =>
  context.quirks.noImages !== true && context.info?.images !== false;

export const textPart = (
  text: string,
  cacheControl: CacheControl | null | undefined,
  context: EncodeContext,
): ChatTextPart => {
  if (context.quirks.cacheControl !== true || typeof cacheControl !== "object" || cacheControl === null)
    return { type: "text", text };
  const { type, ttl } = cacheControl;
  return { type: "text", text, cache_control: ttl === undefined ? { type } : { type, ttl } };
};

/** An image by data URL or address. A file id means nothing to another provider. */
export const imagePart = (block: ImageBlock, context: EncodeContext): ChatPart => {
  const source = block.source;
  if (!takesImages(context))
    return textPart("[An image, left out: this model takes text only]", undefined, context);
  if (source.type === "base64")
    return {
      type: "image_url",
      image_url: { url: `data:${source.media_type ?? "image/png"};base64,${source.data ?? ""}` },
    };
  if (typeof source.url === "string") return { type: "image_url", image_url: { url: source.url } };
  return textPart("[An image that only its first provider can read]", undefined, context);
};

/** PDF as a file part, text documents as text with their title, others as a note. */
export const documentPart = (block: DocumentBlock, context: EncodeContext): ChatPart => {
  const source = block.source;
  const cache = block.cache_control;
  const title = typeof block.title === "string" && block.title !== "" ? block.title : undefined;
  const heading = title === undefined ? "" : `${title}\n`;
  const { files } = context.quirks;
  if (source.type === "base64" && files === "none")
    return textPart(`[${title ?? "A document"} (PDF), left out: this model takes no files]`, cache, context);
  if (source.type === "base64")
    return {
      type: "file",
      file: {
        filename: fileName(title),
        file_data: `data:${source.media_type ?? "application/pdf"};base64,${source.data ?? ""}`,
      },
    };
  if (source.type === "text") return textPart(heading + (source.data ?? ""), cache, context);
  if (source.type === "content") return textPart(heading + textOf(source.content), cache, context);
  if (typeof source.url === "string" && files === "address")
    return { type: "file", file: { filename: fileName(title), file_data: source.url } };
  if (typeof source.url === "string")
    return textPart(`[Document: ${title === undefined ? "" : `${title} `}${source.url}]`, cache, context);
  return textPart("[A document that only its first provider can read]", cache, context);
};

/** One part for a block of a user message, or undefined for what a chat message has no place for. */
export const userPart = (block: ContentBlock, context: EncodeContext): ChatPart | undefined => {
  switch (block.type) {
    case "text":
      return block.text === "" ? undefined : textPart(block.text, block.cache_control, context);
    case "image":
      return imagePart(block, context);
    case "document":
      return documentPart(block, context);
    case "thinking":
    case "redacted_thinking":
      return undefined;
    default: {
      const text = textOf(block);
      return text === "" ? undefined : textPart(text, undefined, context);
    }
  }
};

/**
 * Parts as they are sent. Text alone is sent as a string, as strict servers want it, and so that one block and a plain string, which the
 * client changes between turns, give the same bytes; with `cacheControl` always as parts, for the same reason.
 */
export const asContent = <Part extends ChatPart>(
  parts: readonly Part[],
  context: EncodeContext,
): string | Part[] => {
  if (context.quirks.cacheControl === true) return [...parts];
  const texts: string[] = [];
  for (const part of parts) {
    if (part.type !== "text") return [...parts];
    texts.push(part.text);
  }
  return texts.join(blockGap);
};
