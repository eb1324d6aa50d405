/** Token counts as providers send them: a number, or anything else. */
import type { Usage } from "./anthropic.ts";

/** A count that can be added; 0 of what is none. */
export const count = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0);

/** Of a provider that reported nothing. */
export const noUsage = (): Usage => ({
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
});
