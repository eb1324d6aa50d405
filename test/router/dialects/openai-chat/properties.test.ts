import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatMessage } from "../../../../src/protocol/openai-chat.ts";
import { openaiChat } from "../../../../src/router/dialects/openai-chat/index.ts";
import { accumulate } from "../../../support/accumulate.ts";
import { decodeStreamed, dialectContext } from "../../../support/dialect-context.ts";
import { randomFrom, randomly } from "../../../support/rechunk.ts";
import { problemsOf } from "../../../support/validate-anthropic-stream.ts";

const argumentsObject = fc
  .dictionary(fc.string({ unit: "binary", maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);

const call = fc.record({ name: fc.stringMatching(/^[A-Za-z_]{1,20}$/), input: argumentsObject });

/** What a provider receives for a turn with these calls. */
const sentArguments = (calls: { name: string; input: Record<string, unknown> }[]): string[] => {
  const request = {
    model: "m",
    max_tokens: 9,
    messages: [
      {
        role: "assistant" as const,
        content: calls.map((one, i) => ({ type: "tool_use" as const, id: `call_${i}`, ...one })),
      },
    ],
  };
  const { body } = openaiChat.encode(request, dialectContext());
  const [message] = (JSON.parse(String(body)) as { messages: ChatMessage[] }).messages;
  return message?.role === "assistant"
    ? (message.tool_calls ?? []).map((sent) => sent.function.arguments)
    : [];
};

/** A stream of these calls, their arguments cut into pieces, the pieces of different calls in any order. */
const streamOf = (calls: { name: string; json: string }[], seed: number): Buffer => {
  const random = randomFrom(seed);
  const rest = calls.map((one) => one.json);
  const opened = calls.map(() => false);
  const lines: string[] = [];
  const say = (delta: object, finish: string | null = null): void => {
    lines.push(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
  };
  for (;;) {
    const left = calls.map((_, i) => i).filter((i) => !opened[i] || rest[i] !== "");
    if (left.length === 0) break;
    const i = left[Math.floor(random() * left.length)]!;
    const length = Math.floor(random() * 6);
    const fn: { name?: string; arguments: string } = { arguments: rest[i]!.slice(0, length) };
    rest[i] = rest[i]!.slice(length);
    const item = opened[i]
      ? { index: i, function: fn }
      : { index: i, id: `call_${i}`, function: { ...fn, name: calls[i]!.name } };
    opened[i] = true;
    say({ tool_calls: [item] });
  }
  say({}, "tool_calls");
  return Buffer.from(`${lines.join("")}data: [DONE]\n\n`);
};

test("any arguments of a tool call survive the way to the provider and back, however the stream is cut and interleaved", () => {
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 4 }), fc.integer(), (calls, seed) => {
      const sent = sentArguments(calls);
      const bytes = streamOf(
        calls.map((one, i) => ({ name: one.name, json: sent[i]! })),
        seed,
      );
      const answer = accumulate(decodeStreamed(openaiChat, randomly(bytes, seed, 50)));
      expect(problemsOf(answer.frames)).toEqual([]);
      const back = answer.tools.toSorted((a, b) => a.id.localeCompare(b.id));
      expect(back.map((tool) => [tool.id, tool.name, tool.input])).toEqual(
        calls.map((one, i) => [`call_${i}`, one.name, one.input]),
      );
      expect(answer.stopReason).toBe("tool_use");
    }),
    { numRuns: 300 },
  );
});

test("arguments that are cut off at any place never look like arguments that were meant", () => {
  fc.assert(
    fc.property(
      argumentsObject,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      (input, share, seed) => {
        const json = JSON.stringify({ path: "/a", ...input });
        const cut = json.slice(0, Math.floor((json.length - 1) * share));
        const bytes = Buffer.from(
          streamOf([{ name: "Write", json: cut }], seed)
            .toString()
            .replace('"finish_reason":"tool_calls"', '"finish_reason":"length"'),
        );
        const answer = accumulate(decodeStreamed(openaiChat, [bytes]));
        expect(problemsOf(answer.frames)).toEqual([]);
        expect(answer.stopReason).toBe("max_tokens");
        expect(Object.values(answer.tools[0]!.input as object).filter((value) => value !== null)).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test("any bytes of any stream end in a message or in an error, never in silence or a throw", () => {
  const delta = fc.oneof(
    fc.record(
      { content: fc.oneof(fc.string(), fc.constant(null), fc.array(fc.anything())) },
      { requiredKeys: [] },
    ),
    fc.record({
      tool_calls: fc.array(
        fc.record(
          {
            index: fc.nat(2),
            id: fc.string(),
            function: fc.record({ name: fc.string(), arguments: fc.string() }, { requiredKeys: [] }),
          },
          { requiredKeys: [] },
        ),
      ),
    }),
    fc.record({ reasoning: fc.string(), reasoning_details: fc.anything() }),
    fc.anything(),
  );
  const chunk = fc.oneof(
    fc.record(
      {
        choices: fc.oneof(
          fc.array(
            fc.record({ delta, finish_reason: fc.constantFrom(null, "stop", "length", "tool_calls") }),
            { maxLength: 2 },
          ),
          fc.anything(),
        ),
        usage: fc.anything(),
      },
      { requiredKeys: [] },
    ),
    fc.anything(),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 12 }), fc.boolean(), fc.integer(), (chunks, done, seed) => {
      const lines = chunks.map((one) => `data: ${JSON.stringify(one) ?? "null"}\n\n`);
      const bytes = Buffer.from(lines.join("") + (done ? "data: [DONE]\n\n" : ""));
      const answer = accumulate(decodeStreamed(openaiChat, randomly(bytes, seed)));
      const problems = problemsOf(answer.frames).filter(
        (problem) => problem !== "error before message_start",
      );
      expect(
        problems.filter(
          (problem) => answer.error === undefined || !problem.startsWith("arguments are no JSON"),
        ),
      ).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
