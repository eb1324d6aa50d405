/**
 * Checks the shape of a Messages request: what every dialect relies on, and no more. Unknown fields, block types and roles of
 * a newer client pass.
 */
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import { isLasting } from "../conversation/lasting.ts";

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const refuse = (detail: string): never => {
  throw new SwitchyardError("request.malformed", { detail, hint: "" });
};

/** Parses a body. @throws SwitchyardError request.malformed, with what was wrong and where */
export const parseBody = (raw: Buffer | undefined): unknown => {
  if (raw === undefined || raw.length === 0) return refuse("the body is empty");
  try {
    return JSON.parse(raw.toString("utf8")) as unknown;
  } catch (error) {
    return refuse(`it is not JSON (${messageOf(error).slice(0, 120)})`);
  }
};

/** @throws SwitchyardError request.malformed */
export const validateMessagesRequest = (
  body: unknown,
  options: { counting?: boolean } = {},
): MessagesRequest => {
  if (!isJsonObject(body)) return refuse("a JSON object was expected");
  if (!isText(body["model"])) refuse("model: a model id is missing");
  const { messages, max_tokens: maxTokens, system, tools } = body;
  if (!Array.isArray(messages)) return refuse("messages: an array is missing");
  if (messages.length === 0) refuse("messages: at least one message is needed");
  if (
    maxTokens !== undefined &&
    !(typeof maxTokens === "number" && Number.isInteger(maxTokens) && maxTokens >= 0)
  ) {
    refuse(`max_tokens: a whole number was expected, found ${JSON.stringify(maxTokens)}`);
  }
  if (maxTokens === undefined && options.counting !== true) refuse("max_tokens: a number is missing");
  if (body["stream"] !== undefined && typeof body["stream"] !== "boolean")
    refuse("stream: true or false was expected");
  if (system !== undefined && system !== null && typeof system !== "string") checkBlocks(system, "system");
  if (tools !== undefined && tools !== null) checkTools(tools);
  // What lasts was looked at the turn before.
  for (const [i, message] of (messages as unknown[]).entries())
    if (!isChecked(message)) checkMessage(message, `messages.${i}`);
  return body as unknown as MessagesRequest;
};

const isChecked = (value: unknown): boolean => isJsonObject(value) && isLasting(value);

const checkTools = (tools: unknown): void => {
  if (!Array.isArray(tools)) return refuse("tools: an array was expected");
  for (const [i, tool] of tools.entries()) {
    if (!isJsonObject(tool) || !(isText(tool["name"]) || isText(tool["type"])))
      refuse(`tools.${i}: a name is missing`);
  }
};

const checkMessage = (message: unknown, at: string): void => {
  if (!isJsonObject(message)) return refuse(`${at}: an object was expected`);
  if (!["user", "assistant", "system"].includes(message["role"] as string)) {
    refuse(`${at}.role: user, assistant or system was expected, found ${JSON.stringify(message["role"])}`);
  }
  if (typeof message["content"] !== "string") checkBlocks(message["content"], `${at}.content`);
};

const checkBlocks = (content: unknown, at: string): void => {
  if (!Array.isArray(content)) return refuse(`${at}: text or an array of blocks was expected`);
  for (const [i, block] of content.entries()) checkBlock(block, `${at}.${i}`);
};

const checkBlock = (block: unknown, at: string): void => {
  if (!isJsonObject(block) || !isText(block["type"]))
    return refuse(`${at}: a block with a type was expected`);
  const need = (field: string, fits: (value: unknown) => boolean): void => {
    if (!fits(block[field]))
      refuse(`${at}.${field}: missing, or of the wrong type, in a block of type ${String(block["type"])}`);
  };
  switch (block["type"]) {
    case "text":
      return need("text", (v) => typeof v === "string");
    case "image":
    case "document":
      return need("source", isJsonObject);
    case "thinking":
      return need("thinking", (v) => typeof v === "string");
    case "tool_use":
      need("id", isText);
      need("name", isText);
      return need("input", isJsonObject);
    case "tool_result":
      need("tool_use_id", isText);
      if (
        block["content"] !== undefined &&
        typeof block["content"] !== "string" &&
        block["content"] !== null
      ) {
        checkBlocks(block["content"], `${at}.content`);
      }
      return undefined;
    default:
      return undefined;
  }
};
