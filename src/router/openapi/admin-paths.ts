/** The administration's API: state, routes, logs, keys, budgets, configuration. */
import type { Paths } from "./operation.ts";
import {
  anyObject,
  count,
  flag,
  listOf,
  mapOf,
  named,
  number,
  object,
  oneOf,
  orNull,
  text,
  time,
} from "./schema.ts";

const html = { type: "text/html", schema: text() };
const keyAnswer = object({ key: text("Told this once."), record: named("ClientKey") });
const keyName = { name: text("Name of the key.") };

export const adminPaths: Paths = {
  "/": { get: { summary: "The dashboard.", access: "everybody", answer: html } },
  "/assets/{file}": {
    get: { summary: "Files of the dashboard.", access: "everybody", answer: { type: "*/*", schema: text() } },
  },
  "/api/openapi.json": {
    get: { summary: "This document.", access: "admin", answer: anyObject("OpenAPI 3.1.") },
  },
  "/api/route": {
    post: {
      summary: "Which rule would decide a request, and why. Nobody is called.",
      access: "admin",
      query: { profile: text("As it is asked on this profile.") },
      body: anyObject("A request of Anthropic's Messages API."),
      answer: object({
        rule: text(),
        targets: listOf(text("provider,model")),
        tokens: count("Counted input tokens."),
        why: listOf(object({ rule: text(), matched: flag(), reason: text() })),
      }),
    },
  },
  "/api/state": {
    get: {
      summary: "How keys and models stand, and the configuration.",
      access: "admin",
      answer: object(
        {
          version: text("Of the program."),
          identity: mapOf(
            text("A digest, by part of the configuration: routers with equal ones decide alike."),
          ),
          status: oneOf("serving", "draining"),
          inFlight: count("Requests under way, this one left out."),
          configuration: named("Configuration"),
          profile: orNull(text("The default one; null: none.")),
          targets: listOf(named("Standing")),
        },
        { workers: listOf(named("Worker")) },
      ),
    },
  },
  "/api/reload": {
    post: {
      summary: "Reads the configuration's files again. Takes no body.",
      access: "admin",
      answer: object({ outcome: oneOf("reloaded", "unchanged"), configuration: named("Configuration") }),
      more: {
        "422": { description: "It was refused; the one before stays in force.", schema: named("Error") },
      },
    },
  },
  "/api/cooldowns/clear": {
    post: {
      summary: "Ends rests: all, of a provider, or of one of its models.",
      access: "admin",
      body: object({}, { provider: text(), model: text() }),
      answer: object({ cleared: count() }),
    },
  },
  "/api/providers": {
    get: {
      summary: "The configured providers. Of keys the names alone.",
      access: "admin",
      answer: object({ providers: listOf(named("Provider")) }),
    },
  },
  "/api/providers/{name}": {
    post: {
      summary: "Switches a provider off, or on again.",
      access: "admin",
      body: object({ enabled: flag() }),
      answer: object({ name: text(), enabled: flag(), changed: flag() }),
    },
  },
  "/api/routes": {
    get: {
      summary: "The routing table in force.",
      access: "admin",
      query: { profile: text("That of this profile.") },
      answer: object({
        custom: listOf(object({ rule: text(), targets: listOf(named("RouteTarget")) })),
        script: flag("A script is asked after the custom rules."),
        rules: listOf(
          object(
            { rule: text(), targets: listOf(named("RouteTarget")) },
            { choose: oneOf("order", "fastest", "cheapest"), threshold: count(), minEffort: text() },
          ),
        ),
        aliases: mapOf(text("provider,model")),
      }),
    },
  },
  "/api/profiles": {
    get: {
      summary: "The profiles, and which of them serves what is asked without one.",
      access: "admin",
      answer: object({
        default: orNull(text("Null: the configuration's own routes.")),
        profiles: listOf(
          object({
            name: text(),
            description: text(),
            file: text("Where it is defined."),
            disabled: orNull(text("Why none of its models can be asked.")),
            models: mapOf(listOf(text("provider,model"))),
            routes: mapOf(listOf(text("provider,model"))),
            contextWindow: orNull(count("Tokens.")),
            maxOutputTokens: orNull(count()),
            effort: orNull(text()),
            client: listOf(text("A compatibility switch of the client that is on.")),
          }),
        ),
      }),
    },
  },
  "/api/profile": {
    put: {
      summary: "Chooses the profile that serves what is asked without one, at once.",
      access: "admin",
      body: object({ name: orNull(text("Null: none.")) }),
      answer: object({ profile: orNull(text()), before: orNull(text()) }),
    },
  },
  "/api/logs": {
    get: {
      summary: "The last lines of the log, without secrets.",
      access: "admin",
      query: { after: count("Number of the last line that the asker has."), limit: count("At most 1,000.") },
      answer: object({
        lines: listOf(
          object({
            number: count(),
            time: orNull(time()),
            level: orNull(count("pino's: 30 info, 40 warn, 50 error.")),
            message: text(),
            fields: anyObject("What else the line says."),
          }),
        ),
        last: count(),
      }),
    },
  },
  "/api/live": {
    get: {
      summary:
        "What turns do, as server-sent events: each `data:` is JSON with `kind` begun, calling, attempt, progress or ended.",
      access: "admin",
      answer: { type: "text/event-stream", schema: text() },
    },
  },
  "/api/login": {
    post: {
      summary: "Begins a session of the dashboard: sets a cookie.",
      access: "everybody",
      body: object({ token: text("The administrator's.") }),
      answer: object({
        csrf: text("To be sent as x-switchyard-csrf with every request that changes something."),
      }),
    },
  },
  "/api/session": {
    get: {
      summary: "Whether the asker is signed in.",
      access: "everybody",
      answer: object({ signedIn: flag(), tokenMade: flag("Somebody can sign in.") }, { csrf: text() }),
    },
  },
  "/api/logout": {
    post: { summary: "Ends the session.", access: "admin", answer: object({ signedIn: { const: false } }) },
  },
  "/api/admin/token": {
    post: {
      summary: "Takes another administrator's token; sessions end.",
      access: "admin",
      body: object({
        hash: { type: "string", pattern: "^[0-9a-f]{64}$", description: "SHA-256 of the token, in hex." },
      }),
      answer: object({ replaced: { const: true } }),
    },
  },
  "/api/keys": {
    get: {
      summary: "Client keys, without themselves.",
      access: "admin",
      answer: object({
        configured: count("Keys of the configuration."),
        keys: listOf({
          allOf: [
            named("ClientKey"),
            object({
              lastMinute: object({ requests: count(), tokens: count() }),
              spent: orNull(number("US dollars of its own budget's period.")),
            }),
          ],
        }),
      }),
    },
    post: {
      summary: "Makes a client key.",
      access: "admin",
      body: { allOf: [object(keyName), named("ClientKeyTerms")] },
      answer: keyAnswer,
    },
  },
  "/api/keys/revoke": {
    post: {
      summary: "Takes a client key away.",
      access: "admin",
      body: object(keyName),
      answer: object({ record: named("ClientKey") }),
    },
  },
  "/api/keys/rotate": {
    post: {
      summary: "Replaces a client key by a new one of the same terms.",
      access: "admin",
      body: object(keyName, { grace: count("Milliseconds for which the former one is taken as well.") }),
      answer: keyAnswer,
    },
  },
  "/api/budgets": {
    get: {
      summary: "How much of each budget is spent.",
      access: "admin",
      answer: object({ budgets: listOf(named("Budget")) }),
    },
  },
  "/api/configs": {
    get: {
      summary: "The configuration in force, without keys.",
      access: "admin",
      answer: anyObject("As docs/configuration.md has it; of what is secret the number or the names."),
    },
  },
  "/api/config": {
    get: {
      summary: "The text of the configuration's file. Keys that are written out are marks in it.",
      access: "admin",
      answer: object({
        file: orNull(text("Null: it cannot be changed here.")),
        text: text(),
        version: text("To be given back with a change."),
        writable: flag(),
        backups: listOf(text()),
      }),
    },
    put: {
      summary: "Checks, saves and takes a changed text; the one before is kept.",
      access: "admin",
      body: object(
        { text: text(), version: text() },
        { from: text("A version before, whose marks the text has.") },
      ),
      answer: named("ConfigCheck"),
      more: { "422": { description: "It has errors; nothing was changed.", schema: named("ConfigCheck") } },
    },
  },
  "/api/config/check": {
    post: {
      summary: "Checks a text, and changes nothing.",
      access: "admin",
      body: object({ text: text() }, { version: text(), from: text() }),
      answer: named("ConfigCheck"),
    },
  },
  "/api/config/backup": {
    get: {
      summary: "A version before.",
      access: "admin",
      query: { name: text("One of `backups`.") },
      answer: object({ text: text() }),
    },
  },
};
