/** Requests of Gemini's generateContent (ai.google.dev: generate-content, function calling, thought signatures; error messages of the API). */
import { type Fields, fieldsOf, Judge, listOf, type StrictOptions, text } from "./judge.ts";

const topFields = new Set([
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "safetySettings",
  "cachedContent",
]);

/** Each part has one of these; the last two are Google's own tools, which come back as they were. */
const partData = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "toolCall",
  "toolResponse",
];
const partFields = [...partData, "thought", "thoughtSignature"];

/** Keywords of its Schema type (ai.google.dev, api reference, Schema). */
const schemaKeywords = new Set([
  "type",
  "format",
  "title",
  "description",
  "nullable",
  "enum",
  "items",
  "maxItems",
  "minItems",
  "properties",
  "required",
  "minProperties",
  "maxProperties",
  "minLength",
  "maxLength",
  "pattern",
  "example",
  "anyOf",
  "propertyOrdering",
  "default",
  "minimum",
  "maximum",
]);

/** Documented for histories whose calls another model made (ai.google.dev, thought signatures, FAQ). */
const placeholders = new Set(["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"]);

/** Contents of one side in a row as one. */
const joined = (contents: readonly Fields[]): Fields[] => {
  const out: Fields[] = [];
  for (const content of contents) {
    const last = out.at(-1);
    if (last === undefined || last["role"] !== content["role"]) out.push(content);
    else out[out.length - 1] = { ...last, parts: [...listOf(last["parts"]), ...listOf(content["parts"])] };
  }
  return out;
};

export const strictGemini = (body: unknown, options: StrictOptions): string[] => {
  const judge = new Judge();
  const request = fieldsOf(body);
  for (const name of Object.keys(request))
    if (!topFields.has(name) && options.topFields?.includes(name) !== true)
      judge.say(`Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
  const given = listOf(request["contents"]);
  const contents = options.sidesInARow === true ? joined(given) : given;
  if (contents.length === 0) judge.say("contents is not specified");
  if (contents[0]?.["role"] !== "user")
    judge.say("Please ensure that multiturn requests start with a user turn");
  for (const [i, content] of contents.entries()) judgeContent(judge, contents, content, i, options);
  judgeSignatures(judge, contents, options);
  const declared = listOf(request["tools"]).flatMap((tool) => listOf(tool["functionDeclarations"]));
  judge.toolNames(
    declared.map((one) => text(one["name"])),
    64,
  );
  for (const one of declared)
    if (one["parameters"] !== undefined) judgeSchema(judge, one["parameters"], text(one["name"]));
  return judge.problems;
};

const judgeContent = (
  judge: Judge,
  contents: readonly Fields[],
  content: Fields,
  i: number,
  options: StrictOptions,
): void => {
  judge.known(`contents[${i}]`, content, ["role", "parts"]);
  const { role } = content;
  if (role !== "user" && role !== "model") judge.say("Please use a valid role: user, model.");
  if (role === contents[i - 1]?.["role"])
    judge.say(`contents[${i}]: Please ensure that multiturn requests alternate between user and model`);
  const parts = listOf(content["parts"]);
  if (parts.length === 0) judge.say(`contents[${i}].parts must not be empty.`);
  for (const part of parts) {
    judge.known(`contents[${i}].parts`, part, partFields);
    const data = partData.filter((name) => name in part);
    if (data.length !== 1)
      judge.say(`contents[${i}].parts: required oneof field 'data' must have one initialized field`);
    const signature = part["thoughtSignature"];
    if (signature !== undefined && !options.issued.has(text(signature)) && !placeholders.has(text(signature)))
      judge.say("Thought signature is not valid");
  }
  const names = (of: Fields | undefined, kind: string): string[] =>
    listOf(of?.["parts"])
      .filter((part) => kind in part)
      .map((part) => text(fieldsOf(part[kind])["name"]));
  const calls = names(content, "functionCall");
  const answers = names(contents[i + 1], "functionResponse");
  if (calls.length > 0 && i + 1 < contents.length && calls.toSorted().join() !== answers.toSorted().join())
    judge.say(
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    );
  if (names(content, "functionResponse").length > 0 && names(contents[i - 1], "functionCall").length === 0)
    judge.say("Please ensure that function response turn comes immediately after a function call turn.");
};

/** From Gemini 3 on the first call of each step of the current turn needs its signature. */
const judgeSignatures = (judge: Judge, contents: readonly Fields[], options: StrictOptions): void => {
  if (!/gemini-(?:[3-9]|\d\d)/.test(options.model ?? "")) return;
  const isSaid = (content: Fields): boolean =>
    content["role"] === "user" && listOf(content["parts"]).every((part) => !("functionResponse" in part));
  const turn = contents.slice(contents.findLastIndex(isSaid) + 1);
  for (const content of turn) {
    const call = listOf(content["parts"]).find((part) => "functionCall" in part);
    if (call !== undefined && text(call["thoughtSignature"]) === "")
      judge.say(
        `Function call \`${text(fieldsOf(call["functionCall"])["name"])}\` is missing a thought_signature in functionCall parts.`,
      );
  }
};

const judgeSchema = (judge: Judge, value: unknown, name: string): void => {
  const schema = fieldsOf(value);
  for (const keyword of Object.keys(schema))
    if (!schemaKeywords.has(keyword))
      judge.say(
        `Invalid JSON payload received. Unknown name "${keyword}" at function '${name}': Cannot find field.`,
      );
  if (Array.isArray(schema["type"]))
    judge.say(`function '${name}': Proto field is not repeating, cannot start list.`);
  for (const inner of Object.values(fieldsOf(schema["properties"]))) judgeSchema(judge, inner, name);
  for (const inner of listOf(schema["anyOf"])) judgeSchema(judge, inner, name);
  if (schema["items"] !== undefined) judgeSchema(judge, schema["items"], name);
};
