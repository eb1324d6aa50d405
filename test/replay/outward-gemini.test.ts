/** Real traffic of every provider, as clients of Google's protocol get it: as events and as an array, cut anew at random. */
import { describe, expect, test } from "vitest";
import { accumulate, type Accumulated } from "../support/accumulate.ts";
import { withFolder } from "../support/data-folders.ts";
import { decodeStreamed, decodeWholeAsStream, dialectContext } from "../support/dialect-context.ts";
import { geminiSeen, type GeminiSeen } from "../support/gemini-answers.ts";
import { inputTokens } from "../support/outward-checks.ts";
import { geminiClient, streamedTo, wholeAsStreamTo, wholeTo } from "../support/outward.ts";
import { randomly } from "../support/rechunk.ts";
import { bytesOfFile, dialectOfFormat, hasFile, jsonOfFile, recordingsIn } from "../support/recordings.ts";
import { httpDialect } from "../support/targets.ts";

const finishOf = (stop: unknown): string =>
  stop === "max_tokens" || stop === "model_context_window_exceeded"
    ? "MAX_TOKENS"
    : stop === "refusal"
      ? "SAFETY"
      : "STOP";

const check = (seen: GeminiSeen, answer: Accumulated): void => {
  expect(seen.problems).toEqual([]);
  expect([seen.text, seen.thoughts]).toEqual([answer.text, answer.thinking]);
  expect(seen.calls.map(({ name }) => name)).toEqual(answer.tools.map(({ name }) => name));
  if (answer.stopReason !== "max_tokens")
    expect(seen.calls.map(({ args }) => args)).toEqual(answer.tools.map(({ input }) => input));
  if (answer.error !== undefined) return expect(seen.error?.message).toBe(answer.error.message);
  expect(seen.finish).toBe(finishOf(answer.stopReason));
  expect(seen.usage["promptTokenCount"]).toBe(inputTokens(answer.usage));
  const said = Number(seen.usage["candidatesTokenCount"]) + Number(seen.usage["thoughtsTokenCount"] ?? 0);
  expect(said).toBe(answer.usage["output_tokens"]);
  return undefined;
};

/** The SDK's own example of broken arguments breaks the rules in every form. */
const broken = new Set(["anthropic/anthropic-sdk-incomplete-partial-json-response"]);

withFolder("RECORDINGS", "recorded answers of all formats, for clients of Google", (root) => {
  const all = recordingsIn(root).filter(({ id, status }) => status < 400 && !broken.has(id));
  describe("a client of Google's gets what the provider said", () => {
    test.each(all.map((recording) => [recording.id, recording] as const))("%s", (_, recording) => {
      const dialect = httpDialect(dialectOfFormat[recording.format]!);
      const options = { dialect: dialect.name };
      if (!hasFile(recording, "response.sse")) {
        const body = jsonOfFile(recording, "response.json");
        const answer = accumulate(decodeWholeAsStream(dialect, body, options));
        check(geminiSeen(wholeAsStreamTo(geminiClient(), dialect, body)), answer);
        const whole = wholeTo(geminiClient(), dialect, body);
        if (whole !== undefined) check(geminiSeen(JSON.stringify(whole)), answer);
        return;
      }
      for (const seed of [1, 2]) {
        const chunks = randomly(bytesOfFile(recording, "response.sse"), seed, 120);
        const answer = accumulate(decodeStreamed(dialect, chunks, options));
        for (const array of [false, true])
          check(geminiSeen(streamedTo(geminiClient({ array }), dialect, chunks)), answer);
        if (dialect.name !== "gemini") continue;
        // The bytes pass: what is seen of them by the way is what was said.
        const context = { ...dialectContext(options), rawBody: Buffer.from("{}") };
        const tap = geminiClient().tap(dialect, context)!;
        for (const chunk of chunks) tap.push(chunk);
        tap.end();
        expect(tap.failure?.message).toBe(answer.error?.message);
        if (answer.error === undefined) expect(inputTokens({ ...tap.usage })).toBe(inputTokens(answer.usage));
      }
    });
  });
});
