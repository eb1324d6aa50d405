/** A chat completion request (developers.openai.com, api reference, chat) as a hub request. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { Conversation } from "../shared/conversation.ts";
import { Beyond, refuse } from "../shared/refusal.ts";
import { limitOf, outputOf, samplingOf, userOf } from "../shared/settings.ts";
import { effortFields } from "../shared/thinking.ts";
import type { ClientTools } from "../shared/tools.ts";
import { addMessage } from "./messages.ts";
import { chatToolsOf } from "./tools.ts";

export interface DecodedChat {
  readonly request: MessagesRequest;
  readonly beyond: Beyond;
  readonly tools: ClientTools;
  /** The client asked for a last chunk with usage. */
  readonly includeUsage: boolean;
}

/** Fields that only steer the sampling or the books: an answer without them is still right, and the answer's headers name them. */
const harmless = [
  "logprobs",
  "top_logprobs",
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "logit_bias",
  "prediction",
  "verbosity",
  "service_tier",
  "store",
];

/** Values by which such a field asks for nothing. */
const usual = new Set<unknown>([undefined, null, false, 0, "auto", "default"]);

/**
 * @param body the parsed JSON; @param size of its text, for cache markers
 * @throws SwitchyardError request.malformed, with what is wrong and where
 */
export const decodeChatRequest = (body: unknown, size: number): DecodedChat => {
  if (!isJsonObject(body)) return refuse("a JSON object was expected");
  const { model, messages } = body;
  if (typeof model !== "string" || model === "") return refuse("model: a model id is missing");
  if (!Array.isArray(messages) || messages.length === 0)
    return refuse("messages: at least one message is needed");
  const beyond = new Beyond();
  const conversation = new Conversation();
  for (const [i, message] of messages.entries()) addMessage(conversation, message, `messages.${i}`, beyond);
  const { tools, fields, known } = chatToolsOf(body, beyond);
  const reasoning = reasoningOf(body);
  const request: MessagesRequest = {
    model,
    ...conversation.finish(size),
    ...(tools.length > 0 && { tools }),
    ...fields,
    ...limitOf(body["max_completion_tokens"] ?? body["max_tokens"], "max_completion_tokens"),
    ...samplingOf(body, ["temperature", "top_p", "top_k"]),
    ...stopsOf(body),
    ...reasoning,
    ...outputOf(body["response_format"], schemaOf, {
      field: "response_format",
      effort: reasoning.output_config,
      beyond,
    }),
    ...userOf(body),
    ...(body["stream"] === true && { stream: true }),
  };
  note(body, beyond);
  const options = body["stream_options"];
  return {
    request,
    beyond,
    tools: known,
    includeUsage: isJsonObject(options) && options["include_usage"] === true,
  };
};

const stopsOf = ({ stop }: JsonObject): Partial<MessagesRequest> => {
  const stops = typeof stop === "string" ? [stop] : Array.isArray(stop) ? (stop as unknown[]) : [];
  const words = stops.filter((word): word is string => typeof word === "string" && word !== "");
  return words.length > 0 ? { stop_sequences: words } : {};
};

/** OpenAI's effort; OpenRouter's `reasoning`; Anthropic's `thinking`, which clients of LiteLLM send. */
const reasoningOf = (body: JsonObject): Partial<MessagesRequest> => {
  const { thinking, reasoning } = body;
  if (isJsonObject(thinking) && typeof thinking["type"] === "string")
    return { thinking: thinking as unknown as NonNullable<MessagesRequest["thinking"]> };
  if (isJsonObject(reasoning)) {
    const budget = reasoning["max_tokens"];
    if (typeof budget === "number") return { thinking: { type: "enabled", budget_tokens: budget } };
    if (reasoning["enabled"] === false) return { thinking: { type: "disabled" } };
    if (typeof reasoning["effort"] === "string") return effortFields(reasoning["effort"]);
    if (reasoning["enabled"] === true) return effortFields("medium");
  }
  return effortFields(body["reasoning_effort"]);
};

const schemaOf = ({ json_schema: named }: JsonObject): unknown =>
  isJsonObject(named) ? named["schema"] : undefined;

/** What the hub has no place for. */
const note = (body: JsonObject, beyond: Beyond): void => {
  for (const field of harmless) {
    const value = body[field];
    if (!usual.has(value) && !(isJsonObject(value) && Object.keys(value).length === 0))
      beyond.ignored.add(field);
  }
  const { n, modalities, audio } = body;
  if (typeof n === "number" && n !== 1) beyond.unsupported.add(`n: ${n}`);
  if (audio !== undefined && audio !== null) beyond.unsupported.add("audio");
  else if (Array.isArray(modalities) && modalities.some((one) => one !== "text"))
    beyond.unsupported.add("modalities");
  for (const field of ["functions", "function_call"])
    if (body[field] !== undefined && body[field] !== null)
      beyond.unsupported.add(`${field} (use tools and tool_choice)`);
};
