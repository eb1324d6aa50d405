/** Real traffic of every provider, as clients of OpenAI's two forms get it: each dialect with each form, cut anew at random. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HttpDialect } from "../../src/router/dialects/dialect.ts";
import { dialects } from "../support/dialects.ts";
import { accumulate, type Accumulated } from "../support/accumulate.ts";
import { withFolder } from "../support/data-folders.ts";
import { decodeStreamed, decodeWholeAsStream } from "../support/dialect-context.ts";
import { chatSummary, responsesSummary } from "../support/openai-streams.ts";
import { chatClient, responsesClient, streamedTo, wholeAsStreamTo, wholeTo } from "../support/outward.ts";
import { randomly } from "../support/rechunk.ts";

const formats = {
  anthropic: dialects.anthropic,
  openai_chat: dialects["openai-chat"],
  openai_responses: dialects["openai-responses"],
  gemini: dialects.gemini,
} as Record<string, HttpDialect>;

interface Recording {
  id: string;
  folder: string;
  format: string;
  streamed: boolean;
}

const recordingsOf = (root: string): Recording[] =>
  (JSON.parse(readFileSync(join(root, "index.json"), "utf8")) as { id: string; format: string }[])
    .map(({ id, format }) => {
      const folder = join(root, id);
      return { id, folder, format, streamed: existsSync(join(folder, "response.sse")) };
    })
    .filter(({ folder }) => {
      const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as { http_status: number };
      return meta.http_status < 400;
    });

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

const inputTokens = (usage: Record<string, unknown>): number =>
  Number(usage["input_tokens"]) +
  Number(usage["cache_read_input_tokens"] ?? 0) +
  Number(usage["cache_creation_input_tokens"] ?? 0);

const finishOf = (stop: unknown): string =>
  stop === "tool_use"
    ? "tool_calls"
    : stop === "max_tokens" || stop === "model_context_window_exceeded"
      ? "length"
      : stop === "refusal"
        ? "content_filter"
        : "stop";

const statusOf = (stop: unknown): string =>
  ["length", "content_filter"].includes(finishOf(stop)) ? "incomplete" : "completed";

const checkChat = (sse: string, answer: Accumulated): void => {
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

const checkResponses = (sse: string, answer: Accumulated): void => {
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

const checkWhole = (dialect: HttpDialect, body: unknown, answer: Accumulated): void => {
  const chat = wholeTo(chatClient(), dialect, body) as {
    choices: { message: { content: string | null }; finish_reason: string }[];
  };
  expect(chat.choices[0]?.message.content ?? "").toBe(answer.text);
  expect(chat.choices[0]?.finish_reason).toBe(finishOf(answer.stopReason));
  const response = wholeTo(responsesClient(), dialect, body) as {
    status: string;
    output: { type: string; content?: { text: string }[] }[];
  };
  const words = response.output.flatMap((item) => (item.type === "message" ? (item.content ?? []) : []));
  expect(words.map((part) => part.text).join("")).toBe(answer.text);
  expect(response.status).toBe(statusOf(answer.stopReason));
};

/** The SDK's own example of broken arguments breaks the rules in every form. */
const broken = new Set(["anthropic/anthropic-sdk-incomplete-partial-json-response"]);

withFolder("RECORDINGS", "recorded answers of all formats, for clients of OpenAI", (root) => {
  const all = recordingsOf(root).filter(({ id }) => !broken.has(id));
  describe("a client of OpenAI's gets what the provider said", () => {
    test("there are recordings of every format", () => {
      expect(new Set(all.map(({ format }) => format))).toEqual(new Set(Object.keys(formats)));
    });
    test.each(all.map((recording) => [recording.id, recording] as const))("%s", (_, recording) => {
      const dialect = formats[recording.format]!;
      const options = { dialect: dialect.name };
      if (recording.streamed) {
        const bytes = readFileSync(join(recording.folder, "response.sse"));
        for (const seed of [1, 2, 3]) {
          const chunks = randomly(bytes, seed, 120);
          // What a client of Anthropic's form gets is checked against the recording's expectation elsewhere.
          const answer = accumulate(decodeStreamed(dialect, chunks, options));
          checkChat(streamedTo(chatClient(), dialect, chunks), answer);
          checkResponses(streamedTo(responsesClient(), dialect, chunks), answer);
        }
        return;
      }
      const body: unknown = JSON.parse(readFileSync(join(recording.folder, "response.json"), "utf8"));
      const answer = accumulate(decodeWholeAsStream(dialect, body, options));
      checkChat(wholeAsStreamTo(chatClient(), dialect, body), answer);
      checkResponses(wholeAsStreamTo(responsesClient(), dialect, body), answer);
      checkWhole(dialect, body, answer);
    });
  });
});
