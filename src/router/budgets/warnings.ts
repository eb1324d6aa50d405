/** A budget whose step of `warnAt`, or whose limit, was reached: a line of the log. */
import { dollars } from "../../shared/dollars.ts";
import type { Logger } from "../../shared/log.ts";
import type { Warning } from "./settle.ts";

export const logWarning = (
  log: Pick<Logger, "warn">,
  { budget, of, share, spent, limit, until }: Warning,
): void => {
  const whose = of === null ? "" : ` of ${of}`;
  log.warn(
    { code: share >= 1 ? "budget.reached" : "budget.warning", budget, of, share, spent, limit },
    `the budget ${budget}${whose}: ${dollars(spent)} of ${dollars(limit)} (${Math.floor((100 * spent) / limit)} %); it begins anew at ${new Date(until).toISOString()}`,
  );
};
