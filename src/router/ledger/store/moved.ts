/**
 * What a turn used at other targets than its own: a call that failed, or broke off and was taken up by another, may have cost as well. The row of a turn
 * has all of it; these rows take the part of others away from its target and give it to theirs, so that sums are right by either.
 */
import { spentOf, type Spent, type TurnRecord } from "../record.ts";

/** Measures (schema.ts) that move; those of turns and times do not. */
export const movedMeasures = [
  "input",
  "output",
  "cache_write",
  "cache_read",
  "reasoning",
  "unreported",
  "cost",
  "priced",
  "unpriced",
] as const;
type MovedMeasure = (typeof movedMeasures)[number];

export interface Move {
  readonly target: string;
  readonly measures: Readonly<Record<MovedMeasure, number>>;
}

const measured = (spent: Pick<Spent, "cost"> & { tokens: Spent["tokens"] | null }): Move["measures"] => ({
  input: spent.tokens?.input ?? 0,
  output: spent.tokens?.output ?? 0,
  cache_write: spent.tokens?.cacheWrite ?? 0,
  cache_read: spent.tokens?.cacheRead ?? 0,
  reasoning: spent.tokens?.reasoning ?? 0,
  unreported: spent.tokens === null ? 1 : 0,
  cost: spent.cost ?? 0,
  priced: spent.cost === null ? 0 : 1,
  unpriced: spent.tokens !== null && spent.cost === null ? 1 : 0,
});

/** @returns none of a turn that used all at its own target */
export const movesOf = (turn: Pick<TurnRecord, "target" | "tokens" | "cost" | "spent">): Move[] => {
  if (turn.spent === undefined) return [];
  const all = measured(turn);
  const own = measured(
    turn.spent.find(({ target }) => target === turn.target) ?? { tokens: null, cost: null },
  );
  const taken = Object.fromEntries(
    movedMeasures.map((name) => [name, own[name] - all[name]]),
  ) as Move["measures"];
  return [
    { target: turn.target, measures: taken },
    ...spentOf(turn)
      .filter(({ target }) => target !== turn.target)
      .map((spent) => ({ target: spent.target, measures: measured(spent) })),
  ];
};
