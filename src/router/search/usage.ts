/** Token counts of a turn of several calls. */
import type { Usage } from "../../protocol/anthropic.ts";

const fields = [
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
] as const;

/** Each call is billed, so each counts. Other fields are the last call's. */
export const sumOfUsage = (before: Usage | undefined, next: Usage | undefined): Usage => {
  const out: Usage = { input_tokens: 0, output_tokens: 0, ...before, ...next };
  for (const field of fields) {
    const sum = (before?.[field] ?? 0) + (next?.[field] ?? 0);
    if (sum > 0 || field in out) out[field] = sum;
  }
  return out;
};
