/** The command that chooses a key for one call of a target, and holds it. */
import type { StateCommand, StateTables } from "../state/state.ts";
import { isSwitchedOff } from "../switches/commands.ts";
import { choose } from "./choose.ts";
import { allowedBy, beginProbe, scopesOf } from "./rests.ts";
import { affinities, nameOf } from "./tables.ts";
import type { KeyTerms, TakeArgs, Taken } from "./terms.ts";
import { beginUse, inFlightOf, limitedUntil, usageOf } from "./usage.ts";

/** A conversation that is silent for so long has lost its prompt cache at every provider (milliseconds). */
export const affinityLasts = 3_600_000;
/** Longer than any call lasts under the default time-out of an hour, where the caller does not say. */
export const leaseLasts = 65 * 60_000;

type Hindrance = Exclude<Taken, { kind: "taken" }>;

/** How a key stands for this call. */
type Standing =
  | { readonly kind: "free"; readonly key: KeyTerms; readonly probes: readonly string[] }
  | { readonly kind: "busy"; readonly key: KeyTerms; readonly until: number }
  | { readonly kind: "cooling"; readonly key: KeyTerms; readonly until: number; readonly reason: string };

const standingOf = (
  tables: StateTables,
  key: KeyTerms,
  args: TakeArgs,
  inFlight: number,
  now: number,
): Standing => {
  const probes: string[] = [];
  let [until, reason] = [now, ""];
  for (const scope of scopesOf(args.provider, key.id, args.model)) {
    const allowed = allowedBy(tables, scope, now);
    if (allowed.kind === "probe") probes.push(allowed.rest);
    else if (allowed.kind === "no" && allowed.until > until) ({ until, reason } = allowed);
  }
  const usage = usageOf(tables, args.provider, key.id, now);
  const limited = limitedUntil(key, usage, inFlight, args.tokens, now);
  if (limited > until) return { kind: "busy", key, until: limited };
  return until > now ? { kind: "cooling", key, until, reason } : { kind: "free", key, probes };
};

/** The conversation's key, where it may be used; undefined where it is to be chosen. */
const keptKey = (tables: StateTables, args: TakeArgs, standings: readonly Standing[]) => {
  if (args.conversation === undefined) return undefined;
  const id = tables.of(affinities).get(nameOf(args.provider, args.conversation));
  return standings.find(({ key }) => key.id === id);
};

/** How each key stands that was not tried. */
const standingsOf = (
  tables: StateTables,
  args: TakeArgs,
  inFlight: ReadonlyMap<string, number>,
  now: number,
): readonly Standing[] => {
  // The turn leaves such targets out before it begins; one that was switched off under way is not asked again.
  if (isSwitchedOff(tables, args.provider)) return [];
  const tried = new Set(args.tried);
  return args.keys
    .filter(({ id }) => !tried.has(id))
    .map((key) => standingOf(tables, key, args, inFlight.get(key.id) ?? 0, now));
};

/** Why no key can be taken; undefined where one is free. */
const hindranceOf = (standings: readonly Standing[]): Hindrance | undefined => {
  const soonest = standings.toSorted(
    (a, b) => Number(isRefused(a)) - Number(isRefused(b)) || untilOf(a) - untilOf(b),
  )[0];
  if (soonest === undefined) return { kind: "none" };
  if (soonest.kind === "busy") return { kind: "busy", until: soonest.until };
  if (soonest.kind === "cooling") return { kind: "cooling", until: soonest.until, reason: soonest.reason };
  return undefined;
};

const take = (tables: StateTables, args: TakeArgs, now: number): Taken => {
  const inFlight = inFlightOf(tables, args.provider);
  const standings = standingsOf(tables, args, inFlight, now);
  const hindrance = hindranceOf(standings);
  if (hindrance !== undefined) return hindrance;
  const free = standings.filter((standing) => standing.kind === "free");
  const kept = keptKey(tables, args, standings);
  const chosen =
    kept?.kind === "free"
      ? kept
      : chosenOf(free, choose(tables, { ...args, free: free.map(({ key }) => key), inFlight }, now));
  // A key at its limits soon serves again, and its cache is warm still: the conversation only steps aside.
  const stays = kept?.kind === "busy" ? kept : chosen;
  if (args.conversation !== undefined)
    tables.of(affinities).set(nameOf(args.provider, args.conversation), stays.key.id, now + affinityLasts);
  const { provider, model, tokens } = args;
  const { probes } = chosen;
  const lease = beginUse(
    tables,
    { provider, key: chosen.key.id, model, at: now, tokens, probes },
    now + (args.longest ?? leaseLasts),
  );
  beginProbe(tables, probes, lease, now);
  return { kind: "taken", key: chosen.key.id, lease, probe: probes.length > 0 };
};

const untilOf = (standing: Standing): number => (standing.kind === "free" ? 0 : standing.until);

/** The rest of a key that was refused tells nobody when to come back: another's goes before. */
const isRefused = (standing: Standing): boolean =>
  standing.kind === "cooling" && standing.reason === "keyRejected";

type Free = Extract<Standing, { kind: "free" }>;
const chosenOf = (free: readonly Free[], key: KeyTerms): Free => free.find((each) => each.key === key)!;

/**
 * Chooses a key for one call: of those that neither rest nor are at their limits, the one that the conversation is on, else by priority and strategy.
 * What is taken is given back with `giveKey`; a lease that never is expires after `longest`.
 *
 * Not lasting by itself: what it changes is written with the next `giveKey`, or at the end.
 */
export const takeKey: StateCommand<TakeArgs, Taken> = { name: "takeKey", lasting: false, run: take };

/** The same question without a call: nothing is held, counted or remembered by it. */
export const whetherFree: StateCommand<TakeArgs, Hindrance | { readonly kind: "free" }> = {
  name: "whetherFree",
  lasting: false,
  run: (tables, args, now) =>
    hindranceOf(standingsOf(tables, args, inFlightOf(tables, args.provider), now)) ?? { kind: "free" },
};
