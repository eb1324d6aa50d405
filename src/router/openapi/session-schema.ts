/** A session as its client is told of it: a `SessionAnswer` (shared/session-answer.ts). */
import { count, listOf, number, object, oneOf, orNull, text, time } from "./schema.ts";

export const sessionSchema = object({
  session: text(),
  turns: count("Of this client: those of another are not counted."),
  failed: count(),
  input: count("Neither read from a cache nor written to one."),
  output: count(),
  cacheWrite: count(),
  cacheRead: count(),
  reasoning: count("Part of the output."),
  unreported: count("Turns whose provider reported no tokens."),
  cost: orNull(number("US dollars of the turns whose price is known; null: of none.")),
  unpriced: count("Turns without a known price."),
  cacheShare: orNull(number("Of all input, what was read from a cache: 0 to 1.")),
  last: orNull(
    object({
      at: time(),
      asked: text(),
      rule: text(),
      target: text("provider,model"),
      outcome: oneOf("done", "failed", "cut", "aborted"),
      error: orNull(text("Type of the error.")),
    }),
  ),
  budgets: listOf(
    object({
      budget: text(),
      of: orNull(text("The provider, profile or client key; null: everybody.")),
      limit: number("US dollars."),
      left: number(),
      unpriced: count(),
      per: oneOf("day", "week", "month"),
      until: time(),
    }),
  ),
});
