/** How long to wait before the same target is asked again. */
import type { FailurePolicy } from "../../config/types.ts";

/** So much later than the provider said, at most: clients that were turned away together must not come back together. */
const spread = 250;

/**
 * Milliseconds before the next call. Grows by two with every call, half of it by chance; where the provider named a time, that counts, however long.
 * @param calls that were made of this target in this turn, at least 1
 * @param until when the provider wants to be asked again, milliseconds since the epoch
 * @param random from 0 to below 1
 */
export const waitBefore = (
  calls: number,
  policy: Pick<FailurePolicy, "wait">,
  until: number | undefined,
  now: number,
  random: () => number,
): number => {
  if (until !== undefined && until > now) return Math.ceil(until - now + random() * spread);
  const { first, longest } = policy.wait;
  // 2 ** 30 milliseconds are twelve days; beyond it the product is no whole number any more.
  const grown = Math.min(longest, first * 2 ** Math.min(30, Math.max(0, calls - 1)));
  return Math.round(grown / 2 + (grown / 2) * random());
};
