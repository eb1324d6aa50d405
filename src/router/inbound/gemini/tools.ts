/** Tools of a request in Google's form (ai.google.dev/api/caching#Tool), and the choice among them. */
import type { MessagesRequest, Tool } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { refuse, type Beyond } from "../shared/refusal.ts";
import { functionTool, toolChoice } from "../shared/tools.ts";
import { camelOf, field, listOf } from "./fields.ts";
import { jsonSchemaOf } from "./schema.ts";

const search: Tool = { type: "web_search_20250305", name: "web_search" };
const searches = new Set(["googleSearch", "googleSearchRetrieval"]);

const functionOf = (declaration: unknown, at: string): Tool => {
  if (!isJsonObject(declaration) || typeof declaration["name"] !== "string" || declaration["name"] === "")
    return refuse(`${at}: a name is missing`);
  const plain = field(declaration, "parametersJsonSchema");
  const { name, description, parameters: own } = declaration;
  const parameters = plain ?? (own === undefined ? undefined : jsonSchemaOf(own));
  return functionTool({ description, parameters }, name);
};

/** @throws SwitchyardError request.malformed */
export const geminiToolsOf = (
  body: JsonObject,
  beyond: Beyond,
): { tools: Tool[]; fields: Pick<MessagesRequest, "tool_choice"> } => {
  const tools = new Map<string, Tool>();
  let searchAsked = false;
  for (const [i, tool] of listOf(body["tools"]).entries()) {
    if (!isJsonObject(tool)) return refuse(`tools.${i}: an object was expected`);
    for (const [written, value] of Object.entries(tool)) {
      const name = camelOf(written);
      if (name === "functionDeclarations")
        for (const [j, one] of listOf(value).entries()) {
          const made = functionOf(one, `tools.${i}.functionDeclarations.${j}`);
          if (!tools.has(made.name)) tools.set(made.name, made);
        }
      else if (searches.has(name)) searchAsked = true;
      // Google's other tools: without them the answer would be a wrong one.
      else if (value !== null) beyond.unsupported.add(`tool ${name}`);
    }
  }
  const { mode, names } = callingOf(body);
  const chosen = [...tools.values()].filter(({ name }) => names === undefined || names.has(name));
  if (names !== undefined && chosen.length === 0)
    return refuse(`toolConfig.functionCallingConfig: there is no function ${[...names].join(", ")}`);
  const [first] = chosen;
  const choice =
    mode !== "required" ? mode : chosen.length === 1 && first !== undefined ? { name: first.name } : mode;
  const all = searchAsked ? [...chosen, search] : chosen;
  const fields = toolChoice(chosen.length === 0 ? undefined : choice, { parallel: undefined, tools: all });
  return { tools: all, fields: fields === undefined ? {} : { tool_choice: fields } };
};

const modes: Readonly<Record<string, "auto" | "none" | "required">> = { ANY: "required", NONE: "none" };

const callingOf = (
  body: JsonObject,
): { mode: "auto" | "none" | "required" | undefined; names: ReadonlySet<string> | undefined } => {
  const config = field(body, "toolConfig");
  const calling = isJsonObject(config) ? field(config, "functionCallingConfig") : undefined;
  if (!isJsonObject(calling)) return { mode: undefined, names: undefined };
  const given = listOf(field(calling, "allowedFunctionNames")).filter((name) => typeof name === "string");
  const mode = modes[String(calling["mode"]).toUpperCase()];
  return { mode, names: given.length === 0 || mode === "none" ? undefined : new Set(given) };
};
