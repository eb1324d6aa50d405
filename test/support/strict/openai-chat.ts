/** Chat completion requests (developers.openai.com: api reference, chat; error messages of the API). */
import { type Fields, fieldsOf, Judge, listOf, type StrictOptions, text } from "./judge.ts";
import { judgeFunctionSchema } from "./openai-schema.ts";

const topFields = new Set([
  "model",
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "stop",
  "stream",
  "stream_options",
  "response_format",
  "reasoning_effort",
  "user",
]);

const messageFields: Readonly<Record<string, readonly string[]>> = {
  system: ["content", "name"],
  user: ["content", "name"],
  assistant: ["content", "name", "refusal", "tool_calls"],
  tool: ["content", "tool_call_id"],
};

const parts: Readonly<Record<string, readonly string[]>> = {
  system: ["text"],
  user: ["text", "image_url", "file", "input_audio"],
  assistant: ["text", "refusal"],
  tool: ["text"],
};

export const strictChat = (body: unknown, options: StrictOptions): string[] => {
  const judge = new Judge();
  const request = fieldsOf(body);
  for (const name of Object.keys(request))
    if (!topFields.has(name) && options.topFields?.includes(name) !== true)
      judge.say(`Unrecognized request argument supplied: ${name}`);
  const messages = listOf(request["messages"]);
  if (messages.length === 0) judge.say("[] is too short - 'messages'");
  for (const [i, message] of messages.entries()) judgeMessage(judge, message, `messages[${i}]`, options);
  judgePairs(judge, messages);
  if (options.rolesInOrder === true) judgeOrder(judge, messages);
  judgeTools(judge, request);
  const user = text(request["user"]);
  if (user.length > 64)
    judge.say("Invalid 'user': string too long. Expected a string with maximum length 64");
  if (request["stream_options"] !== undefined && request["stream"] !== true)
    judge.say("The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  return judge.problems;
};

const judgeMessage = (judge: Judge, message: Fields, where: string, options: StrictOptions): void => {
  const role = text(message["role"]);
  const names = messageFields[role];
  if (names === undefined) return judge.say(`Invalid value: '${role}' - '${where}.role'`);
  judge.known(where, message, ["role", ...names, ...(options.messageFields ?? [])]);
  const { content } = message;
  const calls = listOf(message["tool_calls"]);
  if (content === null && (role !== "assistant" || calls.length === 0))
    judge.say(`Invalid value for 'content': expected a string, got null - '${where}.content'`);
  if (Array.isArray(content) && content.length === 0) judge.say(`Invalid '${where}.content': empty array`);
  if (Array.isArray(message["tool_calls"]) && calls.length === 0)
    judge.say(`Invalid '${where}.tool_calls': empty array`);
  for (const part of listOf(content)) {
    if (parts[role]?.includes(text(part["type"])) !== true)
      judge.say(`Invalid value: '${text(part["type"])}' - '${where}.content'`);
    if (part["type"] === "text" && part["text"] === "")
      judge.say(`${where}: text content blocks must be non-empty`);
  }
  for (const call of calls) {
    judge.known(`${where}.tool_calls`, call, ["id", "type", "function", ...(options.messageFields ?? [])]);
    const longest = options.toolIdLength ?? 40;
    if (text(call["id"]).length > longest)
      judge.say(
        `Invalid '${where}.tool_calls[0].id': string too long. Expected a string with maximum length ${longest}`,
      );
    const signature = fieldsOf(fieldsOf(call["extra_content"])["google"])["thought_signature"];
    if (typeof signature === "string" && !isPlaceholder(signature) && !options.issued.has(signature))
      judge.say(`${where}: Thought signature is not valid`);
    try {
      JSON.parse(text(fieldsOf(call["function"])["arguments"]));
    } catch {
      judge.say(`${where}.tool_calls: arguments are not JSON`);
    }
  }
  if (options.reasoningWithCalls === true && calls.length > 0 && text(message["reasoning_content"]) === "")
    judge.say(`${where}: Missing \`reasoning_content\` field in the assistant message`);
  for (const detail of listOf(message["reasoning_details"]))
    for (const name of ["signature", "data"])
      if (typeof detail[name] === "string" && !options.issued.has(detail[name]))
        judge.say(`${where}: Invalid \`${name}\` in \`thinking\` block`);
  return undefined;
};

/** Documented for calls that another model made (ai.google.dev, thought signatures, FAQ). */
const isPlaceholder = (signature: string): boolean =>
  ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"].includes(signature);

/** Mistral's words; after the user and the system anyone but `tool` may speak. */
const judgeOrder = (judge: Judge, messages: readonly Fields[]): void => {
  const refused: Readonly<Record<string, readonly string[]>> = {
    tool: ["user", "system"],
    assistant: ["system"],
  };
  for (const [i, message] of messages.entries()) {
    const before = text(messages[i - 1]?.["role"]);
    if (refused[before]?.includes(text(message["role"])) === true)
      judge.say(`Unexpected role '${text(message["role"])}' after role '${before}'`);
  }
};

const judgePairs = (judge: Judge, messages: readonly Fields[]): void => {
  let open = new Set<string>();
  for (const [i, message] of messages.entries()) {
    if (message["role"] === "tool") {
      const id = text(message["tool_call_id"]);
      if (!open.delete(id))
        judge.say(
          `messages with role 'tool' must be a response to a preceeding message with 'tool_calls'. messages[${i}] (${id})`,
        );
      continue;
    }
    if (open.size > 0)
      judge.say(
        `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${[...open].join(", ")}`,
      );
    open = new Set(listOf(message["tool_calls"]).map((call) => text(call["id"])));
  }
  if (open.size > 0) judge.say(`tool calls without a result at the end: ${[...open].join(", ")}`);
};

const judgeTools = (judge: Judge, request: Fields): void => {
  const tools = listOf(request["tools"]);
  if (Array.isArray(request["tools"]) && tools.length === 0) judge.say("[] is too short - 'tools'");
  if (tools.length === 0 && request["tool_choice"] !== undefined)
    judge.say("'tool_choice' is only allowed when 'tools' are specified");
  if (tools.length === 0 && request["parallel_tool_calls"] !== undefined)
    judge.say("'parallel_tool_calls' is only allowed when 'tools' are specified");
  const functions = tools.map((tool) => fieldsOf(tool["function"]));
  judge.toolNames(
    functions.map((fn) => text(fn["name"])),
    64,
  );
  for (const fn of functions) {
    judgeFunctionSchema(judge, fn);
    if (fn["strict"] === true) judgeStrictSchema(judge, fn["parameters"], text(fn["name"]));
  }
};

/** developers.openai.com, structured outputs, supported schemas. */
const judgeStrictSchema = (judge: Judge, value: unknown, name: string): void => {
  const schema = fieldsOf(value);
  const wrong = (words: string): void => judge.say(`Invalid schema for function '${name}': ${words}`);
  if (Object.keys(schema).length === 0) return wrong("schema must have a 'type' key");
  if (schema["properties"] !== undefined || schema["type"] === "object") {
    const properties = fieldsOf(schema["properties"]);
    const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
    if (schema["additionalProperties"] !== false)
      wrong("'additionalProperties' is required to be supplied and to be false");
    for (const key of Object.keys(properties))
      if (!required.includes(key))
        wrong(`'required' is required to be an array including every key in properties. Missing '${key}'`);
    for (const inner of Object.values(properties)) judgeStrictSchema(judge, inner, name);
  }
  for (const keyword of ["allOf", "not", "if", "then", "else", "patternProperties", "oneOf", "default"])
    if (keyword in schema) wrong(`'${keyword}' is not permitted`);
  for (const inner of listOf(schema["anyOf"])) judgeStrictSchema(judge, inner, name);
  for (const inner of Object.values(fieldsOf(schema["$defs"]))) judgeStrictSchema(judge, inner, name);
  if (schema["items"] !== undefined) judgeStrictSchema(judge, schema["items"], name);
  return undefined;
};
