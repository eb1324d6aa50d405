/** A hub request for a provider of Anthropic's own form. What need not change goes out as the bytes that came in. */
import type { ContentBlock, Message, MessagesRequest } from "../../../protocol/anthropic.ts";
import type { DialectContext, EncodedRequest } from "../dialect.ts";
import { isEnvelope } from "../reasoning-envelope.ts";

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
      changed === request && context.rawBody !== undefined
        ? withModel(context.rawBody, request, context.model)
        : JSON.stringify({ ...changed, model: context.model, ...quirks.extraBody }),
  };
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

/** `role: system` in the conversation, for providers that know only user and assistant. */
const inlineSystem = (messages: Message[]): Message[] =>
  messages.flatMap((message): Message[] => {
    if (message.role !== "system") return [message];
    const blocks: ContentBlock[] =
      typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
    const content = blocks.filter((block) => block.type !== "text" || block.text !== "");
    if (content.length === 0) return [];
    return [
      {
        role: "user",
        content: [
          { type: "text", text: "<system-reminder>" },
          ...content,
          { type: "text", text: "</system-reminder>" },
        ],
      },
    ];
  });

/**
 * The client's own bytes with another model id. The client writes the model first, so that usually only the first bytes
 * are exchanged and a body of megabytes is neither parsed nor written again.
 */
const withModel = (raw: Buffer, request: MessagesRequest, model: string): string | Buffer => {
  const start = Buffer.from(`{"model":${JSON.stringify(request.model)}`);
  if (raw.subarray(0, start.length).equals(start)) {
    // A second "model" key further on would win over ours in the provider's parser; clients do not send one.
    if (request.model === model) return raw;
    return Buffer.concat([Buffer.from(`{"model":${JSON.stringify(model)}`), raw.subarray(start.length)]);
  }
  return JSON.stringify({ ...request, model });
};
