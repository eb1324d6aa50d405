/** The form of a provider's keys, of its time-outs, and of what is done about its failures. */
import { failureKinds, failureSteps } from "../shared/failure-names.ts";
import { activationForm, hoursForm } from "./hours.ts";
import { boolean, duration, oneOf, text, wholeNumber } from "./schema-fields.ts";
import { keyStrategies } from "./types-keys.ts";
import { z } from "./zod.ts";

const map = "a map (key: value)";

const proxy = () => text("the URL of a proxy, as http://127.0.0.1:8080");

const keyMap = z.strictObject(
  {
    key: z.string({ error: "a key, as ${VARIABLE}" }).optional().meta({ description: "The key itself." }),
    name: text("a name of letters, digits, `.`, `-` and `_`").meta({
      description: "What status and log call it. Default: its last four characters.",
    }),
    priority: wholeNumber(-1000, 1000, "a priority").meta({ description: "Higher first. Default 0." }),
    weight: wholeNumber(1, 1000, "a weight").meta({
      description: "Its share under `keyStrategy: weighted`. Default 1.",
    }),
    hours: text(hoursForm).meta({
      description: `Days and hours at which it may be used: ${hoursForm}.`,
    }),
    timezone: text("the name of a zone, as Europe/Berlin").meta({
      description: "Zone of `hours`, `from` and `activate`. Default: this machine's.",
    }),
    from: text("a date, as 2026-12-01").meta({ description: "Not used before this date." }),
    activate: text(activationForm).meta({
      description: "When a small call opens the billing window of the provider.",
    }),
    activateModel: text("the provider's id of a model").meta({
      description: "The model of that call.",
    }),
    requestsPerMinute: wholeNumber(1, 1_000_000, "a number of requests").meta({
      description: "Requests a minute that the provider allows this key.",
    }),
    tokensPerMinute: wholeNumber(1, 1_000_000_000, "a number of tokens").meta({
      description: "Input and output tokens a minute that the provider allows this key.",
    }),
    concurrent: wholeNumber(1, 100_000, "a number of calls").meta({
      description: "Calls at the same time that the provider allows this key.",
    }),
    proxy: proxy().meta({ description: "Proxy for this key, before the provider's own." }),
  },
  { error: "a key, as ${VARIABLE}, or a map with `key`" },
);

const keyForms = "a key, as ${VARIABLE}, or a map with `key`";
const keys = z
  .array(z.union([z.string({ error: keyForms }), keyMap], { error: keyForms }), {
    error: 'a list of keys, as ["${VARIABLE}"], or [] where none is needed',
  })
  .optional()
  .meta({
    description:
      "Keys, each a text or a map with `key`. Unset ones are dropped; with none left the provider is disabled. []: needs none.",
  });

const timeouts = z
  .strictObject(
    {
      connect: duration().meta({ description: "Until the connection stands." }),
      firstByte: duration().meta({ description: "Until the answer begins. Reasoning models think first." }),
      idle: duration().meta({ description: "Between two pieces of an answer." }),
      total: duration().meta({ description: "Of one call, to the end of its answer." }),
    },
    { error: map },
  )
  .optional();

const span = (first: string, longest: string) =>
  z
    .strictObject(
      { first: duration().meta({ description: first }), longest: duration().meta({ description: longest }) },
      { error: "a map with first and longest" },
    )
    .optional();

const statusForms = 'a status, as 429, or "5xx", or "500-504"';
const status = z.union(
  [
    z.int({ error: statusForms }).min(100, { error: statusForms }).max(599, { error: statusForms }),
    z.string({ error: statusForms }).regex(/^(?:[1-5]xx|[1-5]\d\d(?:\s*-\s*[1-5]\d\d)?)$/i, {
      error: statusForms,
    }),
  ],
  { error: statusForms },
);

const rule = z.strictObject(
  {
    status: z
      .union([status, z.array(status, { error: statusForms })], {
        error: `${statusForms}, or a list of them`,
      })
      .optional()
      .meta({ description: 'Statuses that it is for: 429, "5xx", "500-504", or a list.' }),
    words: text("a regular expression").meta({
      description: "A regular expression, looked for in the provider's words, letter case aside.",
    }),
    as: oneOf(failureKinds).meta({ description: "What it is taken for (docs/failures.md)." }),
    // eslint-disable-next-line unicorn/no-thenable
    then: oneOf(failureSteps).meta({ description: "What comes next, whatever it is." }),
    wait: duration().meta({
      description: "Before a retry, or how long it rests; a time that the provider names goes before.",
    }),
  },
  { error: "a map with `status` or `words`, and `as` or `then`" },
);

const failures = z
  .strictObject(
    {
      tries: wholeNumber(1, 20, "a number of calls").meta({
        description: "Calls of one target in one turn, for what is retried there.",
      }),
      wait: span("Before the second call.", "Longest wait between two calls.").meta({
        description: "Between calls of the same target; grows, with chance in it.",
      }),
      breakAfter: wholeNumber(1, 1000, "a number of failures").meta({
        description: "Failures in a row after which the target rests.",
      }),
      rest: span("First rest.", "Longest rest.").meta({
        description: "How long it rests where the provider names no time; grows.",
      }),
      rules: z
        .array(rule, { error: "a list of maps with `status` or `words`, and `as` or `then`" })
        .optional()
        .meta({ description: "Asked before the built-in table; the first that matches decides." }),
    },
    { error: map },
  )
  .optional()
  .meta({ description: "What is done about failures of this provider (docs/failures.md)." });

/** Fields of a provider, to be spread into its schema. */
export const keyAndFailureFields = {
  keys,
  keyStrategy: oneOf(keyStrategies).meta({
    description: "How a key is chosen among those of the same priority. Default fill-first.",
  }),
  affinity: boolean().meta({
    description: "A conversation stays on the key whose prompt cache is warm. Default true.",
  }),
  proxy: proxy().meta({ description: "Proxy for this provider, in place of the environment's." }),
  timeouts,
  failures,
};
