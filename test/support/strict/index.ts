/** The validators by dialect. A new dialect adds its own. */
import { strictAnthropic } from "./anthropic.ts";
import { strictGemini } from "./gemini.ts";
import type { StrictOptions } from "./judge.ts";
import { strictChat } from "./openai-chat.ts";
import { strictResponses } from "./openai-responses.ts";

/** Everything that a provider would answer 400 to; empty where it takes the request. */
export type Strict = (body: unknown, options: StrictOptions) => string[];

export const strict: Readonly<Record<string, Strict | undefined>> = {
  anthropic: strictAnthropic,
  "openai-chat": strictChat,
  "openai-responses": strictResponses,
  gemini: strictGemini,
};
