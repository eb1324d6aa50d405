/** `POST /v1/responses`: a turn of a client that speaks OpenAI's Responses, as the Codex CLI does. */
import { authenticate } from "../auth.ts";
import { decodeResponsesRequest } from "../inbound/openai-responses/decode.ts";
import { responsesForm } from "../inbound/openai-responses/form.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { serveForeign } from "./serve-foreign.ts";
import { parseBody } from "./validate.ts";

export const responses = (context: RouterContext): Handler =>
  async function handleResponses(request, reply) {
    const { own, client: asker } = authenticate(request.headers, context);
    const raw = rawBodyOf(request);
    const body = parseBody(raw);
    const decoded = decodeResponsesRequest(body, raw?.length ?? 0);
    const client = responsesForm(body as Record<string, unknown>, decoded);
    await serveForeign(context, request, reply, { ...decoded, client, own, asker });
  };
