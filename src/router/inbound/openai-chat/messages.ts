/** Chat messages as turns of the hub. */
import type { ContentBlock, TextBlock } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { uncarry } from "../shared/carried-reasoning.ts";
import { hubToolId, textBlocks, type Conversation } from "../shared/conversation.ts";
import { fileBlock, imageBlock } from "../shared/media.ts";
import { refuse, type Beyond } from "../shared/refusal.ts";
import { callInput, customInput } from "../shared/tools.ts";

/** @param at where the message stands, for what is said of it; @throws SwitchyardError request.malformed */
export const addMessage = (
  conversation: Conversation,
  message: unknown,
  at: string,
  beyond: Beyond,
): void => {
  if (!isJsonObject(message)) return refuse(`${at}: an object was expected`);
  switch (message["role"]) {
    case "system":
    case "developer":
      return conversation.system(onlyText(blocksOf(message["content"], at, beyond)));
    case "user":
      return conversation.user(blocksOf(message["content"], at, beyond));
    case "assistant":
      return conversation.assistant(assistantBlocks(message, at, beyond));
    case "tool": {
      const id = message["tool_call_id"];
      if (typeof id !== "string" || id === "")
        return refuse(`${at}.tool_call_id: the id of a call is missing`);
      return conversation.result(hubToolId(id), resultOf(message["content"], at, beyond));
    }
    case "function":
      beyond.unsupported.add(`${at}.role: function (use tool)`);
      return undefined;
    default:
      return refuse(
        `${at}.role: system, developer, user, assistant or tool was expected, found ${JSON.stringify(message["role"])}`,
      );
  }
};

const onlyText = (blocks: ContentBlock[]): TextBlock[] => blocks.filter((block) => block.type === "text");

/** A single text stays a string, as most results are. */
const resultOf = (content: unknown, at: string, beyond: Beyond): string | ContentBlock[] =>
  typeof content === "string" ? content : blocksOf(content, at, beyond);

/** Text, or a list of parts. */
const blocksOf = (content: unknown, at: string, beyond: Beyond): ContentBlock[] => {
  if (typeof content === "string") return textBlocks(content);
  if (content === null || content === undefined) return [];
  if (!Array.isArray(content)) return refuse(`${at}.content: text or a list of parts was expected`);
  const out: ContentBlock[] = [];
  for (const [i, part] of (content as unknown[]).entries()) {
    if (!isJsonObject(part)) return refuse(`${at}.content.${i}: a part with a type was expected`);
    const block = partBlock(part, `${at}.content.${i}`, beyond);
    if (block !== undefined) out.push(withMarker(block, part));
  }
  return out;
};

/** A cache marker on a part, as clients of OpenRouter's set it. */
const withMarker = (block: ContentBlock, part: JsonObject): ContentBlock =>
  isJsonObject(part["cache_control"])
    ? ({ ...block, cache_control: part["cache_control"] } as unknown as ContentBlock)
    : block;

const partBlock = (part: JsonObject, at: string, beyond: Beyond): ContentBlock | undefined => {
  switch (part["type"]) {
    case "text":
      return textBlocks(part["text"])[0];
    case "refusal":
      return textBlocks(part["refusal"])[0];
    case "image_url": {
      const image = part["image_url"];
      const url = isJsonObject(image) ? image["url"] : image;
      return (
        imageBlock(url) ?? refuse(`${at}.image_url.url: an http(s) address or a base64 data URL was expected`)
      );
    }
    case "file": {
      const file = isJsonObject(part["file"]) ? part["file"] : {};
      const block = fileBlock(file);
      if (block === undefined)
        beyond.unsupported.add(
          file["file_id"] === undefined ? `${at}: a file of this type` : `${at}.file.file_id`,
        );
      return block;
    }
    default:
      beyond.unsupported.add(`${at}: a part of type ${String(part["type"])}`);
      return undefined;
  }
};

const assistantBlocks = (message: JsonObject, at: string, beyond: Beyond): ContentBlock[] => {
  const out: ContentBlock[] = [
    ...thinkingBlocks(message),
    ...blocksOf(message["content"], at, beyond),
    ...textBlocks(message["refusal"]),
  ];
  const calls: unknown = message["tool_calls"];
  for (const [i, call] of (Array.isArray(calls) ? (calls as unknown[]) : []).entries())
    out.push(callBlock(call, `${at}.tool_calls.${i}`));
  return out;
};

const callBlock = (call: unknown, at: string): ContentBlock => {
  if (!isJsonObject(call) || typeof call["id"] !== "string" || call["id"] === "")
    return refuse(`${at}.id: the id of the call is missing`);
  const { custom, function: fn } = call;
  const callee = isJsonObject(custom) ? custom : fn;
  if (!isJsonObject(callee) || typeof callee["name"] !== "string")
    return refuse(`${at}.function.name: a name is missing`);
  const input = isJsonObject(custom) ? customInput(custom["input"]) : callInput(callee["arguments"]);
  return { type: "tool_use", id: hubToolId(call["id"]), name: callee["name"], input };
};

/**
 * Reasoning that the client sends back: signed where it kept `reasoning_details` of the router's, else as plain words, which go only to
 * providers that take them so.
 */
const thinkingBlocks = (message: JsonObject): ContentBlock[] => {
  const details: unknown = message["reasoning_details"];
  const list = Array.isArray(details) ? (details as unknown[]).filter(isJsonObject) : [];
  const ours = list
    .map((detail) => uncarry(detail["signature"], typeof detail["text"] === "string" ? detail["text"] : ""))
    .filter((block) => block !== undefined);
  if (ours.length > 0) return ours;
  const said = [message["reasoning_content"], message["reasoning"]].find(
    (text): text is string => typeof text === "string" && text.trim() !== "",
  );
  const words =
    said ?? list.map((detail) => (typeof detail["text"] === "string" ? detail["text"] : "")).join("");
  return words === "" ? [] : [{ type: "thinking", thinking: words }];
};
