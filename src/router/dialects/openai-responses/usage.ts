/** Token counts of OpenAI Responses in Anthropic's terms. */
import type { Usage } from "../../../protocol/anthropic.ts";
import { count } from "../../../protocol/usage.ts";
import type { ResponsesUsage } from "../../../protocol/openai-responses.ts";
import { thinkingDetails } from "../shared/thinking-tokens.ts";

/**
 * `input_tokens` is what is left of the input after cache reads and writes, never below 0: OpenAI counts both inside of it. Reasoning is part of
 * `output_tokens` there as here.
 * @param searches how many web searches the provider ran
 */
export const toUsage = (usage: ResponsesUsage | null | undefined, searches: number): Usage => {
  const input = count(usage?.input_tokens);
  const read = count(usage?.input_tokens_details?.cached_tokens);
  const write = count(usage?.input_tokens_details?.cache_write_tokens);
  const out: Usage = {
    input_tokens: Math.max(0, input - read - write),
    output_tokens: count(usage?.output_tokens),
    cache_creation_input_tokens: write,
    cache_read_input_tokens: read,
    ...thinkingDetails(count(usage?.output_tokens_details?.reasoning_tokens)),
  };
  if (searches > 0) out["server_tool_use"] = { web_search_requests: searches };
  return out;
};
