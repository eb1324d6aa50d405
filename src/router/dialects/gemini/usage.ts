/** Google's token counts in Anthropic's terms. */
import type { Usage } from "../../../protocol/anthropic.ts";
import { count } from "../../../protocol/usage.ts";
import type { GeminiUsage } from "../../../protocol/gemini.ts";
import { thinkingDetails } from "../shared/thinking-tokens.ts";

/**
 * `promptTokenCount` holds what was read from the cache. Thoughts are output and stand beside `candidatesTokenCount`; where the total shows
 * that a server counts them inside of it, they are not added again. What Google's own tools put before the model
 * (`toolUsePromptTokenCount`) is no part of the conversation and is left out.
 */
export const toUsage = (usage: GeminiUsage): Usage => {
  const prompt = count(usage.promptTokenCount);
  const read = Math.min(prompt, count(usage.cachedContentTokenCount));
  const said = count(usage.candidatesTokenCount);
  const thoughts = count(usage.thoughtsTokenCount);
  const tools = count(usage.toolUsePromptTokenCount);
  const inside = said >= thoughts && count(usage.totalTokenCount) === prompt + tools + said;
  return {
    input_tokens: prompt - read,
    output_tokens: inside ? said : said + thoughts,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: read,
    ...thinkingDetails(thoughts),
  };
};

/** Vertex sends usage without counts until the last chunk: the last that says something counts. */
export const saysSomething = (usage: GeminiUsage | null | undefined): usage is GeminiUsage =>
  typeof usage === "object" &&
  usage !== null &&
  (count(usage.promptTokenCount) > 0 || count(usage.totalTokenCount) > 0);
