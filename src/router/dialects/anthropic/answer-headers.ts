/** Headers of Anthropic's own answers that its client reads: the limits of the user's plan, and whether to try again. */
import type { HttpDialect } from "../dialect.ts";

/**
 * `anthropic-ratelimit-*` and the like, and `x-should-retry`. Of Anthropic itself only: they describe its accounts. Its `request-id` is
 * not among them: the answer bears the router's, and the router's log has both.
 */
export const answerHeaders: NonNullable<HttpDialect["answerHeaders"]> = (headers, context) => {
  if (context.provider.quirks.rawStream !== true) return undefined;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string") continue;
    if (name.startsWith("anthropic-") || name === "x-should-retry") kept[name] = value;
  }
  return kept;
};
