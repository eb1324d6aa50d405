/** What a client makes of an Anthropic stream: written without code of the router. */
import { type Frame, framesOf } from "./validate-anthropic-stream.ts";

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const text = (value: unknown): string => (typeof value === "string" ? value : "");

export interface Block {
  index: unknown;
  type: string;
  id?: unknown;
  name?: unknown;
  text: string;
  thinking: string;
  signature: string;
  /** Joined `partial_json`, as it came. */
  json: string;
  /** The parsed arguments, `{}` where there are none. */
  input: unknown;
  /** The block as it started: all of it for blocks that come whole. */
  start: Fields;
}

export interface Accumulated {
  frames: Frame[];
  /** Without pings. */
  types: string[];
  message: Fields | undefined;
  blocks: Block[];
  text: string;
  thinking: string;
  tools: { id: string; name: string; input: unknown }[];
  stopReason: unknown;
  stopSequence: unknown;
  /** That of message_start with that of message_delta over it. */
  usage: Fields;
  error: { type: string; message: string } | undefined;
}

const parsed = (json: string): unknown => {
  try {
    return json === "" ? {} : (JSON.parse(json) as unknown);
  } catch {
    return undefined;
  }
};

const applyDelta = (block: Block | undefined, delta: Fields): void => {
  if (block === undefined) return;
  block.text += text(delta["text"]);
  block.thinking += text(delta["thinking"]);
  block.signature += text(delta["signature"]);
  block.json += text(delta["partial_json"]);
};

export const accumulateFrames = (frames: Frame[]): Accumulated => {
  const blocks: Block[] = [];
  const out: Accumulated = {
    frames,
    types: [],
    message: undefined,
    blocks,
    text: "",
    thinking: "",
    tools: [],
    stopReason: undefined,
    stopSequence: undefined,
    usage: {},
    error: undefined,
  };
  for (const { event, data } of frames) {
    if (event !== "ping") out.types.push(event);
    const delta = fields(data["delta"]);
    if (event === "message_start") {
      out.message = fields(data["message"]);
      out.usage = { ...fields(out.message["usage"]) };
    } else if (event === "content_block_start") {
      const start = fields(data["content_block"]);
      const { type, id, name } = start;
      blocks.push({
        index: data["index"],
        type: text(type),
        id,
        name,
        text: "",
        thinking: "",
        signature: "",
        json: "",
        input: {},
        start,
      });
    } else if (event === "content_block_delta")
      applyDelta(
        blocks.find((block) => block.index === data["index"]),
        delta,
      );
    else if (event === "message_delta") {
      out.stopReason = delta["stop_reason"];
      out.stopSequence = delta["stop_sequence"];
      Object.assign(out.usage, fields(data["usage"]));
    } else if (event === "error") {
      const { type, message } = fields(data["error"]);
      out.error = { type: text(type), message: text(message) };
    }
  }
  for (const block of blocks) {
    block.input = block.json === "" ? (block.start["input"] ?? {}) : parsed(block.json);
    out.text += block.text;
    out.thinking += block.thinking;
    if (block.type === "tool_use")
      out.tools.push({ id: text(block.id), name: text(block.name), input: block.input });
  }
  return out;
};

export const accumulate = (sse: string): Accumulated => accumulateFrames(framesOf(sse));
