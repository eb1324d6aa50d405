/** What a client of OpenAI's forms must have got, told by what a client of Anthropic's form got of the same answer. */
import { expect } from "vitest";
import type { Accumulated } from "./accumulate.ts";
import { chatSummary, responsesSummary } from "./openai-streams.ts";

/** The calls that a client sees, without ids, which some providers leave to be made up. */
const callsOf = (answer: Accumulated): { name: string; input: unknown }[] =>
  answer.tools.map(({ name, input }) => ({ name, input }));

/** Arguments that `max_tokens` cut are no JSON, and are passed as they are. */
const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};

export const inputTokens = (usage: Record<string, unknown>): number =>
  Number(usage["input_tokens"]) +
  Number(usage["cache_read_input_tokens"] ?? 0) +
  Number(usage["cache_creation_input_tokens"] ?? 0);

export const finishOf = (stop: unknown): string =>
  stop === "tool_use"
    ? "tool_calls"
    : stop === "max_tokens" || stop === "model_context_window_exceeded"
      ? "length"
      : stop === "refusal"
        ? "content_filter"
        : "stop";

export const statusOf = (stop: unknown): string =>
  ["length", "content_filter"].includes(finishOf(stop)) ? "incomplete" : "completed";

export const checkChat = (sse: string, answer: Accumulated): void => {
  const seen = chatSummary(sse, { includeUsage: true });
  expect(seen.problems).toEqual([]);
  expect(seen.content).toBe(answer.text);
  expect(seen.reasoning_content).toBe(answer.thinking);
  expect(seen.tool_calls.map((call) => ({ name: call.name, input: parsed(call.arguments) }))).toEqual(
    callsOf(answer),
  );
  if (answer.error !== undefined) {
    expect(seen.error?.["message"]).toBe(answer.error.message);
    return;
  }
  expect(seen.finish_reason).toBe(finishOf(answer.stopReason));
  expect(seen.usage).toMatchObject({
    prompt_tokens: inputTokens(answer.usage),
    completion_tokens: answer.usage["output_tokens"],
  });
};

export const checkResponses = (sse: string, answer: Accumulated): void => {
  const seen = responsesSummary(sse);
  expect(
    seen.problems.filter((problem) => answer.error === undefined || !problem.includes("other items")),
  ).toEqual([]);
  expect(seen.text).toBe(answer.text);
  expect(seen.reasoning).toBe(answer.thinking);
  if (answer.error !== undefined) {
    expect(seen.error?.["message"]).toBe(answer.error.message);
    expect(seen.status).toBe("failed");
    return;
  }
  const calls = seen.output.filter((item) => item["type"] === "function_call");
  expect(calls.map((call) => ({ name: call["name"], input: parsed(String(call["arguments"])) }))).toEqual(
    callsOf(answer),
  );
  expect(seen.status).toBe(statusOf(answer.stopReason));
  expect(seen.usage).toMatchObject({
    input_tokens: inputTokens(answer.usage),
    output_tokens: answer.usage["output_tokens"],
  });
};
