/** Medians and spreads. */

/** Of values in ascending order; nearest rank. NaN when there are none. */
export const quantile = (ascending: readonly number[], q: number): number =>
  ascending.length === 0
    ? Number.NaN
    : ascending[Math.min(ascending.length - 1, Math.max(0, Math.ceil(q * ascending.length) - 1))]!;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Over the rounds of a run. Values that are missing (NaN) are left out. */
export const spreadOf = (values: readonly number[]): Spread => {
  const known = values.filter((each) => !Number.isNaN(each)).toSorted((a, b) => a - b);
  const middle = known.length >> 1;
  const median =
    known.length === 0
      ? Number.NaN
      : known.length % 2 === 1
        ? known[middle]!
        : (known[middle - 1]! + known[middle]!) / 2;
  return { median, min: known[0] ?? Number.NaN, max: known.at(-1) ?? Number.NaN };
};
