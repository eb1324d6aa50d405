/** `POST /v1/messages/count_tokens`: as clients of the Messages API ask it. */
import { authenticate } from "../auth.ts";
import { adapt } from "../dialects/anthropic/adapt.ts";
import { forwardedHeaders } from "../dialects/anthropic/encode.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { readMessagesRequest } from "./read-request.ts";
import { serveCount } from "./serve-count.ts";

export const countTokens = (context: RouterContext): Handler =>
  async function handleCountTokens(request, reply) {
    const authenticated = authenticate(request.headers, context);
    return serveCount(context, request, reply, {
      ...authenticated,
      asked: readMessagesRequest(rawBodyOf(request), authenticated.client, { counting: true }),
      answer: (tokens) => ({ input_tokens: tokens }),
      forward(dialect, hub) {
        if (dialect.provider.quirks.countTokens !== true) return undefined;
        return {
          path: `/v1/messages/count_tokens${dialect.query}`,
          headers: forwardedHeaders(dialect),
          body: JSON.stringify({ ...adapt(hub, dialect), model: dialect.model }),
          counted: ({ input_tokens: tokens }) => (typeof tokens === "number" ? tokens : undefined),
        };
      },
    });
  };
