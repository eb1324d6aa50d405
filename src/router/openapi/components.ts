/** Schemas that several operations have. */
import { statusOfErrorType } from "../../shared/errors.ts";
import {
  anyObject,
  count,
  flag,
  listOf,
  mapOf,
  named,
  number,
  object,
  only,
  oneOf,
  orNull,
  type Schema,
  text,
  time,
} from "./schema.ts";

const usage: Readonly<Record<string, Schema>> = {
  turns: count(),
  failed: count(),
  cut: count(),
  aborted: count(),
  attempts: count(),
  input: count("Neither read from a cache nor written to one."),
  output: count(),
  cacheWrite: count(),
  cacheRead: count(),
  reasoning: count("Part of `output`."),
  unreported: count("Turns whose provider reported no tokens."),
  cost: named("Cost"),
  unpriced: count("Turns with tokens and without a known price."),
  firstToken: orNull(number("Mean milliseconds to the first content.")),
  duration: orNull(number("Mean milliseconds.")),
};

const period = oneOf("day", "week", "month");

const clientKeyTerms: Readonly<Record<string, Schema>> = {
  models: listOf(text("A target; * stands for anything. None: every target.")),
  profiles: listOf(text("None: every profile.")),
  budget: orNull(object({ limit: number("US dollars."), per: period })),
  requestsPerMinute: orNull(count()),
  tokensPerMinute: orNull(count()),
  metrics: flag("Whether it may read /metrics."),
  expiresAt: orNull(time()),
};

export const components: Readonly<Record<string, Schema>> = {
  Error: object(
    {
      type: only("error"),
      error: object({ type: oneOf(...Object.keys(statusOfErrorType)), message: text() }),
    },
    { request_id: orNull(text()) },
  ),
  OpenAiError: object({
    error: object({ message: text(), type: text(), param: orNull(text()), code: orNull(text()) }),
  }),
  GoogleError: object({
    error: object(
      { code: count(), message: text(), status: text() },
      { details: listOf(anyObject("What google.rpc says.")) },
    ),
  }),
  GoogleModel: object(
    { name: text(), displayName: text(), supportedGenerationMethods: listOf(text()) },
    { inputTokenLimit: count(), outputTokenLimit: count(), thinking: flag() },
  ),
  AnthropicModel: object({ type: only("model"), id: text(), display_name: text(), created_at: time() }),
  OpenAiModel: object({ id: text(), object: only("model"), created: count(), owned_by: text() }),
  Cost: { ...orNull(number()), description: "US dollars; null: not known, which is not free." },
  Configuration: object(
    {
      loadedAt: time(),
      revision: count("Which one it is of those that have come into force since the start, from 1."),
      files: listOf(text()),
    },
    {
      needsRestart: listOf(text("A setting that counts from the next start.")),
      problem: object({ code: text(), message: text(), since: time() }),
    },
  ),
  Worker: object({
    pid: count("Its process."),
    since: time(),
    inFlight: count("Requests under way."),
    memory: count("Resident, in bytes."),
  }),
  Standing: object(
    {
      provider: text(),
      key: orNull(text("A name, or the last four characters.")),
      model: orNull(text("Null: every model.")),
      state: oneOf("well", "limited", "resting", "half-open"),
      failures: count("In a row."),
      inFlight: count(),
      requests: count("Of the last minute."),
      tokens: count("Of the last minute."),
    },
    { until: time(), reason: text() },
  ),
  Provider: object({
    name: text(),
    dialect: oneOf("anthropic", "openai-chat", "openai-responses", "gemini", "demo"),
    baseUrl: text(),
    auth: oneOf("key", "none", "passthrough"),
    keys: listOf(text()),
    disabled: orNull(text("Why the configuration does not use it.")),
    switchedOff: orNull(time()),
    targets: listOf(text("Of routes, aliases, rules, profiles and budgets.")),
    usedBy: mapOf(listOf(text("A place that the target stands in: routes.default."))),
  }),
  RouteTarget: object({ target: text(), unusable: orNull(text()) }),
  ClientKeyTerms: object({}, clientKeyTerms),
  ClientKey: object({
    name: text(),
    ending: text("Its last four characters."),
    createdAt: time(),
    revokedAt: orNull(time()),
    state: oneOf("valid", "expired", "revoked"),
    formerUntil: orNull(time("Until when the key before the last rotation is taken.")),
    ...clientKeyTerms,
  }),
  Budget: object({
    budget: text(),
    of: orNull(text("The provider, profile or client key; null: everybody.")),
    limit: number("US dollars."),
    spent: number(),
    held: number("By turns under way."),
    unpriced: count(),
    per: period,
    since: time(),
    until: time(),
  }),
  ConfigCheck: object(
    {
      valid: flag(),
      problems: listOf(text("File, line, column, what, and what to do.")),
      notices: listOf(text()),
    },
    { version: text(), needsRestart: listOf(text()) },
  ),
  Usage: object(usage),
  UsageRow: object({ name: orNull(text()), ...usage }),
  Percentiles: object({ p50: count("Milliseconds."), p95: count(), p99: count() }),
  Latency: object({
    firstToken: orNull(named("Percentiles")),
    duration: orNull(named("Percentiles")),
  }),
  Tokens: object({
    input: count("Neither read from a cache nor written to one."),
    output: count(),
    cacheWrite: count(),
    cacheRead: count(),
    reasoning: count("Part of `output`."),
  }),
  Attempt: object(
    {
      target: text(),
      key: orNull(text()),
      result: text("served, cut, aborted, or the kind of the failure."),
      status: orNull(count()),
      duration: number("Milliseconds."),
    },
    {
      reason: text("Why it failed, where the words are the router's own."),
      tokens: named("Tokens"),
      cost: named("Cost"),
    },
  ),
  Turn: object(
    {
      id: text(),
      at: time(),
      session: orNull(text()),
      agent: orNull(text()),
      profile: orNull(text()),
      clientKey: orNull(text()),
      client: text(),
      asked: text(),
      rule: text(),
      target: text(),
      attemptCount: count(),
      attempts: listOf(named("Attempt")),
      stream: flag(),
      tokens: orNull(named("Tokens")),
      cost: named("Cost"),
      firstToken: orNull(number("Milliseconds.")),
      duration: number("Milliseconds."),
      outcome: oneOf("done", "failed", "cut", "aborted"),
      status: count(),
      error: orNull(text()),
    },
    {
      partial: flag("True: `tokens` and `cost` are the least that was used."),
      why: listOf(object({ rule: text(), matched: flag(), reason: text() })),
      skipped: listOf(object({ target: text(), reason: text() })),
    },
  ),
};
