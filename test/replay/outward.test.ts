/** Real traffic of every provider, as clients of OpenAI's two forms get it: each dialect with each form, cut anew at random. */
import { describe, expect, test } from "vitest";
import type { HttpDialect } from "../../src/router/dialects/dialect.ts";
import { accumulate, type Accumulated } from "../support/accumulate.ts";
import { withFolder } from "../support/data-folders.ts";
import { decodeStreamed, decodeWholeAsStream, dialectContext } from "../support/dialect-context.ts";
import type { ClientForm } from "../../src/router/inbound/client-form.ts";
import {
  bytesOfFile,
  dialectOfFormat,
  hasFile,
  jsonOfFile,
  recordingsIn,
  textOfFile,
} from "../support/recordings.ts";
import { httpDialect } from "../support/targets.ts";
import { checkChat, checkResponses, finishOf, inputTokens, statusOf } from "../support/outward-checks.ts";
import { chatClient, responsesClient, streamedTo, wholeAsStreamTo, wholeTo } from "../support/outward.ts";
import { randomly } from "../support/rechunk.ts";

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

/** This one holds the answers of four turns, one after the other. */
const severalAnswers = new Set(["openai_responses/openai-vercel-openai-reasoning-encrypted-content.1"]);

/** Where the client speaks the provider's protocol the bytes pass: what is seen of them by the way is what was said, at every cut. */
const watch = (
  client: ClientForm,
  dialect: HttpDialect,
  chunks: readonly Buffer[],
  answer: Accumulated,
): void => {
  const context = { ...dialectContext({ dialect: dialect.name }), rawBody: Buffer.from("{}") };
  const tap = client.tap(dialect, context);
  if (tap === undefined) throw new Error("there is nothing that watches");
  for (const chunk of chunks) tap.push(chunk);
  tap.end();
  const whole = Buffer.concat(chunks);
  if (dialect.name === "openai-responses") {
    const passed = (tap.rewrite?.(whole) ?? whole).toString("utf8");
    expect(passed.replaceAll(/switchyard\.from:[0-9a-f]{16}:/g, "")).toBe(whole.toString("utf8"));
  }
  expect(tap.failure?.message).toBe(answer.error?.message);
  if (answer.error !== undefined) return;
  // Some streams say nothing of their usage.
  const usage = { input_tokens: 0, output_tokens: 0, ...tap.usage };
  expect(usage.output_tokens).toBe(answer.usage["output_tokens"]);
  expect(inputTokens(usage)).toBe(inputTokens(answer.usage));
};

withFolder("RECORDINGS", "recorded answers of all formats, for clients of OpenAI", (root) => {
  const everything = recordingsIn(root);
  const all = everything.filter(({ id, status }) => status < 400 && !broken.has(id));
  const refused = everything.filter(({ status }) => status >= 400);
  describe("a client of OpenAI's gets what the provider said", () => {
    test("there are recordings of every format", () => {
      expect(new Set(all.map(({ format }) => format))).toEqual(new Set(Object.keys(dialectOfFormat)));
      expect(all.length + refused.length + broken.size).toBe(everything.length);
    });
    test.each(all.map((recording) => [recording.id, recording] as const))("%s", (_, recording) => {
      const dialect = httpDialect(dialectOfFormat[recording.format]!);
      const options = { dialect: dialect.name };
      if (hasFile(recording, "response.sse")) {
        const bytes = bytesOfFile(recording, "response.sse");
        for (const seed of [1, 2, 3]) {
          const chunks = randomly(bytes, seed, 120);
          // What a client of Anthropic's form gets is checked against the recording's expectation elsewhere.
          const answer = accumulate(decodeStreamed(dialect, chunks, options));
          checkChat(streamedTo(chatClient(), dialect, chunks), answer);
          checkResponses(streamedTo(responsesClient(), dialect, chunks), answer);
          if (dialect.name === "openai-chat") watch(chatClient(), dialect, chunks, answer);
          if (dialect.name === "openai-responses" && !severalAnswers.has(recording.id))
            watch(responsesClient(), dialect, chunks, answer);
        }
        return;
      }
      const body = jsonOfFile(recording, "response.json");
      const answer = accumulate(decodeWholeAsStream(dialect, body, options));
      checkChat(wholeAsStreamTo(chatClient(), dialect, body), answer);
      checkResponses(wholeAsStreamTo(responsesClient(), dialect, body), answer);
      checkWhole(dialect, body, answer);
    });

    test.each(refused.map((recording) => [recording.id, recording] as const))(
      "the error %s, in its own form and with the provider's words",
      (_, recording) => {
        const dialect = httpDialect(dialectOfFormat[recording.format]!);
        const failure = dialect.decodeError(recording.status, {}, textOfFile(recording, "response.json"));
        delete failure.body;
        for (const client of [chatClient(), responsesClient()]) {
          const { status, body } = client.errorAnswer(failure);
          const { error } = JSON.parse(String(body)) as { error: { message: string; type: string } };
          expect(error.message).toContain(failure.message);
          expect([status, typeof error.type]).toEqual([recording.status, "string"]);
        }
      },
    );
  });
});
