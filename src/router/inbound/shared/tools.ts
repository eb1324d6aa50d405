/** Tools of OpenAI's forms as tools of the hub, and the way back to the names and kinds that the client knows. */
import type { Tool, ToolChoice } from "../../../protocol/anthropic.ts";
import { rootObject } from "../../dialects/shared/root-object.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../../../shared/json.ts";

/** What a tool of the hub is to the client. */
export interface ClientTool {
  readonly name: string;
  /** Its input is plain text, not JSON. */
  readonly custom: boolean;
  /** Codex puts the tools of an MCP server under one name. */
  readonly namespace?: string;
}

/** The client's tools by the name that they have in the hub. */
export type ClientTools = ReadonlyMap<string, ClientTool>;

/** Name of a tool in the hub, which knows no namespaces. */
export const hubToolName = (name: string, namespace: unknown): string =>
  typeof namespace === "string" && namespace !== "" ? `${namespace}__${name}` : name;

/** A function as a tool of the hub. @param fn `{name, description, parameters, strict}` */
export const functionTool = (fn: JsonObject, name: string): Tool => ({
  name,
  ...(typeof fn["description"] === "string" &&
    fn["description"] !== "" && { description: fn["description"] }),
  input_schema: rootObject(fn["parameters"]),
  ...(fn["strict"] === true && { strict: true }),
});

/** The one field of a custom tool's input. */
const customField = "input";

/** A tool that takes plain text (developers.openai.com, custom tools): a function with one text, its grammar said in words. */
export const customTool = (tool: JsonObject, name: string): Tool => {
  const grammar = isJsonObject(tool["format"]) ? tool["format"]["definition"] : undefined;
  const said = typeof tool["description"] === "string" ? tool["description"] : "";
  const rule = typeof grammar === "string" ? `The input must follow this grammar:\n${grammar}` : "";
  return {
    name,
    description: [said, rule].filter((part) => part !== "").join("\n\n"),
    input_schema: {
      type: "object",
      properties: { [customField]: { type: "string", description: "The whole input, as plain text" } },
      required: [customField],
      additionalProperties: false,
    },
  };
};

/** The input of an earlier call of a custom tool. */
export const customInput = (input: unknown): Record<string, unknown> => ({
  [customField]: typeof input === "string" ? input : JSON.stringify(input ?? ""),
});

/** The plain text in the JSON that a model wrote for a custom tool; the JSON itself where it did not keep to the form. */
export const customText = (json: string): string => {
  const text = parseJsonObject(json)?.[customField];
  return typeof text === "string" ? text : json;
};

/** Arguments of an earlier call. Ones that are no object (cut, or of a broken model) are kept as text. */
export const callInput = (json: unknown): Record<string, unknown> => {
  if (isJsonObject(json)) return json;
  if (typeof json !== "string" || json.trim() === "") return {};
  return parseJsonObject(json) ?? { arguments: json };
};

/** Arguments as the client is to have them: always an object of JSON. */
export const argumentsOf = (json: string): string => (json === "" ? "{}" : json);

/**
 * The client's choice, with parallel calls off where it says so.
 * @param choice a word, or the name of a tool as the hub has it
 */
export const toolChoice = (
  choice: "auto" | "none" | "required" | { name: string } | undefined,
  options: { parallel: unknown; tools: readonly Tool[] },
): ToolChoice | undefined => {
  if (options.tools.length === 0) return undefined;
  const single = options.parallel === false ? { disable_parallel_tool_use: true } : {};
  if (typeof choice === "object") return { type: "tool", name: choice.name, ...single };
  if (choice === "none") return { type: "none" };
  if (choice === "required") return { type: "any", ...single };
  if (choice === "auto" || options.parallel === false) return { type: "auto", ...single };
  return undefined;
};
