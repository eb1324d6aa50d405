/** Requests of OpenAI Responses (developers.openai.com: api reference, responses; reasoning items; error messages of the API). */
import { type Fields, fieldsOf, Judge, listOf, type StrictOptions, text } from "./judge.ts";
import { judgeFunctionSchema } from "./openai-schema.ts";

const topFields = new Set([
  "model",
  "input",
  "instructions",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "max_output_tokens",
  "max_tool_calls",
  "temperature",
  "top_p",
  "reasoning",
  "include",
  "store",
  "stream",
  "text",
  "truncation",
  "metadata",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "service_tier",
]);

const itemFields: Readonly<Record<string, readonly string[]>> = {
  message: ["id", "role", "content", "status", "phase"],
  reasoning: ["id", "summary", "content", "encrypted_content", "status"],
  function_call: ["id", "call_id", "name", "arguments", "status"],
  function_call_output: ["id", "call_id", "output", "status"],
  web_search_call: ["id", "status", "action"],
};

const contentTypes: Readonly<Record<string, readonly string[]>> = {
  user: ["input_text", "input_image", "input_file"],
  system: ["input_text", "input_image", "input_file"],
  developer: ["input_text", "input_image", "input_file"],
  assistant: ["output_text", "refusal"],
};

export const strictResponses = (body: unknown, options: StrictOptions): string[] => {
  const judge = new Judge();
  const request = fieldsOf(body);
  for (const name of Object.keys(request))
    if (!topFields.has(name) && options.topFields?.includes(name) !== true)
      judge.say(`Unknown parameter: '${name}'.`);
  const items = listOf(request["input"]);
  const calls = new Set<string>();
  const open = new Set<string>();
  const ids = new Set<string>();
  for (const [i, item] of items.entries()) {
    const where = `input[${i}]`;
    const type = text(item["type"]) || "message";
    judgeItem(judge, item, type, where, options);
    const id = text(item["id"]);
    if (id !== "" && ids.has(id)) judge.say(`Duplicate item found with id ${id}.`);
    ids.add(id);
    const call = text(item["call_id"]);
    if (type === "function_call") {
      calls.add(call);
      open.add(call);
    }
    if (type === "function_call_output" && !calls.has(call))
      judge.say(`No tool call found for function call output with call_id ${call}.`);
    if (type === "function_call_output") open.delete(call);
    const next = text(items[i + 1]?.["type"]) || text(items[i + 1]?.["role"]);
    if (
      type === "reasoning" &&
      !["reasoning", "message", "assistant", "function_call", "web_search_call"].includes(next)
    )
      judge.say(`Item '${id}' of type 'reasoning' was provided without its required following item.`);
  }
  for (const call of open) judge.say(`No tool output found for function call ${call}.`);
  judgeTools(judge, request);
  return judge.problems;
};

const judgeItem = (judge: Judge, item: Fields, type: string, where: string, options: StrictOptions): void => {
  const names = itemFields[type];
  if (names === undefined) return judge.say(`Invalid value: '${type}'. ${where}.type`);
  judge.known(where, item, ["type", ...names]);
  if (type === "message") {
    const role = text(item["role"]);
    if (contentTypes[role] === undefined) judge.say(`Invalid value: '${role}'. ${where}.role`);
    if (Array.isArray(item["content"]) && item["content"].length === 0)
      judge.say(`${where}.content: empty array`);
    for (const part of listOf(item["content"]))
      if (contentTypes[role]?.includes(text(part["type"])) !== true)
        judge.say(`Invalid value: '${text(part["type"])}'. ${where}.content`);
  }
  if (type === "reasoning") {
    const sealed = item["encrypted_content"];
    const isPlain = sealed === undefined && options.plainReasoning === true;
    if (!isPlain && (typeof sealed !== "string" || !options.issued.has(sealed)))
      judge.say(`The encrypted content for item ${text(item["id"])} could not be verified.`);
    if (!Array.isArray(item["summary"])) judge.say(`Missing required parameter: '${where}.summary'.`);
  }
  if (type === "function_call" && item["id"] !== undefined && !text(item["id"]).startsWith("fc"))
    judge.say(`Invalid '${where}.id': Expected an ID that begins with 'fc'.`);
  if (text(item["call_id"]).length > 64) judge.say(`Invalid '${where}.call_id': string too long.`);
  return undefined;
};

const judgeTools = (judge: Judge, request: Fields): void => {
  const tools = listOf(request["tools"]);
  judge.toolNames(
    tools.filter((tool) => tool["type"] === "function").map((tool) => text(tool["name"])),
    64,
  );
  for (const tool of tools) if (tool["type"] === "function") judgeFunctionSchema(judge, tool);
  const choice = request["tool_choice"];
  if (fieldsOf(choice)["type"] === "required") judge.say("Invalid value: 'required'. tool_choice.type");
};
