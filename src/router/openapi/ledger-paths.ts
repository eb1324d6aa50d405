/** What the ledger answers. */
import { filterNames, groupings } from "../ledger/queries.ts";
import type { Paths } from "./operation.ts";
import { count, listOf, named, object, oneOf, orNull, type Schema, text, time } from "./schema.ts";

const range = {
  since: text("2026-11-21, 2026-11-21T10:00:00Z, or milliseconds."),
  until: text("The same; itself left out."),
};
const filter = Object.fromEntries(filterNames.map((name) => [name, text()]));
const timezone = text("As Europe/Berlin: where a day begins.");
const limit = count("At most 1,000.");
const outcome = oneOf("done", "failed", "cut", "aborted");
const stats: Readonly<Record<string, Schema>> = {
  requests: count(),
  tokens: object({
    input: count(),
    output: count(),
    cacheWrite: count(),
    cacheRead: count(),
    reasoning: count(),
    total: count(),
  }),
  cost: named("Cost"),
  unpriced: count("Requests whose price is not known."),
};

const captured = object({
  id: text("The turn's request-id."),
  at: time("When it was written."),
  request: orNull(count("Bytes of what the client sent.")),
  answer: orNull(count("Bytes of what it was answered.")),
});

export const ledgerPaths: Paths = {
  "/api/usage": {
    get: {
      summary: "Turns, tokens and cost, added up.",
      access: "admin",
      query: { by: oneOf(...groupings), ...range, ...filter, timezone, limit },
      answer: object({
        ledger: text("A name of the ledger's own."),
        by: oneOf(...groupings),
        timezone: text(),
        since: orNull(time()),
        until: orNull(time()),
        rows: listOf(named("UsageRow")),
        more: count("Rows that are left out; they are in `total`."),
        total: named("Usage"),
      }),
    },
  },
  "/api/usage/series": {
    get: {
      summary: "The same by hours or days.",
      access: "admin",
      query: {
        step: oneOf("hour", "day"),
        by: oneOf(...groupings.filter((each) => each !== "day")),
        ...range,
        ...filter,
        timezone,
        percentiles: oneOf("true", "false"),
      },
      answer: object({
        step: oneOf("hour", "day"),
        timezone: text(),
        points: listOf({
          allOf: [named("UsageRow"), object({ at: time(), day: text() }, { latency: named("Latency") })],
        }),
      }),
    },
  },
  "/api/usage/export": {
    get: {
      summary: "Every turn of a span, as a file.",
      access: "admin",
      query: { format: oneOf("csv", "json"), outcome, ...range, ...filter },
      answer: { type: "text/csv", schema: text(), also: { "application/json": listOf(named("Turn")) } },
    },
  },
  "/api/turns": {
    get: {
      summary: "Turns, the newest first.",
      access: "admin",
      query: {
        outcome,
        limit,
        after: text("`next` of the page before."),
        order: oneOf("newest", "oldest"),
        ...range,
        ...filter,
      },
      answer: object({ turns: listOf(named("Turn")), next: orNull(text()) }),
    },
  },
  "/api/turns/{id}": {
    get: { summary: "One turn, by the request-id of its answer.", access: "admin", answer: named("Turn") },
  },
  "/api/captures": {
    get: {
      summary: "Turns of which prompts or answers are kept, the newest first.",
      access: "admin",
      query: { limit, after: text("`next` of the page before."), id: text("That of one turn alone.") },
      answer: object({ captures: listOf(captured), next: orNull(text()) }),
    },
  },
  "/api/captures/{id}": {
    get: { summary: "What is kept of one turn.", access: "admin", answer: captured },
  },
  "/api/captures/{id}/{kind}": {
    get: {
      summary: "The text itself; `kind` is `request` or `answer`. Keys are taken out.",
      access: "admin",
      answer: { type: "text/plain", schema: text() },
    },
  },
  "/api/captures/delete": {
    post: {
      summary: "Removes what is kept of one turn, or all.",
      access: "admin",
      body: { anyOf: [object({ id: text("The turn's request-id.") }), object({ all: { const: true } })] },
      answer: object({ removed: count("Files.") }),
    },
  },
  "/api/token-stats": {
    get: {
      summary: "Usage by model since the last reset.",
      access: "admin",
      answer: object({
        since: orNull(time()),
        ...stats,
        models: listOf(object({ model: text(), ...stats })),
      }),
    },
  },
  "/api/token-stats/reset": {
    post: {
      summary: "Has these statistics begin anew. Nothing is removed from the ledger.",
      access: "admin",
      answer: object({ since: orNull(time()) }),
    },
  },
  "/token-stats.html": {
    get: { summary: "The same as a page.", access: "admin", answer: { type: "text/html", schema: text() } },
  },
};
