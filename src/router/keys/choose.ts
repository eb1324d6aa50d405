/** The strategies: which of several keys that are free goes next. */
import type { KeyStrategy } from "../../config/types.ts";
import type { StateTables } from "../state/state.ts";
import type { KeyTerms } from "./terms.ts";
import { saveUsage, usageOf } from "./usage.ts";

export interface Choice {
  readonly provider: string;
  readonly strategy: KeyStrategy;
  /** In the order of the configuration, at least one. */
  readonly free: readonly KeyTerms[];
  /** By id. */
  readonly inFlight: ReadonlyMap<string, number>;
}

/** The key with the smallest figure; of equals the one that comes first. */
const smallest = (keys: readonly KeyTerms[], ...figures: ((key: KeyTerms) => number)[]): KeyTerms =>
  keys.toSorted((a, b) => {
    for (const figure of figures) {
      const difference = figure(a) - figure(b);
      if (difference !== 0) return difference;
    }
    return 0;
  })[0]!;

/**
 * Each is owed its weight with every choice, the one that is owed most is taken and pays for all: shares are exact over time, and a
 * heavy key does not come many times on end.
 */
const byWeight = (tables: StateTables, { provider }: Choice, keys: readonly KeyTerms[], now: number) => {
  const owed = keys.map((key) => {
    const usage = usageOf(tables, provider, key.id, now);
    return { key, usage, owed: usage.owed + key.weight };
  });
  const most = Math.max(...owed.map((each) => each.owed));
  const taken = owed.find((each) => each.owed === most)!;
  const total = keys.reduce((sum, { weight }) => sum + weight, 0);
  for (const each of owed)
    saveUsage(
      tables,
      provider,
      each.key.id,
      { ...each.usage, owed: each === taken ? each.owed - total : each.owed },
      now,
    );
  return taken.key;
};

/** Among those of the highest priority, as the strategy says. */
export const choose = (tables: StateTables, choice: Choice, now: number): KeyTerms => {
  const highest = Math.max(...choice.free.map(({ priority }) => priority));
  const keys = choice.free.filter(({ priority }) => priority === highest);
  if (keys.length === 1) return keys[0]!;
  if (choice.strategy === "fill-first") return keys[0]!;
  if (choice.strategy === "weighted") return byWeight(tables, choice, keys, now);
  const use = new Map(keys.map(({ id }) => [id, usageOf(tables, choice.provider, id, now)]));
  const lastTaken = ({ id }: KeyTerms): number => use.get(id)!.last;
  const firstBy: Record<typeof choice.strategy, (key: KeyTerms) => number> = {
    "round-robin": lastTaken,
    "least-busy": ({ id }) => choice.inFlight.get(id) ?? 0,
    "least-used": ({ id }) => use.get(id)!.used,
  };
  return smallest(keys, firstBy[choice.strategy], lastTaken);
};
