/**
 * What images and documents cost. Images by their size on the screen: width × height / 750 after they are scaled down, at
 * most about 1,600 (platform.claude.com/docs, build-with-claude/vision). Never by their base64.
 */
import type { ContentBlock, DocumentBlock, ImageBlock, MessagesRequest } from "../../protocol/anthropic.ts";
import { Kept } from "../conversation/lasting.ts";
import { imageSize } from "./image-size.ts";

export const mostImageTokens = 1600;
/** Pixels that a token stands for. */
const pixelsPerToken = 750;
/** An image whose longer edge has more pixels is scaled down to so many. */
const longestEdge = 1568;
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
  const scale = Math.min(1, longestEdge / Math.max(size.width, size.height, 1));
  const tokens = Math.ceil((size.width * size.height * scale * scale) / pixelsPerToken);
  return Math.min(mostImageTokens, Math.max(1, tokens));
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

/** What a document or an image brings with it in the body that is no text: its base64. */
const base64Length = ({ source }: ImageBlock | DocumentBlock): number =>
  source?.type === "base64" && typeof source.data === "string" ? source.data.length : 0;

/**
 * The most tokens that a request of so many bytes can count, found without counting: a token of text is at least a byte of the
 * body, and media count by their size, not by their base64. (A number in exponent notation inside a tool's input is counted
 * as it is written out, and may be longer: nobody's context fills with those.)
 */
export const mostTokens = (request: MessagesRequest, rawBytes: number): number => {
  let most = rawBytes;
  for (const message of request.messages)
    most += beyondBytes.of(message, [], () => mediaBeyondBytes(message.content));
  return most;
};

/** Of messages that last: to count the pages of a PDF takes as long as to count a book. */
const beyondBytes = new Kept<number>();

/** Tokens of the media in a message, less the bytes of the body that they take. */
const mediaBeyondBytes = (content: string | ContentBlock[]): number => {
  let most = 0;
  const add = (content: string | ContentBlock[] | null | undefined): void => {
    if (!Array.isArray(content)) return;
    for (const block of content as readonly (ContentBlock | null)[]) {
      if (typeof block !== "object" || block === null) continue;
      if (block.type === "image") most += imageTokens(block) - base64Length(block);
      else if (block.type === "document" && block.source?.type === "content")
        add(block.source.content as ContentBlock[]);
      else if (block.type === "document" && block.source?.type !== "text")
        most += documentTokens(block) - base64Length(block);
      else if (block.type !== "text" && "content" in block) add(block.content);
    }
  };
  add(content);
  return most;
};
