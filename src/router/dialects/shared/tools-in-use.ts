/** Which of the client's tools are sent to a provider that cannot load them later. */
import type { ContentBlock, Message, MessagesRequest, Tool } from "../../../protocol/anthropic.ts";

/** A tool that the client runs. All other types are server tools of Anthropic's, which no provider of this form knows. */
export const isClientTool = (tool: Tool): boolean =>
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
export const toolsInUse = (request: MessagesRequest): Tool[] => {
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
