/** Tools of a chat completion request, and the choice among them. */
import type { MessagesRequest, Tool } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { refuse, type Beyond } from "../shared/refusal.ts";
import { customTool, functionTool, toolChoice, type ClientTool, type ClientTools } from "../shared/tools.ts";

export interface DecodedTools {
  readonly tools: Tool[];
  /** `tool_choice`, where there is one. */
  readonly fields: Pick<MessagesRequest, "tool_choice">;
  readonly known: ClientTools;
}

/** @throws SwitchyardError request.malformed */
export const chatToolsOf = (body: JsonObject, beyond: Beyond): DecodedTools => {
  const tools: Tool[] = [];
  const known = new Map<string, ClientTool>();
  const given: unknown = body["tools"];
  if (given !== undefined && given !== null && !Array.isArray(given)) refuse("tools: a list was expected");
  for (const [i, tool] of (Array.isArray(given) ? (given as unknown[]) : []).entries()) {
    if (!isJsonObject(tool)) return refuse(`tools.${i}: an object was expected`);
    const custom = tool["type"] === "custom";
    const said = custom ? tool["custom"] : tool["function"];
    if (tool["type"] !== "function" && !custom) {
      beyond.unsupported.add(`tools.${i}: a tool of type ${String(tool["type"])}`);
      continue;
    }
    if (!isJsonObject(said) || typeof said["name"] !== "string" || said["name"] === "")
      return refuse(`tools.${i}: a name is missing`);
    const { name } = said;
    if (known.has(name)) continue;
    known.set(name, { name, custom });
    tools.push(custom ? customTool(formatOf(said), name) : functionTool(said, name));
  }
  const allowed = allowedTools(body["tool_choice"], tools);
  const search = body["web_search_options"];
  // The search is the provider's own: its results come as annotations of the text.
  if (isJsonObject(search)) allowed.tools.push(searchTool(search));
  const choice = toolChoice(allowed.choice, { parallel: body["parallel_tool_calls"], tools: allowed.tools });
  return { tools: allowed.tools, fields: choice === undefined ? {} : { tool_choice: choice }, known };
};

/** The grammar stands one level deeper here than in Responses. */
const formatOf = (custom: JsonObject): JsonObject => {
  const format = custom["format"];
  const grammar = isJsonObject(format) ? format["grammar"] : undefined;
  return isJsonObject(grammar) ? { ...custom, format: grammar } : custom;
};

const searchTool = (options: JsonObject): Tool => {
  const location = options["user_location"];
  const near =
    isJsonObject(location) && isJsonObject(location["approximate"]) ? location["approximate"] : undefined;
  return {
    type: "web_search_20250305",
    name: "web_search",
    ...(near !== undefined && { user_location: { type: "approximate", ...near } }),
  };
};

const nameIn = (choice: JsonObject): string | undefined => {
  const inner = choice["function"] ?? choice["custom"] ?? choice;
  const name = isJsonObject(inner) ? inner["name"] : undefined;
  return typeof name === "string" ? name : undefined;
};

/** The choice, and the tools that it leaves. */
const allowedTools = (
  choice: unknown,
  tools: Tool[],
): { tools: Tool[]; choice: "auto" | "none" | "required" | { name: string } | undefined } => {
  if (choice === "auto" || choice === "none" || choice === "required") return { tools, choice };
  if (!isJsonObject(choice)) return { tools, choice: undefined };
  const allowed = choice["allowed_tools"];
  if (choice["type"] === "allowed_tools" && isJsonObject(allowed) && Array.isArray(allowed["tools"])) {
    const names = new Set((allowed["tools"] as unknown[]).filter(isJsonObject).map(nameIn));
    return {
      tools: tools.filter((tool) => names.has(tool.name)),
      choice: allowed["mode"] === "required" ? "required" : "auto",
    };
  }
  const name = nameIn(choice);
  if (name === undefined || !tools.some((tool) => tool.name === name))
    return refuse(`tool_choice: there is no tool ${name ?? "without a name"}`);
  return { tools, choice: { name } };
};
