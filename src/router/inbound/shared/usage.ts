/** Usage of the hub in OpenAI's terms: what was read from and written to the cache is part of the input there. */
import type { Usage } from "../../../protocol/anthropic.ts";
import { count } from "../../../protocol/usage.ts";
import { isJsonObject } from "../../../shared/json.ts";

export interface OpenAiCounts {
  input: number;
  output: number;
  cached: number;
  written: number;
  reasoning: number;
}

export const countsOf = (usage: Usage): OpenAiCounts => {
  const cached = count(usage.cache_read_input_tokens);
  const written = count(usage.cache_creation_input_tokens);
  const details = usage["output_tokens_details"];
  const thinking = isJsonObject(details)
    ? (details["reasoning_tokens"] ?? details["thinking_tokens"])
    : undefined;
  return {
    input: count(usage.input_tokens) + cached + written,
    output: count(usage.output_tokens),
    cached,
    written,
    reasoning: count(thinking),
  };
};
