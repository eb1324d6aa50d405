/** Takes a request apart into the texts that are counted and the tokens that are known without counting. */
import type { ContentBlock, DocumentBlock, ImageBlock, MessagesRequest } from "../../protocol/anthropic.ts";
import { documentTokens, imageTokens } from "./media.ts";

export interface Pieces {
  texts: string[];
  /** Tokens that need no tokenizer: media, and the frame of each message. */
  known: number;
}

/** Text that is counted, or nothing where a client left the field out. */
const addText = (pieces: Pieces, text: unknown): void => {
  if (typeof text === "string" && text !== "") pieces.texts.push(text);
};

/** Fields that are opaque to everybody but the provider: what they stand for is not their base64. */
const opaque = new Set(["signature", "encrypted_content", "encrypted_index", "encrypted_stdout"]);

/** A value as the text of its JSON; media inside are counted as media. */
const addJson = (pieces: Pieces, value: unknown): void =>
  addText(
    pieces,
    JSON.stringify(value, (name, inner: unknown) => {
      if (opaque.has(name)) return undefined;
      if (!isMedia(inner)) return inner;
      addBlock(pieces, inner);
      return undefined;
    }),
  );

const isMedia = (value: unknown): value is ImageBlock | DocumentBlock =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  (value.type === "image" || value.type === "document") &&
  "source" in value;

/** What the frame of a message or a block costs, roughly. */
const frameTokens = 4;

/** The parts of a request, each of which is counted by itself, with what it is made of where that may last (a message, a tool). */
export const partsOf = function* (
  request: MessagesRequest,
): Generator<{ readonly of: object | undefined; readonly pieces: () => Pieces }> {
  const { system } = request;
  yield { of: undefined, pieces: () => piecesOf((into) => addContent(into, system)) };
  for (const tool of request.tools ?? [])
    yield { of: tool, pieces: () => piecesOf((into) => addText(into, JSON.stringify(tool))) };
  for (const message of request.messages)
    yield {
      of: message,
      pieces: () =>
        piecesOf((into) => {
          into.known += frameTokens;
          addContent(into, message.content);
        }),
    };
};

const piecesOf = (add: (into: Pieces) => void): Pieces => {
  const pieces: Pieces = { texts: [], known: 0 };
  add(pieces);
  return pieces;
};

const addContent = (pieces: Pieces, content: string | readonly ContentBlock[] | null | undefined): void => {
  if (typeof content === "string") addText(pieces, content);
  else addBlocks(pieces, content);
};

const addBlocks = (pieces: Pieces, blocks: readonly ContentBlock[] | null | undefined): void => {
  if (!Array.isArray(blocks)) return;
  for (const block of blocks as readonly ContentBlock[]) addBlock(pieces, block);
};

const addBlock = (pieces: Pieces, block: ContentBlock): void => {
  switch (block.type) {
    case "text":
      addText(pieces, block.text);
      return;
    case "thinking":
      addText(pieces, block.thinking);
      return;
    case "image":
      pieces.known += imageTokens(block);
      return;
    case "document":
      addText(pieces, block.title);
      addText(pieces, block.context);
      if (block.source?.type === "text") addText(pieces, block.source.data);
      else if (block.source?.type === "content") addJson(pieces, block.source.content);
      else pieces.known += documentTokens(block);
      return;
    case "tool_use":
    case "server_tool_use":
      pieces.known += frameTokens;
      addText(pieces, block.name);
      addText(pieces, JSON.stringify(block.input));
      return;
    case "tool_result":
      pieces.known += frameTokens;
      if (typeof block.content === "string") addText(pieces, block.content);
      else addBlocks(pieces, block.content);
      return;
    case "redacted_thinking":
      return; // opaque: the provider counts what it stands for, nobody else can
    default:
      // A block of a type that is not known here: what it says is counted as text.
      addJson(pieces, block);
  }
};
