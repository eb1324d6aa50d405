/** `GET /api/state`: what the router knows of its keys and models, and of its configuration. `POST /api/cooldowns/clear`: ends rests. */
import { type ConfigIdentity, identityOf } from "../../config/identity.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import { clearCooldowns as clearCommand } from "../keys/clear.ts";
import { keyless, termsOf } from "../keys/terms-of.ts";
import { noKey } from "../keys/terms.ts";
import { listState, type StateRow } from "../keys/view.ts";
import { defaultProfileOf } from "../profiles/asked.ts";
import type { ConfigurationState } from "../reload/reloader.ts";
import { versionOfRouter } from "../version.ts";
import type { WorkerEntry } from "../workers/workers.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { parseBody } from "./validate.ts";

/** One key, one model of a provider, or one key for one model. */
export interface StateEntry {
  readonly provider: string;
  /** Name of the key as configured, or its last four characters; null: every key, or the provider needs none. */
  readonly key: string | null;
  /** Null: every model. */
  readonly model: string | null;
  readonly state: StateRow["kind"];
  /** As 2026-11-21T10:00:00.000Z. */
  readonly until?: string;
  /** A short name: `rateLimited`. Never a provider's words. */
  readonly reason?: string;
  /** In a row. */
  readonly failures: number;
  readonly inFlight: number;
  /** Of the last minute. */
  readonly requests: number;
  readonly tokens: number;
}

/** The answer of `GET /api/state`. */
export interface StateAnswer {
  /** Of the program. */
  readonly version: string;
  /** Digests of what decides turns, by part of the configuration: a session that would join the router compares them. */
  readonly identity: ConfigIdentity;
  readonly status: "serving" | "draining";
  /** Requests under way, this one left out. */
  readonly inFlight: number;
  readonly configuration: ConfigurationState;
  /** The default one; null: the configuration's own routes. */
  readonly profile: string | null;
  /** The processes that serve turns, where there are several. */
  readonly workers?: readonly WorkerEntry[];
  readonly targets: readonly StateEntry[];
}

/** How every key and model of the configuration stands. */
export const entries = async ({ config, state }: RouterContext): Promise<StateEntry[]> => {
  const providers = [...config.providers.values()].filter(
    ({ disabled, dialect }) => disabled === undefined && dialect !== "demo",
  );
  const { rows } = await state.call(listState, {
    providers: providers.map(({ name, keys }) => ({
      provider: name,
      keys: keys.length > 0 ? keys.map(termsOf) : [keyless(noKey)],
    })),
  });
  const labels = new Map(
    providers.flatMap(({ name, keys }) => keys.map(({ id, label }) => [`${name} ${id}`, label] as const)),
  );
  return rows.map(({ provider, key, model, kind, until, reason, failures, inFlight, requests, tokens }) => ({
    provider,
    key: key === null || key === noKey ? null : (labels.get(`${provider} ${key}`) ?? key),
    model,
    state: kind,
    ...(until !== undefined && Number.isFinite(until) && { until: new Date(until).toISOString() }),
    ...(reason !== undefined && { reason }),
    failures,
    inFlight,
    requests,
    tokens,
  }));
};

export const state = (context: RouterContext): Handler =>
  async function handleState(_request, reply) {
    const answer: StateAnswer = {
      version: versionOfRouter(),
      identity: identityOf(context.config),
      status: context.flights.draining ? "draining" : "serving",
      inFlight: context.flights.all - 1,
      configuration: context.reloader.state(),
      profile: defaultProfileOf(context) ?? null,
      ...(context.workers !== undefined && { workers: context.workers.list() }),
      targets: await entries(context),
    };
    return reply.send(answer);
  };

/** How many keys and models of each provider rest. Names of keys and models are not told: `/health` asks for no key. */
export const restingByProvider = async (context: RouterContext): Promise<Map<string, number>> => {
  const resting = new Map<string, number>();
  for (const { provider, state: kind } of await entries(context))
    if (kind === "resting") resting.set(provider, (resting.get(provider) ?? 0) + 1);
  return resting;
};

/** The answer of `POST /api/cooldowns/clear`. */
export interface ClearAnswer {
  /** How many rests and counts of failures were forgotten. */
  readonly cleared: number;
}

/** @throws SwitchyardError request.malformed, route.unknownProvider */
const readClear = (
  body: Buffer | undefined,
  context: RouterContext,
): { provider: string | undefined; model: string | undefined } => {
  if (body === undefined || body.length === 0) return { provider: undefined, model: undefined };
  const given = parseBody(body);
  const { provider, model } = isJsonObject(given) ? given : { provider: null };
  const isText = (value: unknown): value is string | undefined =>
    value === undefined || typeof value === "string";
  if (!isText(provider) || !isText(model) || (model !== undefined && provider === undefined)) {
    throw new SwitchyardError("request.malformed", {
      detail: "expected nothing, {provider}, or {provider, model}, as text",
    });
  }
  if (provider !== undefined && !context.config.providers.has(provider))
    throw new SwitchyardError("route.unknownProvider", {
      detail: provider,
      hint: `Name one of these: ${[...context.config.providers.keys()].join(", ")}.`,
    });
  return { provider, model };
};

export const clearCooldowns = (context: RouterContext): Handler =>
  async function handleClear(request, reply) {
    const asked = readClear(rawBodyOf(request), context);
    const answer: ClearAnswer = await context.state.call(clearCommand, asked);
    context.log.info({ code: "cooldowns.cleared", ...asked, ...answer }, "cooldowns were cleared");
    return reply.send(answer);
  };
