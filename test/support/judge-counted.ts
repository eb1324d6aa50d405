/** What counted turns must add up to. */
import { expect } from "vitest";
import type { Counted } from "./counted-turns.ts";

export const judgeCounted = (
  { reported, ledger, total, spent, metrics, refused }: Counted,
  turns: number,
): void => {
  expect(refused).toBe(0);
  const byName = (sums: Counted["ledger"]): object => Object.fromEntries(sums);
  expect(byName(ledger)).toEqual(byName(reported));
  const [sums, tenths] = [...reported].reduce(
    ([tokens, cost], [name, each]) =>
      // Each turn stands under its model and under its session.
      name.includes(",")
        ? [tokens + each.input + each.cacheRead + each.output, cost + each.tenths]
        : [tokens, cost],
    [0, 0],
  );
  expect(total).toMatchObject({ turns, failed: 0, unpriced: 0, unreported: 0, cacheWrite: 0 });
  // One in seven took two calls; more where a kept connection was closed.
  expect(total.attempts).toBeGreaterThanOrEqual(turns + Math.ceil(turns / 7));
  expect(total.input + total.cacheRead + total.output).toBe(sums);
  expect(total.cost).toBeCloseTo(tenths / 1e7, 6);
  expect(spent).toBeCloseTo(tenths / 1e7, 6);
  expect(metrics).toEqual({ turns, tokens: sums });
};
