/** What clients and operators ask: the models' protocols, health, metrics. */
import type { Operation, Paths } from "./operation.ts";
import { anyObject, count, flag, listOf, mapOf, named, object, only, oneOf, orNull, text } from "./schema.ts";
import { sessionSchema } from "./session-schema.ts";

const stream = { "text/event-stream": text("Server-sent events of the protocol.") };

const tier = {
  ...object({}, { model: text(), provider_set: { const: true }, uses_oauth: { const: true } }),
  description:
    "Where variables of the environment name the providers of tiers: whose account serves this one.",
};

const googleModels = object({ models: listOf(named("GoogleModel")) });

const modelMethod = (summary: string): Operation => ({
  summary,
  access: "client",
  errors: "GoogleError",
  query: {
    alt: { type: "string", description: "`sse`: a stream of events; without it a stream is a JSON array." },
    key: { type: "string", description: "A client key, in place of the header x-goog-api-key." },
  },
  body: anyObject("A request of Google's Gemini API."),
  answer: {
    type: "application/json",
    schema: { anyOf: [anyObject("An answer, or a count."), listOf(anyObject("A part of an answer."))] },
    also: stream,
  },
});

export const clientPaths: Paths = {
  "/v1/messages": {
    post: {
      summary: "Anthropic's Messages API. `model` may name a target (provider,model) or an alias.",
      access: "client",
      body: anyObject("A request of Anthropic's Messages API."),
      answer: {
        type: "application/json",
        schema: anyObject("A message; with `stream: true` its events."),
        also: stream,
      },
    },
  },
  "/v1/messages/count_tokens": {
    post: {
      summary: "How many tokens a request has.",
      access: "client",
      body: anyObject("A request of Anthropic's Messages API, without max_tokens."),
      answer: object({ input_tokens: count() }),
    },
  },
  "/v1/chat/completions": {
    post: {
      summary: "OpenAI's Chat Completions API.",
      access: "client",
      errors: "OpenAiError",
      body: anyObject("A request of OpenAI's Chat Completions API."),
      answer: {
        type: "application/json",
        schema: anyObject("A completion; with `stream: true` its chunks."),
        also: stream,
      },
    },
  },
  "/v1/responses": {
    post: {
      summary: "OpenAI's Responses API, without storage. Also under /openai/responses.",
      access: "client",
      errors: "OpenAiError",
      body: anyObject("A request of OpenAI's Responses API."),
      answer: {
        type: "application/json",
        schema: anyObject("A response; with `stream: true` its events."),
        also: stream,
      },
    },
  },
  "/v1/models": {
    get: {
      summary: "The configured targets, in the form of the asking client.",
      access: "client",
      answer: {
        anyOf: [
          object({
            data: listOf(named("AnthropicModel")),
            has_more: flag(),
            first_id: orNull(text()),
            last_id: orNull(text()),
          }),
          object({ object: only("list"), data: listOf(named("OpenAiModel")) }),
          googleModels,
        ],
      },
    },
  },
  "/v1/models/{id}": {
    get: {
      summary: "One of them. Slashes of an id may stand as they are.",
      access: "client",
      answer: { anyOf: [named("AnthropicModel"), named("OpenAiModel"), named("GoogleModel")] },
    },
    post: modelMethod("Google's Gemini API, as under /v1beta."),
  },
  "/v1beta/models": {
    get: {
      summary: "The configured targets, in Google's form.",
      access: "client",
      errors: "GoogleError",
      answer: googleModels,
    },
  },
  "/v1beta/models/{id}": {
    get: {
      summary: "One of them.",
      access: "client",
      errors: "GoogleError",
      answer: named("GoogleModel"),
    },
    post: modelMethod(
      "Google's Gemini API: the model, then :generateContent, :streamGenerateContent or :countTokens.",
    ),
  },
  "/sessions/{id}": {
    get: {
      summary: "What a session of the asking client has used, and where its last turn went.",
      access: "client",
      answer: sessionSchema,
    },
  },
  "/api/hello": {
    get: {
      summary: "Who listens here.",
      access: "everybody",
      answer: object({ service: only("switchyard") }),
    },
  },
  "/health": {
    get: {
      summary: "The router lives; what is configured and rests.",
      access: "everybody",
      answer: object(
        {
          status: only("healthy"),
          config: oneOf("ok", "stale"),
          profile: orNull(text("The default profile; null: none.")),
          providers: mapOf({
            anyOf: [
              object({ enabled: { const: true }, resting: count() }),
              object({ enabled: { const: false }, reason: text() }),
            ],
          }),
        },
        { haiku: tier, opus: tier, sonnet: tier },
      ),
    },
  },
  "/ready": {
    get: {
      summary: "The router takes turns.",
      access: "everybody",
      answer: object({ status: only("ready") }),
      more: { "503": { description: "It ends.", schema: object({ status: only("draining") }) } },
    },
  },
  "/metrics": {
    get: {
      summary: "Metrics for Prometheus.",
      access: "metrics",
      answer: { type: "text/plain", schema: text("Prometheus's text format, version 0.0.4.") },
    },
  },
};
