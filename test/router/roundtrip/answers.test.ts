/**
 * Generated answers as each kind of provider writes them, cut at random: every client gets the words, the thinking, the calls, the reason and the
 * usage that were said. The writers of the providers' forms share no code with the router.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpDialect } from "../../../src/router/dialects/dialect.ts";
import { fromClientToolId } from "../../../src/router/dialects/shared/tool-ids.ts";
import { accumulate, type Accumulated } from "../../support/accumulate.ts";
import { decodeStreamed, decodeWhole, decodeWholeAsStream } from "../../support/dialect-context.ts";
import { dialects } from "../../support/dialects.ts";
import { chatClient, responsesClient, streamedTo, wholeAsStreamTo } from "../../support/outward.ts";
import { checkChat, checkResponses } from "../../support/outward-checks.ts";
import { anthropicMessage, anthropicStream } from "../../support/provider/anthropic-stream.ts";
import { chatMessage, chatStream, type ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { geminiMessage, geminiStream } from "../../support/provider/gemini-stream.ts";
import { responsesMessage, responsesStream } from "../../support/provider/responses-stream.ts";
import { everyByte, randomly } from "../../support/rechunk.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";

/** Lone halves of a character are no text: a provider sends none. */
const words = fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((text) => /\S/.test(text));
const input = fc
  .dictionary(fc.string({ unit: "binary", maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);

const answers: fc.Arbitrary<ScriptedAnswer> = fc
  .record({
    reasoning: fc.option(words, { nil: undefined }),
    text: fc.option(words, { nil: undefined }),
    tools: fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,20}$/),
        input,
        id: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_:.-]{0,30}$/),
      }),
      { selector: ({ id }) => id, maxLength: 4 },
    ),
    usage: fc
      .tuple(fc.nat(9000), fc.integer({ min: 1, max: 9000 }), fc.nat(9000))
      .map(([fresh, completion, cached]) => ({ prompt: fresh + cached, completion, cached })),
  })
  .filter(({ text, tools }) => text !== undefined || tools.length > 0)
  .map(
    (answer) =>
      Object.fromEntries(
        Object.entries(answer).filter(([, value]) => value !== undefined),
      ) as unknown as ScriptedAnswer,
  );

const writers = {
  anthropic: [anthropicStream, anthropicMessage],
  "openai-chat": [chatStream, chatMessage],
  "openai-responses": [responsesStream, responsesMessage],
  gemini: [geminiStream, geminiMessage],
} as const;

const check = (answer: Accumulated, wanted: ScriptedAnswer, own: boolean): void => {
  const { reasoning = "", text = "", tools = [], usage } = wanted;
  expect(answer.text).toBe(text);
  expect(answer.thinking).toBe(reasoning);
  expect(answer.tools.map(({ name, input: given }) => ({ name, input: given }))).toEqual(
    tools.map(({ name, input: given }) => ({ name, input: given })),
  );
  const ids = answer.tools.map(({ id }) => fromClientToolId(id));
  // Numbers alone would be taken for those of another turn, and Anthropic's own form is asked for letters.
  expect(ids).toEqual(tools.map(({ id }) => id));
  expect(answer.stopReason).toBe(tools.length > 0 ? "tool_use" : "end_turn");
  // Anthropic's script counts what was cached apart, as Anthropic does.
  const { prompt, completion, cached } = usage as Required<NonNullable<ScriptedAnswer["usage"]>>;
  expect(answer.usage).toMatchObject({ output_tokens: completion });
  const read = Number(answer.usage["cache_read_input_tokens"] ?? 0);
  if (!own) expect([answer.usage["input_tokens"], read]).toEqual([prompt - cached, cached]);
};

describe.each(Object.entries(writers))("%s", (name, [write, writeWhole]) => {
  const dialect = dialects[name as keyof typeof writers] as HttpDialect;
  const options = { dialect: dialect.name };

  test("streams an answer, and all three kinds of clients get it", () => {
    fc.assert(
      fc.property(answers, fc.integer(), (wanted, seed) => {
        const bytes = Buffer.from(write(wanted, "m"));
        const chunks = seed % 8 === 0 ? everyByte(bytes) : randomly(bytes, seed);
        const answer = accumulate(decodeStreamed(dialect, chunks, options));
        expect(problemsOf(answer.frames)).toEqual([]);
        check(answer, wanted, name === "anthropic");
        checkChat(streamedTo(chatClient(), dialect, chunks), answer);
        checkResponses(streamedTo(responsesClient(), dialect, chunks), answer);
      }),
      { numRuns: 150 },
    );
  });

  test("gives it whole, and it is the same", () => {
    fc.assert(
      fc.property(answers, (wanted) => {
        const body = JSON.parse(writeWhole(wanted, "m")) as unknown;
        const answer = accumulate(decodeWholeAsStream(dialect, body, options));
        expect(problemsOf(answer.frames)).toEqual([]);
        check(answer, wanted, name === "anthropic");
        checkChat(wholeAsStreamTo(chatClient(), dialect, body), answer);
        checkResponses(wholeAsStreamTo(responsesClient(), dialect, body), answer);
        const whole = decodeWhole(dialect, body, options);
        if (!("message" in whole)) throw new Error(whole.failure.message);
        expect(whole.message.content.map((block) => block.type)).toEqual(
          answer.blocks.map((block) => block.type),
        );
      }),
      { numRuns: 100 },
    );
  });
});
