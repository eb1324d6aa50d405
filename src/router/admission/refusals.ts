/** What a client is told that may not go on. */
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

export const noRoomError = (
  { budget, of, spent, held, limit, why, until }: Full,
  now: number,
): SwitchyardError => {
  const name = budget.startsWith("/key ")
    ? `of the key ${of ?? ""}`
    : `${budget}${of === null ? "" : ` of ${of}`}`;
  const dollars = (value: number): string => `${value.toFixed(2)} US dollars`;
  if (why === "held")
    return new SwitchyardError("budget.held", {
      detail: `${name}: ${dollars(spent)} of ${limit}, and turns under way may take the rest (${dollars(held)})`,
      headers: { "retry-after": whileHeld },
    });
  return new SwitchyardError("budget.exceeded", {
    detail: `${name}: ${dollars(spent)} of ${limit}`,
    hint: `It begins anew at ${new Date(until).toISOString()}; whoever runs the router can raise it.`,
    // The client would ask in vain for hours.
    headers: { "x-should-retry": "false", "retry-after": secondsUntil(until, now) },
  });
};
