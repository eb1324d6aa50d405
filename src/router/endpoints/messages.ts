/** `POST /v1/messages`: the turn itself. */
import { targetName } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { authenticate, withoutCredentials } from "../auth.ts";
import { route } from "../rules/index.ts";
import { Reply } from "../turn/reply.ts";
import type { Turn } from "../turn/turn.ts";
import { runTurn } from "../turn/run.ts";
import { headerText, queryOf, rawBodyOf, requestId, type Handler, type RouterContext } from "./context.ts";
import { parseBody, validateMessagesRequest } from "./validate.ts";

export const messages = (context: RouterContext): Handler =>
  async function handleMessages(request, reply) {
    const { config, pool, log, redact } = context;
    const own = authenticate(request.headers, config);
    const rawBody = rawBodyOf(request);
    const asked = validateMessagesRequest(parseBody(rawBody));
    const headers = withoutCredentials(request.headers);
    const decision = await route(asked, headers, config, { rawBytes: rawBody?.length ?? 0 });
    const first = decision.targets[0]!;
    const progress: Turn["progress"] = { target: targetName(first), attempts: 0 };
    const id = requestId();
    reply.hijack();
    const { headerHold, pingInterval } = config.server;
    const client = new Reply(reply.raw, {
      headerHold,
      pingInterval,
      headers: () => ({
        "request-id": id,
        "x-switchyard-rule": headerText(decision.rule),
        "x-switchyard-target": headerText(progress.target),
        "x-switchyard-attempts": String(progress.attempts),
      }),
    });
    await runTurn({
      id,
      config,
      request: decision.request,
      rawBody: sameButModel(decision.request, asked) ? rawBody : undefined,
      rawModel: asked.model,
      headers,
      query: queryOf(request),
      own,
      rule: decision.rule,
      targets: decision.targets,
      reply: client,
      pool,
      log,
      redact,
      progress,
    });
  };

/** What was taken out of a request (the router's tags) was taken out of its messages or its system prompt. */
const sameButModel = (request: MessagesRequest, asked: MessagesRequest): boolean =>
  request.messages === asked.messages && request.system === asked.system;
