/** Functions, Google's search, and the choice among them. */
import type { MessagesRequest, Tool } from "../../../../protocol/anthropic.ts";
import type { GeminiFunctionDeclaration, GeminiTool, GeminiToolConfig } from "../../../../protocol/gemini.ts";
import { Kept } from "../../../conversation/lasting.ts";
import { toProviderName } from "../tool-names.ts";
import { toolPlan } from "../tool-plan.ts";
import type { EncodeContext } from "./context.ts";
import { parametersOf } from "./schema.ts";

export interface EncodedTools {
  tools: GeminiTool[];
  config: GeminiToolConfig | undefined;
}

const declarations = (tools: readonly Tool[]): GeminiFunctionDeclaration[] => {
  const names = new Set<string>();
  const out: GeminiFunctionDeclaration[] = [];
  for (const tool of tools) {
    const name = toProviderName(tool.name);
    if (names.has(name)) continue;
    names.add(name);
    out.push(encoded.of(tool, [], () => declarationOf(tool, name)));
  }
  return out;
};

const encoded = new Kept<GeminiFunctionDeclaration>();

const declarationOf = (tool: Tool, name: string): GeminiFunctionDeclaration => {
  const parameters = parametersOf(tool.input_schema);
  const description = typeof tool.description === "string" ? tool.description : "";
  return { name, description, ...(parameters !== undefined && { parameters }) };
};

export const encodeTools = (request: MessagesRequest, context: EncodeContext): EncodedTools => {
  const plan = toolPlan(request, context.dialect.model);
  const functions = declarations(plan.functions);
  const tools: GeminiTool[] = [];
  if (functions.length > 0) tools.push({ functionDeclarations: functions });
  if (plan.search) tools.push({ googleSearch: {} });
  const config: GeminiToolConfig = {};
  const calling = functions.length > 0 ? callingConfig(request, functions) : undefined;
  if (calling !== undefined) config.functionCallingConfig = calling;
  if (functions.length > 0 && plan.search) config.includeServerSideToolInvocations = true;
  return { tools, config: Object.keys(config).length === 0 ? undefined : config };
};

/** Undefined where the model may do as it likes. That calls come one at a time cannot be asked for. */
const callingConfig = (
  { tool_choice: choice }: MessagesRequest,
  functions: readonly GeminiFunctionDeclaration[],
): GeminiToolConfig["functionCallingConfig"] => {
  switch (choice?.type) {
    case "any":
      return { mode: "ANY" };
    case "none":
      return { mode: "NONE" };
    case "tool": {
      const name = toProviderName(choice.name ?? "");
      return functions.some((one) => one.name === name)
        ? { mode: "ANY", allowedFunctionNames: [name] }
        : undefined;
    }
    default:
      return undefined;
  }
};
