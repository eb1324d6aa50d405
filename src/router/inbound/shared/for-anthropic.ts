/**
 * A request of an OpenAI client for a provider of Anthropic's form. A client of the Messages API knows these rules itself, and is not
 * corrected; OpenAI's clients cannot know them (platform.claude.com/docs, api/messages; build-with-claude/extended-thinking, adaptive-thinking).
 */
import type { Message, MessagesRequest } from "../../../protocol/anthropic.ts";
import type { DialectContext } from "../../dialects/dialect.ts";

/** `max_tokens` is required there. What Claude Code takes for a model that it does not know. */
const usualMaxTokens = 32_000;

/** Claude up to 4.5 thinks by a budget only; from 4.7 on it thinks by effort only, and takes no sampling parameters. 4.6 knows both. */
type Generation = "budget" | "both" | "effort" | "other";

const generationOf = (model: string): Generation => {
  const id = model.toLowerCase();
  if (!id.includes("claude")) return "other";
  if (/claude-[23]|claude-instant/.test(id)) return "budget";
  const version = /(?:opus|sonnet|haiku|fable|mythos)-(\d)(?:[.-](\d)(?!\d))?/.exec(id);
  if (version === null) return "effort";
  const [major, minor] = [Number(version[1]), Number(version[2] ?? 0)];
  if (major < 4 || (major === 4 && minor <= 5)) return "budget";
  return major === 4 && minor === 6 ? "both" : "effort";
};

const budgetOfEffort: Readonly<Record<string, number>> = { low: 2048, medium: 8192, high: 16_000 };

/** The request with what Anthropic asks for added, and without what it refuses. */
export const forAnthropic = (request: MessagesRequest, context: DialectContext): MessagesRequest => {
  const generation = generationOf(context.model);
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
