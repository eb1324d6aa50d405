/** Blocks of the hub as parts of an input message. */
import type { ModelInfo, Quirks } from "../../../../config/types.ts";
import type { ContentBlock, DocumentBlock, ImageBlock } from "../../../../protocol/anthropic.ts";
import type { ResponsesInputPart, ResponsesInputText } from "../../../../protocol/openai-responses.ts";
import type { DialectContext } from "../../dialect.ts";
import type { ToolIdOwner } from "../../shared/tool-ids.ts";
import { fileName } from "../../shared/file-name.ts";
import { textOf } from "../../shared/text.ts";

/** Longest `call_id` and longest name of a function that OpenAI takes; quirks can lower the first. */
export const idLength = 64;
export const nameLength = 64;

/** What the encoders need to know of the provider and the model. */
export interface EncodeContext {
  readonly quirks: Readonly<Quirks>;
  readonly info: ModelInfo | undefined;
  /** The origin of what may be sent back. */
  readonly dialect: DialectContext;
  /** Whom tool ids are for. */
  readonly ids: ToolIdOwner;
}

export const encodeContext = (dialect: DialectContext): EncodeContext => {
  const { name, quirks } = dialect.provider;
  return {
    quirks,
    info: dialect.info,
    dialect,
    ids: { provider: { name, quirks: { toolIdLength: idLength, ...quirks } } },
  };
};

export const inputText = (text: string): ResponsesInputText => ({ type: "input_text", text });

/** An image by data URL or address. A file id means nothing to another provider. */
const imagePart = (block: ImageBlock, { quirks, info }: EncodeContext): ResponsesInputPart => {
  if (quirks.noImages === true || info?.images === false)
    return inputText("[An image, left out: this model takes text only]");
  const { type, media_type, data, url } = block.source;
  if (type === "base64")
    return { type: "input_image", image_url: `data:${media_type ?? "image/png"};base64,${data ?? ""}` };
  if (typeof url === "string") return { type: "input_image", image_url: url };
  return inputText("[An image that only its first provider can read]");
};

/** PDF as a file (a name is required with its data), text documents as text with their title, others as a note. */
const documentPart = (block: DocumentBlock): ResponsesInputPart => {
  const { type, media_type, data, url, content } = block.source;
  const title = typeof block.title === "string" && block.title !== "" ? block.title : undefined;
  const heading = title === undefined ? "" : `${title}\n`;
  if (type === "base64")
    return {
      type: "input_file",
      filename: fileName(title),
      file_data: `data:${media_type ?? "application/pdf"};base64,${data ?? ""}`,
    };
  if (type === "text") return inputText(heading + (data ?? ""));
  if (type === "content") return inputText(heading + textOf(content));
  if (typeof url === "string") return { type: "input_file", file_url: url };
  return inputText("[A document that only its first provider can read]");
};

/** One part for a block of a user's message or of a tool's result, or undefined for what has no place there. */
export const inputPart = (block: ContentBlock, context: EncodeContext): ResponsesInputPart | undefined => {
  switch (block.type) {
    case "image":
      return imagePart(block, context);
    case "document":
      return documentPart(block);
    case "thinking":
    case "redacted_thinking":
      return undefined;
    default: {
      const text = textOf(block);
      return text === "" ? undefined : inputText(text);
    }
  }
};
