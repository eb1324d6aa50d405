/** Every dialect there is. A new one is a folder beside this file and a line here. */
import type { DialectName } from "../../config/types.ts";
import { anthropic } from "./anthropic/index.ts";
import { demo } from "./demo/index.ts";
import type { Dialect } from "./dialect.ts";
import { gemini } from "./gemini/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  anthropic,
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  gemini,
  demo,
};
