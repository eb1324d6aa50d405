/** Items of a Responses request as turns of the hub. */
import type { ContentBlock, TextBlock } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { uncarry } from "../shared/carried-reasoning.ts";
import { hubToolId, textBlocks, type Conversation } from "../shared/conversation.ts";
import { fileBlock, imageBlock } from "../shared/media.ts";
import { refuse, type Beyond } from "../shared/refusal.ts";
import { callInput, customInput, hubToolName } from "../shared/tools.ts";

/** @param at where the item stands, for what is said of it; @throws SwitchyardError request.malformed */
export const addItem = (conversation: Conversation, item: unknown, at: string, beyond: Beyond): void => {
  if (!isJsonObject(item)) return refuse(`${at}: an item was expected`);
  const type = item["type"] ?? (item["role"] === undefined ? undefined : "message");
  switch (type) {
    case "message":
      return addMessage(conversation, item, at, beyond);
    case "function_call":
    case "custom_tool_call":
      return conversation.assistant([callBlock(item, at)]);
    case "function_call_output":
    case "custom_tool_call_output":
      return addOutput(conversation, item, at, beyond);
    case "reasoning":
      return conversation.assistant(thinkingBlocks(item));
    case "item_reference":
      beyond.unsupported.add(`${at}: item_reference (nothing is stored here: send the item itself)`);
      return undefined;
    case undefined:
      return refuse(`${at}.type: a type is missing`);
    default:
      // Calls of hosted tools (their results are in the answer's text), compacted history of OpenAI's own: of no use to others.
      beyond.ignored.add(`item ${typeof type === "string" ? type : "of no known type"}`);
      return undefined;
  }
};

const addMessage = (conversation: Conversation, item: JsonObject, at: string, beyond: Beyond): void => {
  const blocks = blocksOf(item["content"], `${at}.content`, beyond);
  switch (item["role"]) {
    case "system":
    case "developer":
      return conversation.system(blocks.filter((block): block is TextBlock => block.type === "text"));
    case "user":
      return conversation.user(blocks);
    case "assistant":
      return conversation.assistant(blocks);
    default:
      return refuse(
        `${at}.role: system, developer, user or assistant was expected, found ${JSON.stringify(item["role"])}`,
      );
  }
};

const callId = (item: JsonObject, at: string): string => {
  const id = item["call_id"] ?? item["id"];
  if (typeof id !== "string" || id === "") return refuse(`${at}.call_id: the id of a call is missing`);
  return hubToolId(id);
};

const callBlock = (item: JsonObject, at: string): ContentBlock => {
  const { name } = item;
  if (typeof name !== "string" || name === "") return refuse(`${at}.name: the name of a tool is missing`);
  const custom = item["type"] === "custom_tool_call";
  return {
    type: "tool_use",
    id: callId(item, at),
    name: hubToolName(name, item["namespace"]),
    input: custom ? customInput(item["input"]) : callInput(item["arguments"]),
  };
};

/** A single text stays a string, as most results are. */
const addOutput = (conversation: Conversation, item: JsonObject, at: string, beyond: Beyond): void => {
  const { output } = item;
  const content =
    typeof output === "string"
      ? output
      : isJsonObject(output)
        ? JSON.stringify(output)
        : blocksOf(output, `${at}.output`, beyond);
  conversation.result(callId(item, at), content);
};

const blocksOf = (content: unknown, at: string, beyond: Beyond): ContentBlock[] => {
  if (typeof content === "string") return textBlocks(content);
  if (content === null || content === undefined) return [];
  if (!Array.isArray(content)) return refuse(`${at}: text or a list of parts was expected`);
  const out: ContentBlock[] = [];
  for (const [i, part] of (content as unknown[]).entries()) {
    if (!isJsonObject(part)) return refuse(`${at}.${i}: a part with a type was expected`);
    const block = partBlock(part, `${at}.${i}`, beyond);
    if (block !== undefined) out.push(block);
  }
  return out;
};

const partBlock = (part: JsonObject, at: string, beyond: Beyond): ContentBlock | undefined => {
  switch (part["type"]) {
    case "input_text":
    case "output_text":
    case "text":
      return textBlocks(part["text"])[0];
    case "refusal":
      return textBlocks(part["refusal"])[0];
    case "input_image": {
      if (typeof part["file_id"] === "string") {
        beyond.unsupported.add(`${at}.file_id`);
        return undefined;
      }
      const image = imageBlock(part["image_url"]);
      return image ?? refuse(`${at}.image_url: an http(s) address or a base64 data URL was expected`);
    }
    case "input_file": {
      const block = fileBlock(part);
      if (block === undefined)
        beyond.unsupported.add(
          part["file_id"] === undefined ? `${at}: a file of this type` : `${at}.file_id`,
        );
      return block;
    }
    default:
      beyond.unsupported.add(`${at}: a part of type ${String(part["type"])}`);
      return undefined;
  }
};

/** Only reasoning that the router gave out can go back: another's means nothing outside of the provider that made it. */
const thinkingBlocks = (item: JsonObject): ContentBlock[] => {
  const parts: unknown = item["summary"];
  const summary = (Array.isArray(parts) ? (parts as unknown[]) : [])
    .map((part) => (isJsonObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
  const block = uncarry(item["encrypted_content"], summary);
  return block === undefined ? [] : [block];
};
