/** Takes a request apart into the texts that are counted and the tokens that are known without counting. */
import type { ContentBlock, MessagesRequest } from "../../protocol/anthropic.ts";
import { documentTokens, imageTokens } from "./media.ts";

export interface Pieces {
  texts: string[];
  /** Tokens that need no tokenizer: media, and the frame of each message. */
  known: number;
}

/** What the frame of a message or a block costs, roughly. */
const frameTokens = 4;

export const piecesOf = (request: MessagesRequest): Pieces => {
  const pieces: Pieces = { texts: [], known: 0 };
  const { system } = request;
  if (typeof system === "string") pieces.texts.push(system);
  else addBlocks(pieces, system);
  for (const tool of request.tools ?? []) pieces.texts.push(JSON.stringify(tool));
  for (const message of request.messages) {
    pieces.known += frameTokens;
    if (typeof message.content === "string") pieces.texts.push(message.content);
    else addBlocks(pieces, message.content);
  }
  return pieces;
};

const addBlocks = (pieces: Pieces, blocks: readonly ContentBlock[] | null | undefined): void => {
  if (!Array.isArray(blocks)) return;
  for (const block of blocks as readonly ContentBlock[]) addBlock(pieces, block);
};

const addBlock = (pieces: Pieces, block: ContentBlock): void => {
  switch (block.type) {
    case "text":
      pieces.texts.push(block.text);
      return;
    case "thinking":
      pieces.texts.push(block.thinking);
      return;
    case "image":
      pieces.known += imageTokens(block);
      return;
    case "document":
      if (block.source?.type === "text" && typeof block.source.data === "string")
        pieces.texts.push(block.source.data);
      else if (block.source?.type === "content") pieces.texts.push(JSON.stringify(block.source.content));
      else pieces.known += documentTokens(block);
      return;
    case "tool_use":
    case "server_tool_use":
      pieces.known += frameTokens;
      pieces.texts.push(block.name, JSON.stringify(block.input));
      return;
    case "tool_result":
      pieces.known += frameTokens;
      if (typeof block.content === "string") pieces.texts.push(block.content);
      else addBlocks(pieces, block.content);
      return;
    case "redacted_thinking":
      return; // opaque: the provider counts what it stands for, nobody else can
    default:
      // A block of a type that is not known here: what it says is counted as text.
      pieces.texts.push(JSON.stringify(block));
  }
};
