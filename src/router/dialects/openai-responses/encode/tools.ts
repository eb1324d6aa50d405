/** Tools and the choice among them. */
import type { MessagesRequest, Tool } from "../../../../protocol/anthropic.ts";
import type {
  ResponsesFunctionTool,
  ResponsesTool,
  ResponsesToolChoice,
  ResponsesWebSearchTool,
} from "../../../../protocol/openai-responses.ts";
import { KeptParts } from "../../../conversation/lasting.ts";
import { isSearchTool } from "../../shared/search-tool.ts";
import { cleanSchema } from "../../shared/schema.ts";
import { toProviderToolName } from "../../shared/tool-names.ts";
import { toolsInUse } from "../../shared/tools-in-use.ts";
import { type EncodeContext, nameLength } from "./content.ts";

/** The client's search tool, told by its type: a function of the same name stays a function. */
export const webSearchTool = (request: MessagesRequest): Tool | undefined =>
  request.tools?.find(isSearchTool);

/** Functions, each name once, then the provider's own search where the client asks for one. */
export const responsesTools = (request: MessagesRequest, { quirks }: EncodeContext): ResponsesTool[] => {
  const names = new Set<string>();
  const out: ResponsesTool[] = [];
  for (const tool of toolsInUse(request)) {
    const name = toProviderToolName(tool.name, nameLength);
    if (names.has(name)) continue;
    names.add(name);
    out.push(...encoded.of(tool, [quirks], () => [functionOf(tool, name, quirks)]));
  }
  const search = webSearchTool(request);
  if (search !== undefined) out.push(hostedSearch(search));
  return out;
};

const encoded = new KeptParts<ResponsesFunctionTool>();

const functionOf = (tool: Tool, name: string, quirks: EncodeContext["quirks"]): ResponsesFunctionTool => {
  const fn: ResponsesFunctionTool = { type: "function", name };
  if (typeof tool.description === "string" && tool.description !== "") fn.description = tool.description;
  fn.parameters = cleanSchema(tool.input_schema, quirks);
  // Without it the API takes every function for strict, and makes all of its parameters required.
  fn.strict = false;
  return fn;
};

const domains = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((domain) => typeof domain === "string") : [];

/** Anthropic takes one of the two lists of domains; so does OpenAI (guides, web search, domain filtering). */
const hostedSearch = (tool: Tool): ResponsesWebSearchTool => {
  const out: ResponsesWebSearchTool = { type: "web_search" };
  const allowed = domains(tool["allowed_domains"]);
  const blocked = domains(tool["blocked_domains"]);
  if (allowed.length > 0) out.filters = { allowed_domains: allowed };
  else if (blocked.length > 0) out.filters = { blocked_domains: blocked };
  const place = tool["user_location"];
  if (typeof place === "object" && place !== null) {
    const location: Record<string, unknown> = { type: "approximate" };
    for (const field of ["city", "region", "country", "timezone"]) {
      const value = (place as Record<string, unknown>)[field];
      if (typeof value === "string") location[field] = value;
    }
    out.user_location = location as NonNullable<ResponsesWebSearchTool["user_location"]>;
  }
  return out;
};

/** Undefined where the request makes no choice; a tool that is not sent cannot be forced. */
export const responsesToolChoice = (
  request: MessagesRequest,
  tools: readonly ResponsesTool[],
  { quirks }: EncodeContext,
): ResponsesToolChoice | undefined => {
  const choice = request.tool_choice;
  switch (choice?.type) {
    case "auto":
    case "none":
      return choice.type;
    case "any":
      return quirks.toolChoiceAutoOnly === true ? "auto" : "required";
    case "tool": {
      if (quirks.toolChoiceAutoOnly === true) return "auto";
      const name = toProviderToolName(choice.name ?? "", nameLength);
      if (tools.some((tool) => "name" in tool && tool.type === "function" && tool.name === name))
        return { type: "function", name };
      return webSearchTool(request)?.name === choice.name ? { type: "web_search" } : "auto";
    }
    default:
      return undefined;
  }
};
