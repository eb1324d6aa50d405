/** Usage of an Anthropic stream: the start has the input's counts, the delta the output's, and either may correct the other. */
import type { Usage } from "../../../protocol/anthropic.ts";

/** `known` overlaid by what `update` says; nulls and absent fields say nothing. */
export const mergeUsage = (known: Usage, update: unknown): Usage => {
  if (typeof update !== "object" || update === null) return known;
  const merged: Usage = { ...known };
  for (const [field, value] of Object.entries(update)) {
    if (value !== null && value !== undefined) merged[field] = value;
  }
  return merged;
};
