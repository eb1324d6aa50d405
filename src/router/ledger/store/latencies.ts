/**
 * How long turns took, as a histogram: of each quarter of an hour and target, how many lay in which step. A step is a fifth wide (the fourth root of two), so
 * a percentile read from it is within a fifth of the true one, whatever the number of turns; sums of histograms are histograms.
 */
import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { Latency, Percentiles } from "../queries.ts";

/** Milliseconds of the first step, and of the quarter of an hour that is added up (as of the sums: schema.ts). */
const first = 10;
const span = 900_000;
/** The last step holds all that lasted longer than two and a half hours. */
const steps = 80;
/** In the place of a target: all of them. */
const together = 0;

const kinds = { firstToken: 0, duration: 1 } as const;
export type LatencyKind = keyof typeof kinds;

/** `target` 0 is all of them together: mostly that is asked. Kept as long as the turns are. */
export const latencyTable = `
  CREATE TABLE latencies (
    target INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, step INTEGER NOT NULL, turns INTEGER NOT NULL,
    PRIMARY KEY (target, at, kind, step)
  ) WITHOUT ROWID;`;

const stepOf = (column: string): string =>
  `CASE WHEN ${column} <= ${first} THEN 0 ELSE min(${steps - 1}, CAST(ceil(4 * log2(${column} / ${first}.0)) AS INTEGER)) END`;

const add = (target: string, kind: LatencyKind, column: string): string => `
  INSERT INTO latencies (target, at, kind, step, turns)
  SELECT ${target}, at - at % ${span}, ${kinds[kind]}, ${stepOf(column)}, count(*)
  FROM turns WHERE seq > ? AND ${column} IS NOT NULL GROUP BY 1, 2, 4
  ON CONFLICT DO UPDATE SET turns = turns + excluded.turns`;

/** Statements that add the turns behind a number. */
export const addLatencies: readonly string[] = (["0", "target"] as const).flatMap((target) => [
  add(target, "firstToken", "first_token"),
  add(target, "duration", "duration"),
]);

/** Turns in each step. */
export type Histogram = number[];
const emptyHistogram = (): Histogram => Array.from({ length: steps }, () => 0);

const upper = (step: number): number => first * 2 ** (step / 4);

/** @param share 0.95: the time within which that part of the turns was; within the step by its geometric middle */
const percentile = (histogram: Histogram, turns: number, share: number): number => {
  const wanted = share * turns;
  let before = 0;
  for (const [step, count] of histogram.entries()) {
    if (count > 0 && before + count >= wanted) {
      const part = (wanted - before) / count;
      const low = step === 0 ? first / 2 : upper(step - 1);
      return Math.round(low * (upper(step) / low) ** part);
    }
    before += count;
  }
  return Math.round(upper(steps - 1));
};

/** Into the first. */
const addTo = (histogram: Histogram, more: Histogram): void => {
  for (const [step, turns] of more.entries()) histogram[step]! += turns;
};

/** @param all of what is one: the targets of a provider */
export const latencyOf = (all: readonly Readonly<Record<LatencyKind, Histogram>>[]): Latency => {
  const sum = { firstToken: emptyHistogram(), duration: emptyHistogram() };
  for (const { firstToken, duration } of all) {
    addTo(sum.firstToken, firstToken);
    addTo(sum.duration, duration);
  }
  return { firstToken: percentilesOf(sum.firstToken), duration: percentilesOf(sum.duration) };
};

/** @returns null where there is no turn */
const percentilesOf = (histogram: Histogram): Percentiles | null => {
  const turns = histogram.reduce((sum, count) => sum + count, 0);
  if (turns === 0) return null;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(histogram, turns, share));
  return { p50: p50!, p95: p95!, p99: p99! };
};

/** Histograms of a span of time, by the id of the target; under 0 those of all together. */
export type Latencies = ReadonlyMap<number, Readonly<Record<LatencyKind, Histogram>>>;

/** The targets that have figures: one look into the table's order for each, whatever its size. @param only SQL about `target`, beginning with AND, and its values */
export const latencyTargets = (
  statementOf: (sql: string) => StatementSync,
  only: { readonly words: string; readonly values: readonly SQLInputValue[] },
): number[] =>
  (
    statementOf(
      `WITH RECURSIVE found (target) AS (
         SELECT min(target) FROM latencies
         UNION ALL SELECT (SELECT min(l.target) FROM latencies l WHERE l.target > found.target) FROM found
         WHERE target IS NOT NULL
       ) SELECT target FROM found WHERE target > 0${only.words}`,
    ).all(...only.values) as unknown as [number][]
  ).map(([target]) => target);

/**
 * @param until itself left out; milliseconds since the epoch
 * @param targets ids; undefined: all together, under 0
 */
export const readLatencies = (
  statementOf: (sql: string) => StatementSync,
  { since, until }: { since: number; until: number },
  targets: readonly number[] = [together],
): Latencies => {
  const rows = statementOf(
    `SELECT target, kind, step, sum(turns) FROM latencies
     WHERE target IN (${targets.map(() => "?").join(", ")}) AND at >= ? AND at < ? GROUP BY 1, 2, 3`,
  ).all(...targets, since, until) as unknown as [number, number, number, number][];
  const found = new Map<number, Record<LatencyKind, Histogram>>();
  for (const [target, kind, step, turns] of rows) {
    const of = found.get(target) ?? { firstToken: emptyHistogram(), duration: emptyHistogram() };
    found.set(target, of);
    of[kind === kinds.firstToken ? "firstToken" : "duration"][step]! += turns;
  }
  return found;
};
