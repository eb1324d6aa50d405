import fc from "fast-check";
import { expect, test } from "vitest";
import { waitBefore } from "../../../src/router/failures/wait.ts";

const policy = { wait: { first: 500, longest: 8000 } };
const now = 1_000_000;

test("doubles with every call up to the longest, between half and all of it", () => {
  const least = [1, 2, 3, 4, 5, 6].map((calls) => waitBefore(calls, policy, undefined, now, () => 0));
  expect(least).toEqual([250, 500, 1000, 2000, 4000, 4000]);
  const most = [1, 2, 3, 4, 5, 6].map((calls) => waitBefore(calls, policy, undefined, now, () => 0.9999));
  expect(most).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
});

test("is as long as the provider said, and never shorter; a time that has passed counts as none", () => {
  expect(waitBefore(1, policy, now + 30_000, now, () => 0)).toBe(30_000);
  const late = waitBefore(1, policy, now + 30_000, now, () => 0.9999);
  expect([late > 30_000, late <= 30_250]).toEqual([true, true]);
  expect(waitBefore(1, policy, now - 1, now, () => 0)).toBe(250);
});

test("is a whole number within its bounds after any number of calls", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000 }),
      fc.nat(60_000),
      fc.nat(600_000),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (calls, first, more, chance) => {
        const wait = waitBefore(
          calls,
          { wait: { first, longest: first + more } },
          undefined,
          now,
          () => chance,
        );
        return Number.isInteger(wait) && wait >= 0 && wait <= first + more;
      },
    ),
  );
});
