/** Blocks of a user's message as parts. */
import type { ContentBlock, DocumentBlock, ImageBlock } from "../../../../protocol/anthropic.ts";
import type { GeminiPart } from "../../../../protocol/gemini.ts";
import { textOf } from "../../shared/text.ts";
import type { EncodeContext } from "./context.ts";

/** ai.google.dev/gemini-api/docs/image-understanding, supported formats: any other is answered with 400. */
const imageTypes = /^image\/(?:png|jpe?g|webp|heic|heif)$/i;

const text = (words: string): GeminiPart => ({ text: words });

const byEnding: Readonly<Record<string, string>> = {
  png: "image/png",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  txt: "text/plain",
};

/** An address that Google fetches itself. It asks for the type, which only the ending of the address tells. */
const filePart = (url: string, usual: string): GeminiPart => {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? "";
  return { fileData: { fileUri: url, mimeType: byEnding[ending] ?? usual } };
};

export const imagePart = (block: ImageBlock, context: EncodeContext): GeminiPart => {
  const { quirks } = context.dialect.provider;
  if (quirks.noImages === true || context.dialect.info?.images === false)
    return text("[An image, left out: this model takes text only]");
  const { source } = block;
  if (source.type === "base64") {
    const mimeType = source.media_type ?? "image/png";
    if (!imageTypes.test(mimeType))
      return text(`[An image of the type ${mimeType}, left out: this model does not take it]`);
    return { inlineData: { mimeType, data: source.data ?? "" } };
  }
  if (typeof source.url === "string") return filePart(source.url, "image/jpeg");
  return text("[An image that only its first provider can read]");
};

/** PDF as a file, text documents as text under their title, others as a note. */
export const documentPart = (block: DocumentBlock): GeminiPart => {
  const { source } = block;
  const heading = typeof block.title === "string" && block.title !== "" ? `${block.title}\n` : "";
  if (source.type === "base64")
    return { inlineData: { mimeType: source.media_type ?? "application/pdf", data: source.data ?? "" } };
  if (source.type === "text") return text(heading + (source.data ?? ""));
  if (source.type === "content") return text(heading + textOf(source.content));
  if (typeof source.url === "string") return filePart(source.url, "application/pdf");
  return text("[A document that only its first provider can read]");
};

/** Undefined for what has no place there, and for empty text, which is refused. */
export const userPart = (block: ContentBlock, context: EncodeContext): GeminiPart | undefined => {
  switch (block.type) {
    case "image":
      return imagePart(block, context);
    case "document":
      return documentPart(block);
    case "thinking":
    case "redacted_thinking":
      return undefined;
    default: {
      const words = textOf(block);
      return words === "" ? undefined : text(words);
    }
  }
};
