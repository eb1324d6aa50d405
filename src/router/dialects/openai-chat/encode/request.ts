/** A hub request as a chat completion request. Only what is named here is sent: unknown fields of Anthropic's never leave. */
import type { MessagesRequest } from "../../../../protocol/anthropic.ts";
import type { ChatMessage, ChatPart, ChatRequest, ChatTextPart } from "../../../../protocol/openai-chat.ts";
import type { DialectContext, EncodedRequest } from "../../dialect.ts";
import { formatOf, knownFormats, namedSchema, withKnownFormat } from "../../shared/answer-format.ts";
import { userId } from "../../shared/user-id.ts";
import type { EncodeContext } from "./content.ts";
import { jsonBody } from "../../shared/json-body.ts";
import { surplusMarkers } from "../../shared/cache-markers.ts";
import { searchFields } from "../search.ts";
import { chatMessages, systemMessage } from "./messages.ts";
import { systemInFirstUser } from "./no-system.ts";
import { pairedMessages, withAssistantAfterTools } from "./pairs.ts";
import { markPrefix } from "./prefix.ts";
import { thinkingFields } from "./thinking.ts";
import { chatToolChoice, chatTools } from "./tools.ts";

/** See `HttpDialect.encode`. */
export const encode = (request: MessagesRequest, context: DialectContext): EncodedRequest => {
  const body = chatRequest(request, context);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: context.stream ? "text/event-stream" : "application/json",
  };
  return { path: "/chat/completions", headers, body: jsonBody(body, ["messages", "tools"]) };
};

/** The body, in an order that keeps what stays the same from turn to turn in front. */
export const chatRequest = (asked: MessagesRequest, dialect: DialectContext): ChatRequest => {
  const quirks = dialect.provider.quirks;
  const request = withKnownFormat(asked, knownFormats(quirks));
  const context: EncodeContext = {
    quirks,
    info: dialect.info,
    provider: dialect.provider,
    model: dialect.model,
  };
  const system = systemMessage(request.system, context);
  const paired = pairedMessages(chatMessages(request.messages, context));
  const messages = quirks.assistantAfterTools === true ? withAssistantAfterTools(paired) : paired;
  const tools = chatTools(request, quirks);
  const body: ChatRequest = {
    model: dialect.model,
    messages:
      quirks.noSystem === true
        ? systemInFirstUser(system, messages)
        : system === undefined
          ? messages
          : [system, ...messages],
  };
  if (quirks.cacheControl === true) body.messages = withFewMarkers(body.messages);
  markPrefix(body, quirks);
  const search = searchFields(request, quirks);
  if (tools.length + search.tools.length > 0) body["tools"] = [...tools, ...search.tools];
  if (tools.length > 0) {
    const choice = chatToolChoice(request, tools, quirks);
    if (choice !== undefined) body["tool_choice"] = choice;
    if (request.tool_choice?.disable_parallel_tool_use === true && quirks.noParallelToolCalls !== true)
      body["parallel_tool_calls"] = false;
  }
  Object.assign(
    body,
    limits(request, context),
    sampling(request, context),
    thinkingFields(request, context),
    search.body,
  );
  const format = responseFormat(request);
  if (format !== undefined) body["response_format"] = format;
  const user = userId(request, quirks.userIdLength ?? 64);
  if (user !== undefined) body["user"] = user;
  body["stream"] = dialect.stream;
  if (dialect.stream && quirks.noStreamUsage !== true) body["stream_options"] = { include_usage: true };
  for (const field of quirks.dropFields ?? []) delete body[field];
  return quirks.extraBody === undefined ? body : { ...body, ...quirks.extraBody };
};

/** Models behind such a provider take four. Messages that lose one are others then; all others stay as they are. */
const withFewMarkers = (messages: ChatMessage[]): ChatMessage[] => {
  const parts = messages.flatMap(({ content }): ChatTextPart[] =>
    Array.isArray(content) ? (content as ChatPart[]).filter((part) => part.type === "text") : [],
  );
  const surplus = new Set<unknown>(surplusMarkers(parts));
  if (surplus.size === 0) return messages;
  return messages.map((message) => {
    const { content } = message;
    if (!Array.isArray(content) || !content.some((part) => surplus.has(part))) return message;
    const left = (content as ChatTextPart[]).map((part) => {
      if (!surplus.has(part)) return part;
      const { cache_control: _, ...rest } = part;
      return rest;
    });
    return { ...message, content: left };
  });
};

/** The smallest of what was asked for, what the provider takes and what the model can write: asking for more is a 400. */
const limits = (request: MessagesRequest, { quirks, info }: EncodeContext): Record<string, unknown> => {
  if (typeof request.max_tokens !== "number") return {};
  const most = Math.min(request.max_tokens, quirks.maxTokensLimit ?? Infinity, info?.maxOutput ?? Infinity);
  return { [quirks.maxTokensField ?? "max_tokens"]: most };
};

const sampling = (request: MessagesRequest, { quirks }: EncodeContext): Record<string, unknown> => {
  const out: Record<string, unknown> = {};
  if (typeof request.temperature === "number") out["temperature"] = request.temperature;
  if (typeof request.top_p === "number") out["top_p"] = request.top_p;
  if (typeof request.top_k === "number" && quirks.topK === true) out["top_k"] = request.top_k;
  if (Array.isArray(request.stop_sequences) && request.stop_sequences.length > 0)
    out["stop"] = request.stop_sequences.slice(0, quirks.mostStops);
  return out;
};

/** The form of the answer as OpenAI's structured output or JSON mode. */
const responseFormat = (request: MessagesRequest): unknown => {
  const format = formatOf(request);
  return format?.type === "json_schema"
    ? { type: "json_schema", json_schema: namedSchema(format.schema) }
    : format;
};
