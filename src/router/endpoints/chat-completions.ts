/** `POST /v1/chat/completions`: a turn of a client that speaks OpenAI's Chat Completions. */
import { authenticate } from "../auth.ts";
import { decodeChatRequest } from "../inbound/openai-chat/decode.ts";
import { chatForm } from "../inbound/openai-chat/form.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { serveForeign } from "./serve-foreign.ts";
import { parseBody } from "./validate.ts";

export const chatCompletions = (context: RouterContext): Handler =>
  async function handleChatCompletions(request, reply) {
    const { own, client: asker } = authenticate(request.headers, context);
    const raw = rawBodyOf(request);
    const body = parseBody(raw);
    const decoded = decodeChatRequest(body, raw?.length ?? 0);
    const client = chatForm(body as Record<string, unknown>, decoded);
    await serveForeign(context, request, reply, { ...decoded, client, own, asker });
  };
