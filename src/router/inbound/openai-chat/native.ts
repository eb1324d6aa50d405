/** A chat completion request for a provider that speaks Chat Completions itself. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { DialectContext, EncodedRequest } from "../../dialects/dialect.ts";
import { thinkingFields } from "../../dialects/openai-chat/encode/thinking.ts";
import { userId } from "../../dialects/shared/user-id.ts";
import { isCarried } from "../shared/carried-reasoning.ts";
import { nativeBody, nativeRequest, otherFields, outputLimit, writtenBody } from "../shared/native.ts";

/** @param body the client's, parsed; @param request the same in the hub's form, with thinking that the model id asked for */
export const nativeChatRequest = (
  body: JsonObject,
  request: MessagesRequest,
  context: DialectContext,
): EncodedRequest => {
  const { quirks } = context.provider;
  const changes: Record<string, unknown> = {
    ...limitFields(body, context),
    ...reasoningFields(body, request, context),
  };
  if (request.temperature !== undefined && body["temperature"] !== request.temperature)
    changes["temperature"] = request.temperature;
  const messages = withKnownReasoning(body["messages"], context);
  if (messages !== undefined) changes["messages"] = messages;
  if (quirks.noParallelToolCalls === true) changes["parallel_tool_calls"] = undefined;
  if (typeof body["user"] === "string") changes["user"] = userId(request, quirks.userIdLength ?? 64);
  if (context.stream) {
    if (quirks.noStreamUsage === true) changes["stream_options"] = undefined;
    else if (!asksForUsage(body))
      changes["stream_options"] = { ...asObject(body["stream_options"]), include_usage: true };
  }
  return nativeRequest("/chat/completions", nativeBody(body, changes, context), context);
};

const asObject = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

export const asksForUsage = (body: JsonObject): boolean =>
  asObject(body["stream_options"])["include_usage"] === true;

/** Both names of the limit mean the same; a provider knows one of them. Without a flag the client's own name stands. */
const limitFields = (body: JsonObject, context: DialectContext): Record<string, unknown> => {
  const asked = body["max_completion_tokens"] ?? body["max_tokens"];
  const limit = outputLimit(asked, context);
  if (limit === undefined) return {};
  const own = body["max_completion_tokens"] == null ? "max_tokens" : "max_completion_tokens";
  const field = context.provider.quirks.maxTokensField ?? own;
  return { max_tokens: undefined, max_completion_tokens: undefined, [field]: limit };
};

const reasoningNames = ["reasoning_effort", "reasoning", "thinking"];

/** Thinking as the provider is asked for it, where its way is known; the client's own words otherwise. */
const reasoningFields = (
  body: JsonObject,
  request: MessagesRequest,
  context: DialectContext,
): Record<string, unknown> => {
  const { quirks } = context.provider;
  if ((quirks.reasoning ?? "none") === "none" || request.thinking === undefined) return {};
  const wanted = thinkingFields(request, { ...context, quirks });
  const same = Object.entries(wanted).every(([name, value]) => body[name] === value);
  if (same) return {};
  return { ...Object.fromEntries(reasoningNames.map((name) => [name, undefined])), ...wanted };
};

const historyNames = ["reasoning_content", "reasoning", "reasoning_details"] as const;

/**
 * Earlier reasoning in the one field that the provider takes it in, and in no other: strict ones answer 400. What the router put there for
 * another provider goes out of it. Undefined where nothing is to change.
 */
const withKnownReasoning = (messages: unknown, context: DialectContext): unknown[] | undefined => {
  const taken = context.provider.quirks.sendReasoning;
  let changed = false;
  const out = (messages as unknown[]).map((message) => {
    if (!isJsonObject(message) || message["role"] !== "assistant") return message;
    const copy: JsonObject = { ...message };
    for (const name of historyNames) if (name !== taken) delete copy[name];
    const details: unknown = copy["reasoning_details"];
    if (Array.isArray(details)) {
      const theirs = (details as unknown[]).filter(
        (detail) => !isJsonObject(detail) || !isCarried(detail["signature"]),
      );
      if (theirs.length === 0) delete copy["reasoning_details"];
      else if (theirs.length < details.length) copy["reasoning_details"] = theirs;
    }
    // DeepSeek and Kimi refuse an answer of the history without it, as one of another model is.
    if (taken === "reasoning_content" && !copy["reasoning_content"]) copy["reasoning_content"] = " ";
    const same =
      Object.keys(copy).length === Object.keys(message).length &&
      Object.entries(copy).every(([name, value]) => message[name] === value);
    if (!same) changed = true;
    return same ? message : copy;
  });
  return changed ? out : undefined;
};

/** Fields of a chat completion request that the hub carries. */
const carried = new Set([
  "model",
  "messages",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "top_k",
  "stop",
  "response_format",
  "user",
  "safety_identifier",
  "stream",
  "stream_options",
  "web_search_options",
  "n",
  ...reasoningNames,
]);

/** A request that the dialect had to write, with the client's other fields in it: they are of the provider's own protocol. */
export const withOtherFields = (
  encoded: EncodedRequest,
  body: JsonObject,
  context: DialectContext,
): EncodedRequest => {
  const others = otherFields(body, carried, context);
  if (Object.keys(others).length === 0) return encoded;
  return { ...encoded, body: JSON.stringify({ ...others, ...writtenBody(encoded) }) };
};
