/** `POST /v1/messages`: a turn of a client that speaks the Messages API. */
import { authenticate } from "../auth.ts";
import { anthropicFormOf } from "../inbound/anthropic.ts";
import { sessionCommandOf } from "../session-commands/find.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { readMessagesRequest } from "./read-request.ts";
import { serveTurn } from "./serve-turn.ts";

export const messages = (context: RouterContext): Handler =>
  async function handleMessages(request, reply) {
    const { own, client: asker } = authenticate(request.headers, context);
    const asked = readMessagesRequest(rawBodyOf(request), asker);
    const words = sessionCommandOf(asked, request.headers);
    if (words !== undefined) {
      const { answerSessionCommand } = await import("../session-commands/answer.ts");
      return answerSessionCommand({ context, request, asker, words }, asked, reply);
    }
    await serveTurn(context, request, reply, {
      asked,
      client: anthropicFormOf(asked),
      rawModel: asked.model,
      own,
      asker,
    });
  };
