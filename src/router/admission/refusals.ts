/** What a client is told that may not go on. */
import { dollars } from "../../shared/dollars.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Full } from "../budgets/reserve.ts";
import type { Allowance } from "../clients/allowance.ts";

/** Whole seconds until an instant, at least one: `retry-after` takes no parts, and rounded down the client would come too early. */
const secondsUntil = (until: number, now: number): string =>
  String(Math.max(1, Math.ceil((until - now) / 1_000)));

export const limitedError = (
  name: string,
  { until, requests, tokens }: Extract<Allowance, { kind: "limited" }>,
  limits: { readonly requestsPerMinute: number | null; readonly tokensPerMinute: number | null },
  now: number,
): SwitchyardError => {
  const words = [
    ...(limits.requestsPerMinute === null ? [] : [`${requests} of ${limits.requestsPerMinute} requests`]),
    ...(limits.tokensPerMinute === null ? [] : [`${tokens} of ${limits.tokensPerMinute} tokens`]),
  ].join(", ");
  const wait = secondsUntil(until, now);
  return new SwitchyardError("limit.client", {
    detail: `${name}: ${words} in the last minute`,
    hint: `Ask again in ${wait} s.`,
    headers: { "retry-after": wait },
  });
};

/** How long a client waits for turns under way to end, in seconds. */
const whileHeld = "5";

const standOf = ({ budget, of, spent, held, limit, why }: Full): string => {
  const name = budget.startsWith("/key ")
    ? `of the key ${of ?? ""}`
    : `${budget}${of === null ? "" : ` of ${of}`}`;
  const stand = `${name}: ${dollars(spent)} of ${dollars(limit)}`;
  return why === "held" ? `${stand}, and turns under way may take the rest (${dollars(held)})` : stand;
};

/** @param full every budget that stands in the way of a target: of the turn, and of the routes that others name for that case; never empty */
export const noRoomError = (full: readonly Full[], now: number): SwitchyardError => {
  const detail = full.map(standOf).join("; ");
  // Where one of them has room again, the turn has a target.
  if (full.some(({ why }) => why === "held"))
    return new SwitchyardError("budget.held", { detail, headers: { "retry-after": whileHeld } });
  const until = Math.min(...full.map((each) => each.until));
  const subject = full.length === 1 ? "It" : "The first of them";
  return new SwitchyardError("budget.exceeded", {
    detail,
    hint: `${subject} begins anew at ${new Date(until).toISOString()}; whoever runs the router can raise it.`,
    // The client would ask in vain for hours.
    headers: { "x-should-retry": "false", "retry-after": secondsUntil(until, now) },
  });
};
