/** OpenAI's token counts in Anthropic's terms. */
import type { Usage } from "../../../protocol/anthropic.ts";
import { count } from "../../../protocol/usage.ts";
import type { ChatUsage } from "../../../protocol/openai-chat.ts";
import { thinkingDetails } from "../shared/thinking-tokens.ts";

/**
 * `input_tokens` is what is left of the prompt after cache reads and writes, never below 0: OpenAI counts both inside `prompt_tokens`.
 * Reasoning tokens are output. Where a provider counts them next to `completion_tokens` instead of inside (xAI), `total_tokens` tells.
 */
export const toUsage = (usage: ChatUsage): Usage => {
  const prompt = count(usage.prompt_tokens);
  const details = usage.prompt_tokens_details;
  let read =
    count(details?.cached_tokens) ||
    count(usage.cache_read_input_tokens) ||
    count(usage.prompt_cache_hit_tokens) ||
    count(usage.cached_tokens);
  let write =
    count(details?.cache_write_tokens) ||
    count(details?.cache_creation_tokens) ||
    count(details?.created_cache_tokens) ||
    count(usage.cache_creation_input_tokens);
  // More than the whole prompt: the same tokens are reported as written and as read (OpenRouter for Gemini). They count once.
  if (read > 0 && write > 0 && read + write > prompt) {
    if (read >= write) write = 0;
    else read = 0;
  }
  let output = count(usage.completion_tokens);
  const reasoning = count(usage.completion_tokens_details?.reasoning_tokens);
  if (reasoning > 0 && count(usage.total_tokens) === prompt + output + reasoning) output += reasoning;
  return {
    input_tokens: Math.max(0, prompt - read - write),
    output_tokens: output,
    cache_creation_input_tokens: write,
    cache_read_input_tokens: read,
    ...thinkingDetails(reasoning),
  };
};

/** Some providers send usage with every chunk, some a last one of zeros: the last that says something counts. */
export const saysSomething = (usage: ChatUsage | null | undefined): usage is ChatUsage =>
  typeof usage === "object" &&
  usage !== null &&
  (count(usage.prompt_tokens) > 0 || count(usage.completion_tokens) > 0);
