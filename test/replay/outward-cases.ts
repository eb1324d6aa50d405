/** Directions of the cases in which the client speaks one of OpenAI's forms. */
import { modelInfoOf } from "../../src/config/model-info.ts";
import { anthropic } from "../../src/router/dialects/anthropic/index.ts";
import { decodeChatRequest } from "../../src/router/inbound/openai-chat/decode.ts";
import { chatForm } from "../../src/router/inbound/openai-chat/form.ts";
import { decodeResponsesRequest } from "../../src/router/inbound/openai-responses/decode.ts";
import { responsesForm } from "../../src/router/inbound/openai-responses/form.ts";
import type { Case } from "../support/case-operators.ts";
import { testConfig } from "../support/config.ts";
import { dialectContext } from "../support/dialect-context.ts";
import { chatSummary, responsesSummary } from "../support/openai-streams.ts";
import { chatClient, responsesClient, streamedTo } from "../support/outward.ts";

const sizeOf = (value: unknown): number => JSON.stringify(value).length;

/** With what the product knows of models. */
const config = testConfig('routes: { default: "demo,echo" }');

/** What Anthropic itself gets. */
const contextOf = (model: string) => {
  const info = modelInfoOf(config, { provider: "anthropic", model });
  return dialectContext({
    dialect: "anthropic",
    model,
    quirks: { rawStream: true },
    ...(info !== undefined && { info }),
  });
};

const sentFor =
  (
    understand: (body: Record<string, unknown>) => Pick<ReturnType<typeof decodeChatRequest>, "request"> & {
      client: ReturnType<typeof chatForm>;
    },
  ) =>
  ({ input }: Case): unknown => {
    const { request, client } = understand(input as Record<string, unknown>);
    const { body } = client.encode(anthropic, request, contextOf(request.model));
    return JSON.parse(body.toString()) as unknown;
  };

const sseOf = ({ input }: Case): Buffer[] => [Buffer.from((input as { sse: string }).sse)];

export const outwardDirections: Record<string, (one: Case) => unknown> = {
  "openai_chat_request__anthropic_request.json": sentFor((body) => {
    const decoded = decodeChatRequest(body, sizeOf(body));
    return { ...decoded, client: chatForm(body, decoded) };
  }),
  "openai_responses_request__anthropic_request.json": sentFor((body) => {
    const decoded = decodeResponsesRequest(body, sizeOf(body));
    return { ...decoded, client: responsesForm(body, decoded) };
  }),
  "anthropic_stream__openai_chat_stream.json": (one) =>
    chatSummary(streamedTo(chatClient(), anthropic, sseOf(one)), { includeUsage: true }),
  "anthropic_stream__openai_responses_stream.json": (one) =>
    responsesSummary(streamedTo(responsesClient(), anthropic, sseOf(one))),
};
