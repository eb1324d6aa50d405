/**
 * What images and documents cost. Images by their size on the screen: width × height / 750 after they are scaled down, at
 * most about 1,600 (platform.claude.com/docs, build-with-claude/vision). Never by their base64.
 */
import type { ContentBlock, DocumentBlock, ImageBlock, MessagesRequest } from "../../protocol/anthropic.ts";
import { imageSize } from "./image-size.ts";

export const mostImageTokens = 1600;
/** Pixels that a token stands for. */
const pixelsPerToken = 750;
/** A page of a PDF as text and picture (1,500 to 3,000 by the documents). */
const tokensPerPage = 2000;
/** A document that is named by URL or file id: its size is unknown. */
const unknownDocumentPages = 5;
/** Bytes of a PDF for a page, where its pages cannot be counted. */
const bytesPerPage = 50_000;
/** Most pages that a request may have, by the documents. */
const mostPages = 600;

export const imageTokens = (block: ImageBlock): number => {
  const { source } = block;
  if (source?.type !== "base64" || typeof source.data !== "string") return mostImageTokens;
  const size = imageSize(source.data);
  if (size === undefined) return mostImageTokens;
  return Math.min(mostImageTokens, Math.max(1, Math.ceil((size.width * size.height) / pixelsPerToken)));
};

/** @returns tokens of a document that is not plain text; plain text is counted as text */
export const documentTokens = (block: DocumentBlock): number => {
  const { source } = block;
  if (source?.type !== "base64" || typeof source.data !== "string")
    return unknownDocumentPages * tokensPerPage;
  const bytes = Buffer.from(source.data, "base64");
  const marked = bytes.toString("latin1").match(/\/Type\s*\/Page(?![a-z])/g)?.length;
  const pages = marked ?? Math.ceil(bytes.length / bytesPerPage);
  return Math.min(mostPages, Math.max(1, pages)) * tokensPerPage;
};

/** An upper bound of what media add beyond the bytes of the body, without looking into them. */
export const mostTokensOfMedia = (request: MessagesRequest): number => {
  const of = (content: string | ContentBlock[] | null | undefined): number => {
    if (!Array.isArray(content)) return 0;
    let most = 0;
    for (const block of content) {
      if (block.type === "image") most += mostImageTokens;
      else if (block.type === "document") most += documentTokens(block);
      else if (block.type === "tool_result") most += of(block.content);
    }
    return most;
  };
  return request.messages.reduce((sum, message) => sum + of(message.content), 0);
};
