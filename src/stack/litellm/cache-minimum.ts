/**
 * The smallest prompt that a provider caches on request, in tokens. LiteLLM asks Gemini to cache what a client marks, and where
 * that is less than the provider's minimum the whole request fails: "Cached content is too small". Its own check takes 1,024
 * for the models of which it knows no other figure.
 */

export interface CacheMinimum {
  /** How LiteLLM's name of the model begins. The longest that fits counts. */
  readonly model: string;
  readonly tokens: number;
}

/**
 * ai.google.dev/gemini-api/docs/caching, looked up on 2026-11-21 as stored copies of 2026-05-07 to 2026-10-13. They name 2,048
 * for 2.5 Flash (the older ones 1,024), 2,048 for 2.5 Pro (the older ones 4,096) and 4,096 for all of 3.5 and later and for
 * 3.1 Pro. Of two figures the larger is taken, and for a model that none of them names the largest.
 */
export const geminiCacheMinima: readonly CacheMinimum[] = [
  { model: "gemini/gemini-2.5-flash", tokens: 2048 },
  { model: "gemini/gemini-2.5-pro", tokens: 4096 },
  { model: "gemini/", tokens: 4096 },
];

/**
 * LiteLLM counts with another tokenizer than Google: what it counts must exceed the minimum by this factor, so that a prompt
 * that is near it is not marked in vain.
 */
export const cacheMinimumReserve = 1.25;
