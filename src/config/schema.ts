/**
 * The form of config/switchyard.yaml, config/default.yaml, config/providers.yaml and config/models.yaml, after variables are resolved.
 * Every field is optional here: the files are merged first, and what must be there in the end is checked in resolve.ts.
 * The `error` of a field is what a user reads as "expected …"; the `description` is what an editor shows.
 */
import type { z as Zod } from "zod";
import { budgetFields } from "./schema-budgets.ts";
import { quirksSchema } from "./schema-quirks.ts";
import { boolean, duration, oneOf, size, text, wholeNumber, workers } from "./schema-fields.ts";
import { keyAndFailureFields } from "./schema-provider.ts";
import { ledgerFields } from "./schema-ledger.ts";
import { profileFields } from "./schema-profiles.ts";
import { routesSchema, type RawRouteForm } from "./schema-routes.ts";
import { ruleFields } from "./schema-rules.ts";
import { searchSchema } from "./schema-search.ts";
import { stackSchema } from "./schema-stack.ts";
import { telemetrySchema } from "./schema-telemetry.ts";
import { z } from "./zod.ts";

export const dialectNames = ["anthropic", "openai-chat", "openai-responses", "gemini", "demo"] as const;
export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

const map = "a map (key: value)";

const providerFields = {
  dialect: oneOf(dialectNames).meta({ description: "The protocol that the provider speaks." }),
  baseUrl: text("an http:// or https:// URL").meta({
    description:
      "For openai-chat up to where /chat/completions is added, for openai-responses /responses, for gemini /models/…, for anthropic up to where /v1/messages is.",
  }),
  auth: oneOf(["key", "none", "passthrough"] as const).meta({
    description: "passthrough: the client's own subscription or key is forwarded.",
  }),
  keyHeader: oneOf(["authorization", "x-api-key", "x-goog-api-key"] as const).meta({
    description: "The header that carries the key.",
  }),
  headers: z
    .record(z.string(), z.string({ error: "a text" }), { error: map })
    .optional()
    .meta({
      description: "Headers added to every request.",
    }),
  priceList: z
    .array(z.string({ error: "a name" }), { error: "a list of names" })
    .optional()
    .meta({ description: "Its names in price lists (models.dev, LiteLLM): `switchyard models update`." }),
  quirks: quirksSchema,
  ...keyAndFailureFields,
};

const price = z
  .number({ error: "US dollars per million tokens" })
  .min(0, { error: "US dollars per million tokens" });
const rates = {
  input: price,
  output: price,
  cacheRead: price.optional(),
  cacheWrite: price
    .optional()
    .meta({ description: "For what is cached for five minutes, or for no set time." }),
  cacheWrite1h: price.optional().meta({ description: "For what is cached for an hour." }),
};
const ratesForm = "a map with input and output: US dollars per million tokens";
const tierForm = { error: "a number of tokens: a whole number above 0" };
const above = z
  .array(
    z.strictObject(
      { tokens: z.int(tierForm).min(1, tierForm), ...rates },
      { error: `${ratesForm}, and tokens` },
    ),
    {
      error: "a list of maps with tokens, input and output",
    },
  )
  .optional()
  .meta({ description: "Prices of requests whose context has more than `tokens`, for all of their tokens." });
export const modelSchema = z.strictObject(
  {
    context: wholeNumber(1, 100_000_000, "a number of tokens").meta({
      description: "Context window in tokens.",
    }),
    maxOutput: wholeNumber(1, 100_000_000, "a number of tokens").meta({
      description: "Largest output in tokens.",
    }),
    images: boolean().meta({ description: "Takes images." }),
    tools: boolean().meta({ description: "Calls tools." }),
    thinking: boolean().meta({ description: "Thinks before it answers." }),
    prefix: boolean().meta({ description: "Goes on with an answer that was begun." }),
    thinkingBy: oneOf(["effort", "budget", "both"] as const).meta({
      description:
        "How Anthropic's form asks it to think: by effort (then it takes no temperature, top_p or top_k either), by a budget of tokens, or by both.",
    }),
    price: z
      .strictObject({ ...rates, above }, { error: ratesForm })
      .optional()
      .meta({ description: "US dollars per million tokens." }),
    seller: text("a provider's name in price lists").optional().meta({
      description:
        "Who asks for `price`; other sellers of the model may ask for another. Unset, in your own file: all of your providers.",
    }),
    date: text("a date: YYYY-MM-DD").meta({ description: "When the figures were looked up." }),
    source: text("the document that the figures come from"),
  },
  { error: map },
);
const models = z.record(z.string(), modelSchema, { error: map }).optional();

export const providersSchema = z.record(z.string(), z.strictObject(providerFields, { error: map }), {
  error: map,
});
export const modelsSchema = z.record(z.string(), modelSchema, { error: map });

export const configSchema = z.strictObject({
  server: z
    .strictObject(
      {
        host: text("a host name or address").meta({
          description: "Where the router is reached from this machine.",
        }),
        port: wholeNumber(0, 65_535, "a port").meta({ description: "0 takes a free one." }),
        clientKeys: z
          .array(z.string({ error: "a key, as ${VARIABLE}" }), {
            error: 'a list of keys, as ["${VARIABLE}"]',
          })
          .optional()
          .meta({ description: "Keys that clients must send. With none only loopback is served." }),
        countTokens: oneOf(["estimate", "refuse"] as const).meta({
          description:
            "What is answered to count_tokens where the provider cannot tell: an estimate, or 501.",
        }),
        bodyLimit: size().meta({ description: "Largest request body." }),
        headerHold: duration().meta({
          description: "How long a silent provider may be replaced before the answer's head goes out.",
        }),
        pingInterval: duration().meta({ description: "Between two pings while a provider is silent." }),
        drain: duration().meta({ description: "How long streams may take to finish at the end." }),
        waitForRest: duration().meta({
          description: "How long a turn waits for a target to recover where all rest.",
        }),
        retryBudget: duration().meta({ description: "Of all the waits of one turn together." }),
        resume: boolean().meta({
          description: "A turn that breaks off after its first content goes on at the next target.",
        }),
        requestTimeout: duration().meta({ description: "How long a client may take to send a request." }),
        stallTimeout: duration().meta({
          description: "How long a client may read nothing of an answer that waits for it.",
        }),
        workers: workers().meta({
          description: "Processes that serve turns; auto: as many as there are processor cores.",
        }),
      },
      { error: map },
    )
    .optional(),
  log: z.strictObject({ level: oneOf(logLevels) }, { error: map }).optional(),
  providers: z
    .record(
      z.string(),
      z.strictObject({ preset: text("the name of a preset"), ...providerFields }, { error: map }),
      { error: map },
    )
    .optional()
    .meta({ description: "Where models are served. The name is the first half of a target." }),
  routes: routesSchema.meta({
    description: "Which targets serve which requests; a target, or a list tried in order.",
  }),
  ...profileFields,
  ...ruleFields,
  aliases: z
    .record(z.string(), z.string({ error: "a target: provider,model" }), {
      error: "a map (name: provider,model)",
    })
    .optional()
    .meta({ description: "Short names for targets." }),
  models: models.meta({
    description: "Your own figures of models, keyed by `provider,model` or by the model's id.",
  }),
  search: searchSchema,
  telemetry: telemetrySchema.meta({ description: "Traces and metrics by OpenTelemetry." }),
  ...ledgerFields,
  ...budgetFields,
  stack: stackSchema,
});

export type RawConfig = Zod.infer<typeof configSchema>;
export type RawProvider = NonNullable<RawConfig["providers"]>[string];
export type RawRoute = RawRouteForm;
export type RawModel = Zod.infer<typeof modelSchema>;
