/** Tools of a Responses request, and the choice among them. */
import type { MessagesRequest, Tool } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { refuse, type Beyond } from "../shared/refusal.ts";
import {
  customTool,
  functionTool,
  hubToolName,
  toolChoice,
  type ClientTool,
  type ClientTools,
} from "../shared/tools.ts";

/** Hosted tools whose absence would make the answer a wrong one. */
const needed = new Set(["file_search", "code_interpreter", "computer_use_preview", "computer", "mcp"]);

class Tools {
  readonly tools: Tool[] = [];
  readonly known = new Map<string, ClientTool>();
  readonly #beyond: Beyond;

  constructor(beyond: Beyond) {
    this.#beyond = beyond;
  }

  add(tool: unknown, at: string, namespace?: string): void {
    if (!isJsonObject(tool)) return refuse(`${at}: an object was expected`);
    const { type } = tool;
    switch (type) {
      case "function":
      case "custom":
        return this.#client(tool, at, namespace);
      case "namespace":
        return this.#namespace(tool, at);
      default:
        if (typeof type === "string" && type.startsWith("web_search")) return this.#search(tool);
        (needed.has(String(type)) ? this.#beyond.unsupported : this.#beyond.ignored).add(
          `tool ${String(type)}`,
        );
        return undefined;
    }
  }

  #client(tool: JsonObject, at: string, namespace: string | undefined): void {
    const { name } = tool;
    if (typeof name !== "string" || name === "") return refuse(`${at}.name: a name is missing`);
    const hub = hubToolName(name, namespace);
    if (this.known.has(hub)) return undefined;
    const custom = tool["type"] === "custom";
    this.known.set(hub, { name, custom, ...(namespace !== undefined && { namespace }) });
    this.tools.push(custom ? customTool(tool, hub) : functionTool(tool, hub));
    return undefined;
  }

  #namespace(tool: JsonObject, at: string): void {
    const { name, tools } = tool;
    if (typeof name !== "string" || !Array.isArray(tools))
      return refuse(`${at}: a name and tools are missing`);
    for (const [i, inner] of (tools as unknown[]).entries()) this.add(inner, `${at}.tools.${i}`, name);
    return undefined;
  }

  /** Codex asks for a search of OpenAI's own index with every turn (`external_web_access: false`): no other provider has that. */
  #search(tool: JsonObject): void {
    if (tool["external_web_access"] === false) {
      this.#beyond.ignored.add("tool web_search without access to the web");
      return;
    }
    const { filters, user_location: near } = tool;
    const domains = isJsonObject(filters) ? filters : {};
    this.tools.push({
      type: "web_search_20250305",
      name: "web_search",
      ...(Array.isArray(domains["allowed_domains"]) && {
        allowed_domains: domains["allowed_domains"] as unknown,
      }),
      ...(Array.isArray(domains["blocked_domains"]) && {
        blocked_domains: domains["blocked_domains"] as unknown,
      }),
      ...(isJsonObject(near) && { user_location: near }),
    });
  }
}

/** @throws SwitchyardError request.malformed */
export const responsesToolsOf = (
  body: JsonObject,
  beyond: Beyond,
): { tools: Tool[]; fields: Pick<MessagesRequest, "tool_choice">; known: ClientTools } => {
  const all = new Tools(beyond);
  const given: unknown = body["tools"];
  if (given !== undefined && given !== null && !Array.isArray(given)) refuse("tools: a list was expected");
  for (const [i, tool] of (Array.isArray(given) ? (given as unknown[]) : []).entries())
    all.add(tool, `tools.${i}`);
  const { tools, choice } = chosen(body["tool_choice"], all.tools);
  const fields = toolChoice(choice, { parallel: body["parallel_tool_calls"], tools });
  return { tools, fields: fields === undefined ? {} : { tool_choice: fields }, known: all.known };
};

const isSearch = (tool: Tool): boolean => tool.type?.startsWith("web_search") === true;

/** The choice, and the tools that it leaves. */
const chosen = (
  choice: unknown,
  tools: Tool[],
): { tools: Tool[]; choice: "auto" | "none" | "required" | { name: string } | undefined } => {
  if (choice === "auto" || choice === "none" || choice === "required") return { tools, choice };
  if (!isJsonObject(choice)) return { tools, choice: undefined };
  const { type } = choice;
  if (type === "allowed_tools" && Array.isArray(choice["tools"])) {
    const allowed = (choice["tools"] as unknown[]).filter(isJsonObject);
    const stays = (tool: Tool): boolean =>
      allowed.some((one) =>
        isSearch(tool) ? String(one["type"]).startsWith("web_search") : one["name"] === tool.name,
      );
    return { tools: tools.filter(stays), choice: choice["mode"] === "required" ? "required" : "auto" };
  }
  if (typeof type === "string" && type.startsWith("web_search") && tools.some(isSearch))
    return { tools, choice: { name: "web_search" } };
  const name =
    typeof choice["name"] === "string" ? hubToolName(choice["name"], choice["namespace"]) : undefined;
  if (name === undefined || !tools.some((tool) => tool.name === name))
    return refuse(`tool_choice: there is no tool ${name ?? String(type)}`);
  return { tools, choice: { name } };
};
