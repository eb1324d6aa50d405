/** A hub request for a provider of Anthropic's own form. What need not change goes out as the bytes that came in. */
import type { ContentBlock, Message, MessagesRequest } from "../../../protocol/anthropic.ts";
import type { DialectContext, EncodedRequest } from "../dialect.ts";
import { isEnvelope } from "../shared/reasoning-envelope.ts";
import { withModel } from "./model-span.ts";

/** Client headers that every provider of this form gets: they say what the body means. */
const meaningHeaders = ["anthropic-version", "anthropic-beta"] as const;

/** Headers of the connection, of the body's framing, or of the router alone: never forwarded. */
const ownHeaders = new Set([
  "host",
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "content-length",
  "content-type",
  "accept-encoding",
  "cookie",
]);

export const encodeRequest = (request: MessagesRequest, context: DialectContext): EncodedRequest => {
  const { quirks } = context.provider;
  const changed = adapt(request, context);
  return {
    path: `/v1/messages${context.query}`,
    headers: forwardedHeaders(context),
    body:
      unchangedBody(changed === request ? context : undefined, request) ??
      JSON.stringify({
        ...changed,
        model: context.model,
        ...quirks.extraBody,
      }),
  };
};

/** The client's own bytes, but for the model id; undefined where more than that is to change. */
const unchangedBody = (context: DialectContext | undefined, request: MessagesRequest): Buffer | undefined => {
  if (context?.rawBody === undefined) return undefined;
  const { rawBody, rawModel = request.model, model } = context;
  return withModel(rawBody, rawModel, model);
};

/** The headers of the client that this provider gets, with a version where the client sent none. */
export const forwardedHeaders = (context: DialectContext): Record<string, string> => {
  const { quirks } = context.provider;
  const headers: Record<string, string> = {};
  // Anthropic itself gets all that the client says: a header that is not known here may matter there.
  const names = quirks.rawStream === true ? Object.keys(context.clientHeaders) : meaningHeaders;
  for (const name of names) {
    const value = context.clientHeaders[name];
    if (value !== undefined && !ownHeaders.has(name))
      headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  headers["anthropic-version"] ??= "2023-06-01";
  if (quirks.dropBetas === true) delete headers["anthropic-beta"];
  return headers;
};

/** The request with what this provider would refuse taken out; the same object where nothing had to change. */
export const adapt = (request: MessagesRequest, context: DialectContext): MessagesRequest => {
  const { quirks } = context.provider;
  let changed = request;
  const messages = withoutForeignThinking(request.messages);
  if (messages !== request.messages) changed = { ...changed, messages };
  if (quirks.inlineSystemMessages === true && changed.messages.some((m) => m.role === "system")) {
    changed = { ...changed, messages: inlineSystem(changed.messages) };
  }
  if (quirks.rawStream === true && wantsThinkingItHasNot(changed))
    changed = { ...changed, thinking: { type: "disabled" } };
  for (const field of quirks.dropFields ?? []) {
    if (!(field in changed)) continue;
    const { [field]: _dropped, ...rest } = changed;
    changed = rest as MessagesRequest;
  }
  const limit = outputLimit(context);
  if (limit !== undefined && changed.max_tokens !== undefined && changed.max_tokens > limit) {
    changed = { ...changed, max_tokens: limit };
    const budget = changed.thinking?.budget_tokens;
    // The budget must stay below max_tokens, or the provider refuses the request.
    if (budget !== undefined && budget >= limit) {
      changed.thinking = { ...changed.thinking!, budget_tokens: Math.max(1024, Math.floor(limit / 2)) };
    }
  }
  if (quirks.extraBody !== undefined) changed = { ...changed };
  return changed;
};

/**
 * Anthropic takes a tool's result under `thinking: enabled` only where the answer that called the tool begins with thinking
 * (platform.claude.com/docs, extended thinking with tool use). A call that another model made has none that Anthropic would know:
 * this one request goes without.
 */
const wantsThinkingItHasNot = (request: MessagesRequest): boolean => {
  if (request.thinking?.type !== "enabled") return false;
  const last = request.messages.findLast((message) => message.role !== "system");
  if (last === undefined || typeof last.content === "string") return false;
  if (!last.content.some((block) => block.type === "tool_result")) return false;
  const answer = request.messages.findLast((message) => message.role === "assistant");
  const first = answer === undefined ? undefined : blocksOf(answer)[0];
  return first !== undefined && first.type !== "thinking" && first.type !== "redacted_thinking";
};

const outputLimit = (context: DialectContext): number | undefined => {
  const { maxTokensLimit } = context.provider.quirks;
  // Anthropic itself says what is too much for its own models, which this table may not know yet.
  const known = context.provider.quirks.rawStream === true ? undefined : context.info?.maxOutput;
  if (maxTokensLimit === undefined) return known;
  return known === undefined ? maxTokensLimit : Math.min(known, maxTokensLimit);
};

/**
 * Thinking that another provider wrote bears no signature, or an envelope of ours: providers of this form answer 400 to it, and the conversation
 * would be lost after a switch. It is left out; its answer's text and tool calls stay.
 */
const withoutForeignThinking = (messages: Message[]): Message[] => {
  const isForeign = (block: ContentBlock): boolean =>
    block.type === "thinking" &&
    (block.signature === undefined || block.signature === "" || isEnvelope(block.signature));
  let out: Message[] | undefined;
  for (const [i, message] of messages.entries()) {
    if (message.role !== "assistant" || typeof message.content === "string") {
      out?.push(message);
      continue;
    }
    if (!message.content.some(isForeign)) {
      out?.push(message);
      continue;
    }
    out ??= messages.slice(0, i);
    const content = message.content.filter((block) => !isForeign(block));
    // An answer that was nothing but thinking leaves no message: an empty one is refused as well.
    if (content.length > 0) out.push({ ...message, content });
  }
  return out ?? messages;
};

const blocksOf = (message: Message): ContentBlock[] =>
  typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;

const reminder = (message: Message): ContentBlock[] => {
  const content = blocksOf(message).filter((block) => block.type !== "text" || block.text !== "");
  if (content.length === 0) return [];
  return [
    { type: "text", text: "<system-reminder>" },
    ...content,
    { type: "text", text: "</system-reminder>" },
  ];
};

/**
 * `role: system` in the conversation, for providers that know only user and assistant: it joins the user's message before it. Behind a
 * tool call it joins the one after it, because results must follow their calls at once.
 */
const inlineSystem = (messages: Message[]): Message[] => {
  const out: Message[] = [];
  let waiting: ContentBlock[] = [];
  const say = (): void => {
    if (waiting.length > 0) out.push({ role: "user", content: waiting });
    waiting = [];
  };
  for (const message of messages) {
    const last = out.at(-1);
    if (message.role === "system") {
      const content = reminder(message);
      if (last?.role === "user" && content.length > 0)
        out[out.length - 1] = { ...last, content: [...blocksOf(last), ...content] };
      else waiting.push(...content);
    } else if (message.role === "user" && waiting.length > 0) {
      const called = last !== undefined && blocksOf(last).some((block) => block.type === "tool_use");
      const content = called ? [...blocksOf(message), ...waiting] : [...waiting, ...blocksOf(message)];
      waiting = [];
      out.push({ ...message, content });
    } else {
      say();
      out.push(message);
    }
  }
  say();
  return out;
};
