/** The command that shows how keys and models stand: for `switchyard status`, `/health` and `/api/state`. */
import type { StateCommand, StateTables } from "../state/state.ts";
import { isResting, restOf } from "./rests.ts";
import { type Rest, rests } from "./tables.ts";
import { noKey, type KeyTerms } from "./terms.ts";
import { inFlightOf, limitedUntil, usageOf, usedThisMinute } from "./usage.ts";

export interface ListArgs {
  /**
   * As configured: what is remembered of others (a key that was taken away) is left out. Of a provider whose one key is `noKey`, the logins that its
   * users bring are told of as well.
   */
  readonly providers: readonly { readonly provider: string; readonly keys: readonly KeyTerms[] }[];
}

/** One key, one model, or one key for one model. */
export interface StateRow {
  readonly provider: string;
  /** A key's id; `null`: every key. */
  readonly key: string | null;
  /** `null`: every model. */
  readonly model: string | null;
  /** `half-open`: the rest is over, and a single call tries it. `limited`: at what the provider allows the key. */
  readonly kind: "resting" | "half-open" | "limited" | "well";
  /** Of what rests or is limited: milliseconds since the epoch. */
  readonly until?: number;
  /** Short name of the last failure; a limit has none. */
  readonly reason?: string;
  /** In a row. */
  readonly failures: number;
  /** Calls under way; of a row with a model always 0: they are counted by key. */
  readonly inFlight: number;
  /** Requests and tokens of the last minute; of a row with a model always 0. */
  readonly requests: number;
  readonly tokens: number;
}

export interface StateView {
  /** The state's own clock, by which `until` is to be read: milliseconds since the epoch. */
  readonly now: number;
  /** Every key, then what of its provider's models rests or has failed. */
  readonly rows: readonly StateRow[];
}

const restFields = (rest: Rest | undefined, now: number): Pick<StateRow, "kind" | "until" | "reason"> => {
  if (rest === undefined) return { kind: "well" };
  const { until, reason } = rest;
  if (rest.opened === 0) return { kind: "well", reason };
  return isResting(rest, now) ? { kind: "resting", until, reason } : { kind: "half-open", reason };
};

const keyRow = (
  tables: StateTables,
  provider: string,
  terms: KeyTerms,
  inFlight: number,
  now: number,
): StateRow => {
  const rest = restOf(tables, { provider, key: terms.id, model: null }, now);
  const fields = restFields(rest, now);
  const usage = usageOf(tables, provider, terms.id, now);
  const limited = limitedUntil(terms, usage, inFlight, 1, now);
  return {
    provider,
    key: terms.id,
    model: null,
    ...fields,
    ...(fields.kind === "well" && limited > now && { kind: "limited" as const, until: limited }),
    failures: rest?.failures ?? 0,
    inFlight,
    ...usedThisMinute(usage),
  };
};

/** Keys that stand in no configuration: the users' own logins, as far as something is known of them now. */
const ownLogins = (
  keys: readonly KeyTerms[],
  remembered: readonly Rest[],
  inFlight: ReadonlyMap<string, number>,
): readonly KeyTerms[] => {
  if (keys.length !== 1 || keys[0]?.id !== noKey) return [];
  const ids = new Set([...remembered.flatMap(({ key }) => key ?? []), ...inFlight.keys()]);
  ids.delete(noKey);
  return [...ids].map((id) => ({ id, priority: 0, weight: 1 }));
};

const list = (tables: StateTables, args: ListArgs, now: number): StateView => {
  const all = [...tables.of(rests).entries()].map(([, rest]) => rest);
  const rows = args.providers.flatMap(({ provider, keys: configured }) => {
    const inFlight = inFlightOf(tables, provider);
    const remembered = all.filter((rest) => rest.provider === provider);
    const keys = [...configured, ...ownLogins(configured, remembered, inFlight)];
    const ids = new Set<string | null>([null, ...keys.map(({ id }) => id)]);
    const withModel = remembered
      .filter((rest) => rest.model !== null && ids.has(rest.key))
      .map((each): StateRow => {
        const rest = restOf(tables, each, now) ?? each;
        const { key, model, failures } = rest;
        const none = { inFlight: 0, requests: 0, tokens: 0 };
        return { provider, key, model, ...restFields(rest, now), failures, ...none };
      });
    return [
      ...keys.map((terms) => keyRow(tables, provider, terms, inFlight.get(terms.id) ?? 0, now)),
      ...withModel,
    ];
  });
  return { now, rows };
};

/** How each key stands, and each model that failed. Names of keys are the caller's to put in: the state knows ids alone. */
export const listState: StateCommand<ListArgs, StateView> = { name: "listState", lasting: false, run: list };
