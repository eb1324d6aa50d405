/** Tools and the choice among them. */
import type { Quirks } from "../../../../config/types.ts";
import type { ContentBlock, Message, MessagesRequest, Tool } from "../../../../protocol/anthropic.ts";
import type { ChatFunctionTool, ChatToolChoice } from "../../../../protocol/openai-chat.ts";
import { cleanSchema } from "./schema.ts";

/** A tool that the client runs. All other types are server tools of Anthropic's, which no provider of this form knows. */
const isClientTool = (tool: Tool): boolean =>
  tool.type === undefined || tool.type === null || tool.type === "custom";

/**
 * Names of tools that the conversation has used or that a tool search has found, in the order in which they came up. The names of a search are in
 * `tool_reference` blocks inside of tool results.
 */
const namesInUse = (messages: readonly Message[]): Set<string> => {
  const names = new Set<string>();
  const visit = (blocks: unknown): void => {
    if (!Array.isArray(blocks)) return;
    for (const block of blocks as ContentBlock[]) {
      if (block?.type === "tool_reference") names.add(block.tool_name);
      else if (block?.type === "tool_use") names.add(block.name);
      else if (block?.type === "tool_result") visit(block.content);
    }
  };
  for (const message of messages) visit(message.content);
  return names;
};

/**
 * The tools that are sent. A deferred tool (`defer_loading`) cannot be loaded later by these providers: it is sent in full from the moment
 * when the conversation names it, and until then left out, as is the client's placeholder, which nothing ever names. Loaded ones come last,
 * in the order of loading, so that the tools before them stay the same from turn to turn. Where the search itself is a server tool of
 * Anthropic's, nothing could ever be found, and all are sent.
 */
const toolsInUse = (request: MessagesRequest): Tool[] => {
  const all = request.tools ?? [];
  const present = all.filter((tool) => isClientTool(tool) && tool.defer_loading !== true);
  const deferred = all.filter((tool) => isClientTool(tool) && tool.defer_loading === true);
  if (deferred.length === 0) return present;
  if (all.some((tool) => tool.type?.startsWith("tool_search_tool") === true))
    return [...present, ...deferred];
  const names = namesInUse(request.messages);
  if (request.tool_choice?.name !== undefined) names.add(request.tool_choice.name);
  const byName = new Map(deferred.map((tool) => [tool.name, tool]));
  const loaded = [...names].map((name) => byName.get(name)).filter((tool) => tool !== undefined);
  return [...present, ...loaded];
};

/** Functions, each name once; empty where no tool is left. */
export const chatTools = (request: MessagesRequest, quirks: Readonly<Quirks>): ChatFunctionTool[] => {
  const names = new Set<string>();
  const out: ChatFunctionTool[] = [];
  for (const tool of toolsInUse(request)) {
    if (names.has(tool.name)) continue;
    names.add(tool.name);
    const fn: ChatFunctionTool["function"] = {
      name: tool.name,
      parameters: cleanSchema(tool.input_schema, quirks),
    };
    if (typeof tool.description === "string" && tool.description !== "") fn.description = tool.description;
    out.push({ type: "function", function: fn });
  }
  return out;
};

/** Undefined where the request makes no choice, or chooses a tool that is not sent. */
export const chatToolChoice = (
  request: MessagesRequest,
  tools: readonly ChatFunctionTool[],
  quirks: Readonly<Quirks>,
): ChatToolChoice | undefined => {
  const choice = request.tool_choice;
  switch (choice?.type) {
    case "auto":
    case "none":
      return choice.type;
    case "any":
      return quirks.toolChoiceAutoOnly === true ? "auto" : "required";
    case "tool": {
      const name = choice.name ?? "";
      if (quirks.toolChoiceAutoOnly === true || !tools.some((tool) => tool.function.name === name))
        return "auto";
      return { type: "function", function: { name } };
    }
    default:
      return undefined;
  }
};
