/** Usage of an Anthropic stream: the start has the input's counts, the delta the output's, and either may correct the other. */
import type { Usage } from "../../../protocol/anthropic.ts";

const counts = new Set([
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
]);

/**
 * `known` overlaid by what `update` says; nulls and absent fields say nothing, and a zero does not take back a count that is known: some fill
 * the fields of which they know nothing with it.
 */
export const mergeUsage = (known: Usage, update: unknown): Usage => {
  if (typeof update !== "object" || update === null) return known;
  const merged: Usage = { ...known };
  for (const [field, value] of Object.entries(update)) {
    if (value === null || value === undefined) continue;
    if (counts.has(field) && (typeof value !== "number" || (value === 0 && Number(merged[field] ?? 0) > 0)))
      continue;
    merged[field] = value;
  }
  return merged;
};
