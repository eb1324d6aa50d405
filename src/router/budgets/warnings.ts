/** A budget whose step of `warnAt`, or whose limit, was reached: a line of the log. */
import type { Logger } from "../../shared/log.ts";
import type { Warning } from "./settle.ts";

export const logWarning = (
  log: Pick<Logger, "warn">,
  { budget, of, share, spent, limit, until }: Warning,
): void => {
  const whose = of === null ? "" : ` of ${of}`;
  log.warn(
    { code: share >= 1 ? "budget.reached" : "budget.warning", budget, of, share, spent, limit },
    `the budget ${budget}${whose}: ${spent.toFixed(2)} of ${limit} US dollars (${Math.floor((100 * spent) / limit)} %); it begins anew at ${new Date(until).toISOString()}`,
  );
};
