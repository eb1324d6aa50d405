/** A client of OpenAI's reads how much was thought; the hub used to lose what its provider had counted. */
import { expect, it } from "vitest";
import { toUsage as ofChat } from "../../../src/router/dialects/openai-chat/usage.ts";
import { toUsage as ofGemini } from "../../../src/router/dialects/gemini/usage.ts";
import { toUsage as ofResponses } from "../../../src/router/dialects/openai-responses/usage.ts";
import { countsOf } from "../../../src/router/inbound/shared/usage.ts";
import type { Usage } from "../../../src/protocol/anthropic.ts";

const chat = (reasoning_tokens: number): Usage =>
  ofChat({ prompt_tokens: 10, completion_tokens: 30, completion_tokens_details: { reasoning_tokens } });
const responses = (reasoning_tokens: number): Usage =>
  ofResponses({ input_tokens: 10, output_tokens: 30, output_tokens_details: { reasoning_tokens } }, 0);
const gemini = (thoughts: number): Usage =>
  ofGemini({ promptTokenCount: 10, candidatesTokenCount: 30 - thoughts, thoughtsTokenCount: thoughts });

it.each([
  ["chat completions", chat],
  ["Responses", responses],
  ["Gemini", gemini],
])("tokens of reasoning that %s counts are part of the output, and told", (_, usageOf) => {
  expect(countsOf(usageOf(21))).toMatchObject({ input: 10, output: 30, reasoning: 21 });
  // As Anthropic's own usage of a model that does not think.
  expect(usageOf(0)).not.toHaveProperty("output_tokens_details");
});
