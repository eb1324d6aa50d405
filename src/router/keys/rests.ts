/**
 * Cooldowns and breakers: one thing in three scopes (a key, a key for a model, a model with every key). Failures open it, at once or after several in
 * a row; it rests until the time that the provider named, else for one that doubles up to a bound; then one call after the other probes
 * it, and the first that is served closes it.
 */
import type { StateTables } from "../state/state.ts";
import { type Lease, nameOf, type Rest, rests, type Scope } from "./tables.ts";
import type { KeyResult, RestTerms } from "./terms.ts";

type Failure = Extract<KeyResult, { kind: "failed" }>;

/** How long a failure is remembered after it, or after the end of its rest, where nobody asks: milliseconds. */
const forgetAfter = 3_600_000;
/** However far away the reset is that a provider names: in a week it is asked again. */
const longestNamed = 7 * 24 * 3_600_000;
/** A named time that was still to come when the answer was read, and has passed by now, is the provider's word all the same (milliseconds). */
const justPassed = 1_000;
/** A probe that has not come back by then is taken for lost, and the next is let through. Harmless where it is only slow. */
const probeLasts = 120_000;
/** How long to wait for the end of somebody else's probe before asking again. */
const askAgain = 1_000;

export const restName = ({ provider, key, model }: Scope): string => nameOf(provider, key, model);

/** The scopes that must be well for a key to serve a model. */
export const scopesOf = (provider: string, key: string, model: string): readonly Scope[] => [
  { provider, key, model: null },
  { provider, key, model },
  { provider, key: null, model },
];

const save = (tables: StateTables, rest: Rest, now: number): void =>
  tables.of(rests).set(restName(rest), rest, Math.max(now, rest.opened > 0 ? rest.until : now) + forgetAfter);

/**
 * The rest of a scope. Where the clock was set back since it began, it begins now: it lasts as long as it was meant to, and not by
 * as much longer as the clock went back.
 */
export const restOf = (tables: StateTables, scope: Scope, now: number): Rest | undefined => {
  const rest = tables.of(rests).get(restName(scope));
  if (rest === undefined || rest.opened === 0 || now >= rest.since) return rest;
  const moved = { ...rest, since: now, until: now + (rest.until - rest.since) };
  save(tables, moved, now);
  return moved;
};

export const isResting = (rest: Rest, now: number): boolean => rest.opened > 0 && now < rest.until;

/** True while a probe is under way. One that seems to have begun in the future is from before the clock was set back. */
const isProbed = ({ probe }: Rest, now: number): boolean =>
  probe !== null && now >= probe.at && now < probe.until;

/** What a scope allows now. */
export type Allowed =
  | { readonly kind: "yes" }
  | { readonly kind: "probe"; readonly rest: string }
  | { readonly kind: "no"; readonly until: number; readonly reason: string };

export const allowedBy = (tables: StateTables, scope: Scope, now: number): Allowed => {
  const rest = restOf(tables, scope, now);
  if (rest === undefined || rest.opened === 0) return { kind: "yes" };
  if (isResting(rest, now)) return { kind: "no", until: rest.until, reason: rest.reason };
  if (isProbed(rest, now)) return { kind: "no", until: now + askAgain, reason: rest.reason };
  return { kind: "probe", rest: restName(scope) };
};

/** Holds the rests back for one probe. */
export const beginProbe = (
  tables: StateTables,
  names: readonly string[],
  lease: string,
  now: number,
): void => {
  for (const name of names) {
    const rest = tables.of(rests).get(name);
    if (rest) save(tables, { ...rest, probe: { lease, at: now, until: now + probeLasts } }, now);
  }
};

/** Lets the next probe through, whatever came of this one. */
export const endProbe = (tables: StateTables, names: readonly string[], lease: string, now: number): void => {
  for (const name of names) {
    const rest = tables.of(rests).get(name);
    if (rest?.probe?.lease === lease) save(tables, { ...rest, probe: null }, now);
  }
};

/** A call that began before the rest did: of many in flight each fails by itself, and they tell one thing together. */
const isOld = (rest: Rest, { at, probes }: Lease): boolean =>
  rest.opened > 0 && at <= rest.since && !probes.includes(restName(rest));

export const noteServed = (tables: StateTables, lease: Lease, now: number): void => {
  for (const scope of scopesOf(lease.provider, lease.key, lease.model)) {
    const rest = restOf(tables, scope, now);
    if (rest && !isOld(rest, lease)) tables.of(rests).delete(restName(scope));
  }
};

/** Where a failure counts. */
const scopeOf = (cools: Failure["cools"], { provider, key, model }: Lease): Scope => ({
  provider,
  key: cools === "model" ? null : key,
  model: cools === "key" ? null : model,
});

/** Twice as long each time, up to the bound. */
const grown = ({ firstRest, longestRest }: RestTerms, opened: number): number =>
  Math.min(longestRest, firstRest * 2 ** (opened - 1));

export const noteFailed = (tables: StateTables, lease: Lease, failure: Failure, now: number): void => {
  if (failure.cools === "nothing") return;
  const scope = scopeOf(failure.cools, lease);
  const before = restOf(tables, scope, now);
  const named =
    failure.until !== undefined && failure.until > now - justPassed
      ? Math.max(now, Math.min(failure.until, now + longestNamed))
      : undefined;
  const { reason } = failure;
  if (before && isOld(before, lease)) {
    // Nothing new, but for a later time by the provider's own word.
    if (named !== undefined && named > before.until) save(tables, { ...before, until: named, reason }, now);
    return;
  }
  const failures = (before?.failures ?? 0) + 1;
  const opened = before?.opened ?? 0;
  const opens = failure.opens === "at-once" || opened > 0 || failures >= failure.rest.breakAfter;
  save(
    tables,
    {
      ...scope,
      failures,
      opened: opens ? opened + 1 : 0,
      since: now,
      until: opens ? (named ?? now + grown(failure.rest, opened + 1)) : now,
      reason,
      probe: null,
    },
    now,
  );
};
