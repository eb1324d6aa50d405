/** Tools and the choice among them. */
import type { Quirks } from "../../../../config/types.ts";
import type { MessagesRequest, Tool } from "../../../../protocol/anthropic.ts";
import type { ChatFunctionTool, ChatToolChoice } from "../../../../protocol/openai-chat.ts";
import { KeptParts } from "../../../conversation/lasting.ts";
import { cleanSchema } from "../../shared/schema.ts";
import { nameLength, toProviderToolName } from "../../shared/tool-names.ts";
import { toolsInUse } from "../../shared/tools-in-use.ts";
import { strictSchema } from "../../shared/strict-schema.ts";

/** Functions, each name once; empty where no tool is left. */
export const chatTools = (request: MessagesRequest, quirks: Readonly<Quirks>): ChatFunctionTool[] => {
  const names = new Set<string>();
  const out: ChatFunctionTool[] = [];
  for (const tool of toolsInUse(request)) {
    if (names.has(tool.name)) continue;
    names.add(tool.name);
    out.push(...encoded.of(tool, [quirks], () => [functionOf(tool, quirks)]));
  }
  return out;
};

const encoded = new KeptParts<ChatFunctionTool>();

const functionOf = (tool: Tool, quirks: Readonly<Quirks>): ChatFunctionTool => {
  const parameters = cleanSchema(tool.input_schema, quirks);
  const strict = quirks.strictTools === true ? strictSchema(parameters) : undefined;
  const fn: ChatFunctionTool["function"] = {
    name: toProviderToolName(tool.name, nameLength),
    parameters: strict ?? parameters,
  };
  if (typeof tool.description === "string" && tool.description !== "") fn.description = tool.description;
  if (strict !== undefined) fn.strict = true;
  return { type: "function", function: fn };
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
      const name = toProviderToolName(choice.name ?? "", nameLength);
      if (quirks.toolChoiceAutoOnly === true || !tools.some((tool) => tool.function.name === name))
        return "auto";
      return { type: "function", function: { name } };
    }
    default:
      return undefined;
  }
};
