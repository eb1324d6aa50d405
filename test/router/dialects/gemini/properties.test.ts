import fc from "fast-check";
import { expect, test } from "vitest";
import type { ContentBlock, Message } from "../../../../src/protocol/anthropic.ts";
import type { GeminiPart } from "../../../../src/protocol/gemini.ts";
import { gemini } from "../../../../src/router/dialects/gemini/index.ts";
import { accumulate } from "../../../support/accumulate.ts";
import { decodeStreamed } from "../../../support/dialect-context.ts";
import {
  blocksOfStream,
  geminiStream,
  geminiThree,
  lastChunk,
  partsChunk,
  sent,
} from "../../../support/gemini-sse.ts";
import { randomFrom, randomly } from "../../../support/rechunk.ts";
import { strictGemini } from "../../../support/strict/gemini.ts";
import { problemsOf } from "../../../support/validate-anthropic-stream.ts";

const argumentsObject = fc
  .dictionary(fc.string({ unit: "binary", maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);
const words = fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((text) => /\S/.test(text));
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,20}$/);

const answer = fc.record({
  thoughts: fc.array(words, { maxLength: 2 }),
  text: fc.array(words, { maxLength: 2 }),
  calls: fc.array(
    fc.record({
      name,
      args: argumentsObject,
      id: fc.option(fc.constantFrom("a1", "b2", ""), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
type Answer = typeof answer extends fc.Arbitrary<infer Value> ? Value : never;

const callPart = (call: Answer["calls"][number], signature: string | undefined): GeminiPart => ({
  functionCall: { name: call.name, args: call.args, ...(call.id !== undefined && { id: call.id }) },
  ...(signature !== undefined && { thoughtSignature: signature }),
});

/** The answer as Gemini streams it: its parts spread over chunks at random. */
const streamOf = ({ thoughts, text, calls }: Answer, signature: string, seed: number): Buffer => {
  const random = randomFrom(seed);
  const parts: GeminiPart[] = [
    ...thoughts.map((said) => ({ text: said, thought: true })),
    ...text.map((said) => ({ text: said })),
    ...calls.map((call, i) => callPart(call, i === 0 ? signature : undefined)),
  ];
  const chunks: GeminiPart[][] = [[]];
  for (const part of parts) {
    if (random() < 0.5) chunks.push([]);
    chunks.at(-1)!.push(part);
  }
  return geminiStream([...chunks.map((chunk) => partsChunk(chunk)), lastChunk()]);
};

/** Some calls that share an id are told apart by new ones, so ids are compared by their pairing alone. */
const withoutIds = (part: GeminiPart): GeminiPart => {
  if (part.functionCall === undefined) return part;
  const { id: _, ...call } = part.functionCall;
  return { ...part, functionCall: call };
};

test("what Gemini said goes back as it was: text, calls, arguments, signatures, however the stream was cut", () => {
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 3 }), fc.integer(), (answers, seed) => {
      const issued = new Set<string>();
      const messages: Message[] = [{ role: "user", content: "go" }];
      for (const [i, one] of answers.entries()) {
        const signature = Buffer.from(`signature ${i} ${seed}`).toString("base64");
        issued.add(signature);
        const content = blocksOfStream(randomly(streamOf(one, signature, seed + i), seed, 60));
        const results = content.filter((block) => block.type === "tool_use");
        messages.push(
          { role: "assistant", content },
          {
            role: "user",
            content: results.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: `of ${id}` })),
          },
        );
      }
      const body = sent({ messages });
      expect(strictGemini(body, { issued, model: geminiThree })).toEqual([]);
      const turns = body.contents.filter((content) => content.role === "model");
      expect(turns.map((turn) => turn.parts.map(withoutIds))).toEqual(
        answers.map(({ text, calls }, i) => {
          const signature = Buffer.from(`signature ${i} ${seed}`).toString("base64");
          return [
            ...(text.length > 0 ? [{ text: text.join("") }] : []),
            ...calls.map((call, at) => withoutIds(callPart(call, at === 0 ? signature : undefined))),
          ];
        }),
      );
      for (const [i, content] of body.contents.entries()) {
        const calls = content.parts.filter((part) => part.functionCall !== undefined);
        if (calls.length === 0) continue;
        const responses = body.contents[i + 1]!.parts.map((part) => part.functionResponse);
        expect(responses.map((response) => [response?.id, response?.name])).toEqual(
          calls.map((part) => [part.functionCall?.id, part.functionCall?.name]),
        );
      }
    }),
    { numRuns: 300 },
  );
});

const anyBlock: fc.Arbitrary<ContentBlock> = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text: fc.constantFrom("", "a", " ") }),
  fc.record({
    type: fc.constant("image" as const),
    source: fc.constant({ type: "base64" as const, media_type: "image/png", data: "QQ==" }),
  }),
  fc.record({
    type: fc.constant("thinking" as const),
    thinking: fc.constant("t"),
    signature: fc.constant("claude"),
  }),
  fc.record({ type: fc.constant("redacted_thinking" as const), data: fc.constant("z") }),
  fc.record({
    type: fc.constant("tool_use" as const),
    id: fc.constantFrom("toolu_1", "toolu_2", "call:3", "functions.Bash:0"),
    name: fc.constantFrom("Read", "Bash", "", "1 odd name"),
    input: argumentsObject,
  }),
  fc.record({
    type: fc.constant("tool_result" as const),
    tool_use_id: fc.constantFrom("toolu_1", "toolu_2", "call:3", "gone"),
    content: fc.constantFrom("", "r", '{"a":1}'),
  }),
);

test("no history, however broken, becomes one that Google refuses", () => {
  const message = fc.record({
    role: fc.constantFrom("user" as const, "assistant" as const, "system" as const),
    content: fc.oneof(fc.constantFrom("", "words"), fc.array(anyBlock, { maxLength: 4 })),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 8 }),
      fc.constantFrom(geminiThree, "gemini-2.5-flash"),
      (messages, model) => {
        const body = sent({ messages }, { model });
        const problems = strictGemini(body, { issued: new Set(), model });
        expect(problems).toEqual([]);
        expect(body.contents.at(-1)!.role).toBe("user");
      },
    ),
    { numRuns: 1000 },
  );
});

test("any bytes of any stream end in a message or in an error, never in silence or a throw", () => {
  const part = fc.oneof(
    fc.record(
      {
        text: fc.oneof(fc.string(), fc.anything()),
        thought: fc.boolean(),
        thoughtSignature: fc.oneof(fc.string(), fc.constant(1)),
      },
      { requiredKeys: [] },
    ),
    fc.record({
      functionCall: fc.record(
        {
          name: fc.constantFrom<unknown>("Read", "", 1),
          id: fc.constantFrom<unknown>("x", "", null),
          args: fc.oneof(argumentsObject, fc.anything()),
          partialArgs: fc.array(
            fc.record(
              {
                jsonPath: fc.oneof(
                  fc.constantFrom("$.a", "$.a[0].b", "$.a[99999999]", "$", "$['x'].y"),
                  fc.string(),
                ),
                stringValue: fc.string(),
                numberValue: fc.double(),
                willContinue: fc.boolean(),
              },
              { requiredKeys: [] },
            ),
            { maxLength: 3 },
          ),
          willContinue: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    }),
    fc.record({ toolCall: fc.anything() }),
    fc.anything(),
  );
  const chunk = fc.oneof(
    fc.record(
      {
        candidates: fc.oneof(
          fc.array(
            fc.record(
              {
                index: fc.constantFrom<unknown>(0, 1, "0"),
                content: fc.oneof(fc.record({ parts: fc.array(part, { maxLength: 3 }) }), fc.anything()),
                finishReason: fc.constantFrom<unknown>(undefined, null, "STOP", "MAX_TOKENS", "OTHER", 3),
                groundingMetadata: fc.anything(),
              },
              { requiredKeys: [] },
            ),
            { maxLength: 2 },
          ),
          fc.anything(),
        ),
        promptFeedback: fc.oneof(fc.record({ blockReason: fc.constantFrom("SAFETY", "") }), fc.anything()),
        usageMetadata: fc.anything(),
        modelVersion: fc.anything(),
      },
      { requiredKeys: [] },
    ),
    fc.anything(),
  );
  const request = { model: "m", messages: [], tools: [{ type: "web_search_20250305", name: "web_search" }] };
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 10 }), fc.boolean(), fc.integer(), (chunks, search, seed) => {
      const bytes = Buffer.from(chunks.map((one) => `data: ${JSON.stringify(one) ?? "null"}\n\n`).join(""));
      const options = { dialect: "gemini" as const, model: geminiThree, ...(search && { request }) };
      const seen = accumulate(decodeStreamed(gemini, randomly(bytes, seed), options));
      expect(problemsOf(seen.frames).filter((problem) => problem !== "error before message_start")).toEqual(
        [],
      );
    }),
    { numRuns: 1500 },
  );
});
