/**
 * A request of an OpenAI client for a provider of Anthropic's form. A client of the Messages API knows these rules itself, and is not
 * corrected; OpenAI's clients cannot know them (platform.claude.com/docs, api/messages; build-with-claude/extended-thinking, adaptive-thinking).
 */
import type { ModelInfo } from "../../../config/types.ts";
import type { Message, MessagesRequest } from "../../../protocol/anthropic.ts";
import type { DialectContext } from "../../dialects/dialect.ts";

/** `max_tokens` is required there. What Claude Code takes for a model that it does not know. */
const usualMaxTokens = 32_000;

/** How the model is asked to think; `other` is none of Anthropic's own, and takes a budget. */
type Generation = NonNullable<ModelInfo["thinkingBy"]> | "other";

/** As config/models.yaml has it. A Claude that it does not list is newer than the list. */
const generationOf = ({ model, info }: DialectContext): Generation =>
  info?.thinkingBy ?? (model.toLowerCase().includes("claude") ? "effort" : "other");

const budgetOfEffort: Readonly<Record<string, number>> = { low: 2048, medium: 8192, high: 16_000 };

/** The request with what Anthropic asks for added, and without what it refuses. */
export const forAnthropic = (request: MessagesRequest, context: DialectContext): MessagesRequest => {
  const generation = generationOf(context);
  const out: MessagesRequest = { ...request, messages: request.messages.map(asUser) };
  out.max_tokens ??= Math.min(context.info?.maxOutput ?? usualMaxTokens, usualMaxTokens);
  setThinking(out, generation);
  setSampling(out, generation);
  return out;
};

/** A system message inside of the conversation needs a beta there: a reminder in the user's name says the same. */
const asUser = (message: Message): Message => {
  if (message.role !== "system" || typeof message.content === "string") return message;
  return {
    role: "user",
    content: message.content.map((block) =>
      block.type === "text"
        ? { ...block, text: `<system-reminder>\n${block.text}\n</system-reminder>` }
        : block,
    ),
  };
};

const setThinking = (request: MessagesRequest, generation: Generation): void => {
  const { thinking, tool_choice: choice } = request;
  if (thinking === undefined) return;
  const { effort, ...others } = request.output_config ?? {};
  if (thinking.type === "disabled" || choice?.type === "any" || choice?.type === "tool") {
    // A call that must be made cannot be thought about.
    delete request.thinking;
    setConfig(request, others);
    return;
  }
  if (generation === "effort" || (generation === "both" && thinking.type === "adaptive")) {
    // Without it the words of the thinking are left out, and these clients show them.
    request.thinking = { type: "adaptive", ...(generation === "effort" && { display: "summarized" }) };
    if (thinking.type === "enabled") request.output_config = { ...others, effort: effort ?? "high" };
    return;
  }
  setConfig(request, others);
  const budget = thinking.budget_tokens ?? budgetOfEffort[effort ?? "medium"] ?? 32_000;
  const most = request.max_tokens!;
  const fitting = Math.max(1024, Math.min(budget, Math.floor(most / 2)));
  request.thinking = { type: "enabled", budget_tokens: fitting };
  request.max_tokens = Math.max(most, fitting + 512);
};

const setConfig = (request: MessagesRequest, config: Record<string, unknown>): void => {
  if (Object.keys(config).length > 0) request.output_config = config;
  else delete request.output_config;
};

const setSampling = (request: MessagesRequest, generation: Generation): void => {
  // OpenAI's scale ends at 2, Anthropic's at 1.
  if (request.temperature !== undefined) request.temperature = Math.min(1, request.temperature);
  const thinks = request.thinking !== undefined;
  if (thinks || generation === "effort") {
    delete request.top_p;
    delete request.top_k;
    if (thinks && generation !== "effort") request.temperature = 1;
    else delete request.temperature;
  } else if (request.temperature !== undefined && generation !== "other") delete request.top_p;
};
