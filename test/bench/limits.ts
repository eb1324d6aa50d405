/** The ratios that bench/limits.json keeps, and what is said of a case past its own. */
import { allCases, caseName } from "./cases.ts";
import type { Spread } from "./statistics.ts";

/** By the name of a case: CPU of a request through the router over that of the floor, at most. */
export type Limits = Readonly<Record<string, number>>;

export interface CheckRow {
  readonly name: string;
  readonly ratio: Spread;
  readonly limit: number;
}

/** @param text JSON: `{ "cpuToFloor": { "chat stream 2KB c10": 3 } }`. @throws TypeError for anything else, and for a case that there is not */
export const readLimits = (text: string): Limits => {
  const read = (JSON.parse(text) as { cpuToFloor?: unknown }).cpuToFloor;
  if (typeof read !== "object" || read === null)
    throw new TypeError("bench/limits.json: cpuToFloor is not there");
  const names = new Set(allCases.map(caseName));
  for (const [name, limit] of Object.entries(read)) {
    if (!names.has(name))
      throw new TypeError(`bench/limits.json: there is no case ${name} (test/bench/cases.ts has them)`);
    if (typeof limit !== "number" || !(limit > 0))
      throw new TypeError(`bench/limits.json: the limit of ${name} is no ratio`);
  }
  return read as Limits;
};

/** @returns a sentence for a person, or undefined where every case is within its limit. A figure that is missing is not within it */
export const exceeded = (rows: readonly CheckRow[]): string | undefined => {
  const over = rows.filter(({ ratio, limit }) => !(ratio.median <= limit));
  if (over.length === 0) return undefined;
  const each = over.map(
    ({ name, ratio, limit }) =>
      `${name} takes ${ratio.median.toFixed(2)} times the floor's CPU, more than ${limit.toFixed(2)}`,
  );
  return `${each.join("; ")}. Profile it (node --cpu-prof), or change bench/limits.json and say why.`;
};
