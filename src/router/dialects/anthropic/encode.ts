/** A hub request for a provider of Anthropic's own form. What need not change goes out as the bytes that came in. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import type { DialectContext, EncodedRequest } from "../dialect.ts";
import { adapt } from "./adapt.ts";
import { jsonBody } from "../shared/json-body.ts";
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
      jsonBody({ ...changed, model: context.model, ...quirks.extraBody }, ["messages", "tools"]),
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
