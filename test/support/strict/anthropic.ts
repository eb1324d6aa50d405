/** Requests of Anthropic's form (platform.claude.com/docs: messages, extended thinking, tool use, prompt caching, errors). */
import { type Fields, fieldsOf, Judge, listOf, type StrictOptions, text } from "./judge.ts";

const topFields = [
  "model",
  "messages",
  "max_tokens",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "metadata",
  "stop_sequences",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "service_tier",
];

const blockFields: Readonly<Record<string, readonly string[]>> = {
  text: ["text", "citations", "cache_control"],
  image: ["source", "cache_control"],
  document: ["source", "title", "context", "citations", "cache_control"],
  thinking: ["thinking", "signature"],
  redacted_thinking: ["data"],
  tool_use: ["id", "name", "input", "cache_control", "caller"],
  tool_result: ["tool_use_id", "content", "is_error", "cache_control"],
  tool_reference: ["tool_name", "cache_control"],
  server_tool_use: ["id", "name", "input", "cache_control", "caller"],
  web_search_tool_result: ["tool_use_id", "content", "cache_control", "caller"],
  web_fetch_tool_result: ["tool_use_id", "content", "cache_control", "caller"],
  bash_code_execution_tool_result: ["tool_use_id", "content", "cache_control", "caller"],
  container_upload: ["file_id", "cache_control"],
  fallback: ["from", "to", "cache_control"],
  search_result: ["source", "title", "content", "citations", "cache_control"],
};

export const strictAnthropic = (body: unknown, options: StrictOptions): string[] => {
  const judge = new Judge();
  const request = fieldsOf(body);
  judge.known("body", request, [...topFields, ...(options.topFields ?? [])]);
  const messages = listOf(request["messages"]);
  if (messages[0]?.["role"] !== "user") judge.say("messages: first message must use the user role");
  for (const [i, message] of messages.entries())
    judgeMessage(judge, message, `messages.${i}`, i === messages.length - 1, options);
  const continued = fieldsOf(request["thread"])["type"] === "continue";
  for (const field of continued ? ["system", "tools"] : [])
    if (field in request) judge.say(`${field}: may not be sent with thread.type continue`);
  judgePairs(
    judge,
    messages.filter((message) => message["role"] !== "system"),
    options,
    continued,
  );
  judgeThinking(judge, request, messages, options);
  judgeMarkers(judge, request, messages);
  const tools = listOf(request["tools"]);
  judge.toolNames(
    tools.map((tool) => text(tool["name"])),
    128,
  );
  for (const [i, tool] of tools.entries())
    if (tool["type"] === undefined && fieldsOf(tool["input_schema"])["type"] !== "object")
      judge.say(`tools.${i}.custom.input_schema.type: Field required`);
  if (request["tool_choice"] !== undefined && tools.length === 0)
    judge.say("tool_choice: may only be specified while providing tools");
  return judge.problems;
};

const judgeMessage = (
  judge: Judge,
  message: Fields,
  where: string,
  last: boolean,
  options: StrictOptions,
): void => {
  judge.known(where, message, ["role", "content", ...(options.messageFields ?? [])]);
  const { role, content } = message;
  if (role !== "user" && role !== "assistant" && !(role === "system" && options.systemInside === true))
    judge.say(`${where}.role: Input should be 'user' or 'assistant'`);
  const isEmpty = content === "" || (Array.isArray(content) && content.length === 0);
  // Today's client sends system messages with nothing but settings.
  if (isEmpty && role !== "system" && !(last && role === "assistant"))
    judge.say(`${where}: all messages must have non-empty content`);
  for (const [i, block] of listOf(content).entries())
    judgeBlock(judge, block, `${where}.content.${i}`, options);
};

const judgeBlock = (judge: Judge, block: Fields, where: string, options: StrictOptions): void => {
  const type = text(block["type"]);
  const names = blockFields[type];
  if (names === undefined)
    return judge.say(`${where}: Input tag '${type}' found using 'type' does not match`);
  judge.known(where, block, ["type", ...names]);
  if (type === "text" && block["text"] === "") judge.say(`${where}: text content blocks must be non-empty`);
  if (type === "thinking") {
    if (typeof block["signature"] !== "string") judge.say(`${where}.thinking.signature: Field required`);
    else if (!options.issued.has(block["signature"]) && options.thinkingEverywhere !== true)
      judge.say(`${where}: Invalid \`signature\` in \`thinking\` block`);
  }
  if (type === "redacted_thinking" && !options.issued.has(text(block["data"])))
    judge.say(`${where}: Invalid \`data\` in \`redacted_thinking\` block`);
  if (type === "tool_use" && options.anyToolId !== true && !/^[a-zA-Z0-9_-]+$/.test(text(block["id"])))
    judge.say(`${where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  for (const [i, inner] of listOf(block["type"] === "tool_result" ? block["content"] : []).entries())
    judgeBlock(judge, inner, `${where}.content.${i}`, options);
  return undefined;
};

/**
 * Each call is answered at the start of the very next message, and each result has its call there.
 * @param continued the server itself holds what was before the first message
 */
const judgePairs = (
  judge: Judge,
  messages: readonly Fields[],
  options: StrictOptions,
  continued: boolean,
): void => {
  const seen = new Set<string>();
  for (const [i, message] of messages.entries()) {
    const blocks = listOf(message["content"]);
    const calls = blocks.filter((block) => block["type"] === "tool_use").map((block) => text(block["id"]));
    for (const id of calls) {
      if (seen.has(id) && options.anyToolId !== true)
        judge.say(`messages.${i}: \`tool_use\` ids must be unique: ${id}`);
      seen.add(id);
    }
    const next = listOf(messages[i + 1]?.["content"]);
    const results = (blocks: readonly Fields[]): Fields[] =>
      blocks.filter((block) => block["type"] === "tool_result");
    const answered = new Set(results(next).map((block) => text(block["tool_use_id"])));
    const missing = calls.filter((id) => !answered.has(id));
    if (missing.length > 0 && i + 1 < messages.length)
      judge.say(
        `messages.${i}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(", ")}`,
      );
    const before = new Set(listOf(messages[i - 1]?.["content"]).map((block) => block["id"]));
    for (const result of results(blocks))
      if (!before.has(result["tool_use_id"]) && !(continued && i === 0))
        judge.say(
          `messages.${i}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${text(result["tool_use_id"])}`,
        );
    if (results(blocks).length > 0 && blocks[0]?.["type"] !== "tool_result")
      judge.say(`messages.${i}: \`tool_result\` blocks must come first`);
  }
};

const judgeThinking = (
  judge: Judge,
  request: Fields,
  messages: readonly Fields[],
  options: StrictOptions,
): void => {
  const thinking = fieldsOf(request["thinking"]);
  const budget = thinking["budget_tokens"];
  if (typeof budget === "number" && (budget < 1024 || budget >= Number(request["max_tokens"])))
    judge.say("`max_tokens` must be greater than `thinking.budget_tokens`");
  const answers = messages.filter((message) => message["role"] === "assistant");
  const firstType = (message: Fields | undefined): unknown => listOf(message?.["content"])[0]?.["type"];
  const thinks = (message: Fields | undefined): boolean =>
    ["thinking", "redacted_thinking"].includes(text(firstType(message)));
  const inLoop = listOf(messages.at(-1)?.["content"]).some((block) => block["type"] === "tool_result");
  if (thinking["type"] === "enabled" && options.lenientThinking !== true && inLoop && !thinks(answers.at(-1)))
    judge.say(
      "Expected `thinking` or `redacted_thinking`, but found something else, when `thinking` is enabled",
    );
  if (options.thinkingEverywhere === true && thinking["type"] !== "disabled" && !answers.every(thinks))
    judge.say("The `content[].thinking` in the thinking mode must be passed back to the API");
};

const judgeMarkers = (judge: Judge, request: Fields, messages: readonly Fields[]): void => {
  const blocks = messages.flatMap((message) => listOf(message["content"]));
  const inner = blocks.flatMap((block) => listOf(block["content"]));
  const all = [...listOf(request["tools"]), ...listOf(request["system"]), ...blocks, ...inner];
  const count = all.filter(
    (block) => typeof block["cache_control"] === "object" && block["cache_control"] !== null,
  ).length;
  if (count > 4) judge.say(`A maximum of 4 blocks with cache_control may be provided. Found ${count}.`);
};
