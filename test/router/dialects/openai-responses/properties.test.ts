import fc from "fast-check";
import { expect, test } from "vitest";
import type { ContentBlock, Message } from "../../../../src/protocol/anthropic.ts";
import { openaiResponses } from "../../../../src/router/dialects/openai-responses/index.ts";
import { StopSequences } from "../../../../src/router/dialects/shared/stop-sequences.ts";
import { accumulate } from "../../../support/accumulate.ts";
import { decodeStreamed } from "../../../support/dialect-context.ts";
import { randomFrom, randomly } from "../../../support/rechunk.ts";
import { called, completed, reasoned, responsesStream, said, sent } from "../../../support/responses-sse.ts";
import { strict } from "../../../support/strict/index.ts";
import { problemsOf } from "../../../support/validate-anthropic-stream.ts";

const options = { dialect: "openai-responses" as const };

const argumentsObject = fc
  .dictionary(fc.string({ unit: "binary", maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);

const words = fc.string({ unit: "binary", minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== "");
interface Step {
  kind: "call" | "thought" | "text";
  name: string;
  input: Record<string, unknown>;
  words: string;
  parts: string[];
  sealed: string;
}

/** Of each kind only its own fields count. */
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("call", "thought", "text"),
  name: fc.stringMatching(/^[A-Za-z_]{1,20}$/),
  input: argumentsObject,
  words,
  parts: fc.array(words, { maxLength: 3 }),
  sealed: fc.string({ minLength: 1, maxLength: 40 }),
});

const cutUp = (whole: string, random: () => number): string[] => {
  const out: string[] = [];
  for (let at = 0; at < whole.length;) {
    const length = 1 + Math.floor(random() * 7);
    out.push(whole.slice(at, at + length));
    at += length;
  }
  return out;
};

/** The events of an answer of these steps, those of calls in a row interleaved. */
const eventsOf = (steps: readonly Step[], seed: number): Record<string, unknown>[] => {
  const random = randomFrom(seed);
  const out: Record<string, unknown>[] = [];
  let calls: Record<string, unknown>[][] = [];
  const flush = (): void => {
    while (calls.length > 0) {
      const queue = calls[Math.floor(random() * calls.length)]!;
      out.push(queue.shift()!);
      calls = calls.filter((one) => one.length > 0);
    }
  };
  for (const [i, step] of steps.entries()) {
    if (step.kind === "call") {
      calls.push(called(i, step.name, ...cutUp(JSON.stringify(step.input), random)));
      continue;
    }
    flush();
    if (step.kind === "text") out.push(...said(i, ...cutUp(step.words, random)));
    else out.push(...reasoned(i, step.parts, step.sealed));
  }
  flush();
  return [...out, completed()];
};

const blocksOf = (sse: string): ContentBlock[] =>
  accumulate(sse).blocks.map((block) => {
    if (block.type === "thinking")
      return { type: "thinking", thinking: block.thinking, signature: block.signature };
    if (block.type === "tool_use")
      return {
        type: "tool_use",
        id: String(block.id),
        name: String(block.name),
        input: block.input as never,
      };
    return { type: "text", text: block.text };
  });

test("a turn that came from the provider goes back to it as it was: texts, calls, arguments, encrypted reasoning, in order", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), fc.integer(), (steps, seed) => {
      const sse = decodeStreamed(
        openaiResponses,
        randomly(responsesStream(eventsOf(steps, seed)), seed, 60),
        options,
      );
      expect(problemsOf(accumulate(sse).frames)).toEqual([]);
      const content = blocksOf(sse);
      const calls = content.filter((block) => block.type === "tool_use");
      expect(calls.map((block) => block.input).toSorted(byText)).toEqual(
        steps.flatMap((step) => (step.kind === "call" ? [step.input] : [])).toSorted(byText),
      );
      const results = calls.map((block) => ({
        type: "tool_result" as const,
        tool_use_id: block.id,
        content: "x",
      }));
      const messages: Message[] = [
        { role: "user", content: "q" },
        { role: "assistant", content },
      ];
      messages.push({ role: "user", content: [...results, { type: "text", text: "go on" }] });
      const body = sent({ messages });
      const sealed = steps.flatMap((step) => (step.kind === "thought" ? [step.sealed] : []));
      expect(strict["openai-responses"]!(body, { issued: new Set(sealed) })).toEqual([]);
      const back = body.input.slice(1);
      const last = steps.findLastIndex((step) => step.kind !== "thought");
      const expected = steps.slice(0, last + 1);
      expect(
        back
          .filter((item) => item.type === "reasoning")
          .map((item) => ("encrypted_content" in item ? item.encrypted_content : "")),
      ).toEqual(expected.flatMap((step) => (step.kind === "thought" ? [step.sealed] : [])));
      expect(
        back
          .filter((item) => item.type === "function_call")
          .map((item) => ("arguments" in item ? (JSON.parse(item.arguments) as unknown) : undefined)),
      ).toEqual(calls.map((block) => block.input));
    }),
    { numRuns: 300 },
  );
});

const byText = (a: unknown, b: unknown): number => JSON.stringify(a).localeCompare(JSON.stringify(b));

test("any bytes of any stream end in a message or in an error, never in silence or a throw", () => {
  const types = [
    "output_item.added",
    "output_item.done",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_text.annotation.added",
    "function_call_arguments.delta",
    "function_call_arguments.done",
    "reasoning_summary_text.delta",
    "reasoning_text.delta",
    "refusal.delta",
    "completed",
    "incomplete",
  ];
  const item = fc.record(
    {
      id: fc.oneof(fc.constantFrom("a", "b"), fc.anything()),
      type: fc.constantFrom(
        "message",
        "function_call",
        "reasoning",
        "web_search_call",
        "custom_tool_call",
        "x",
      ),
      call_id: fc.oneof(fc.constantFrom("c", "d"), fc.anything()),
      name: fc.oneof(fc.constantFrom("Read", ""), fc.anything()),
      arguments: fc.oneof(fc.constantFrom("{}", '{"a":1}', "{", ""), fc.anything()),
      content: fc.oneof(
        fc.array(fc.record({ type: fc.constant("output_text"), text: fc.string() })),
        fc.anything(),
      ),
      summary: fc.anything(),
      action: fc.anything(),
      encrypted_content: fc.anything(),
    },
    { requiredKeys: [] },
  );
  const one = fc.record(
    {
      type: fc.constantFrom(...types.map((type) => `response.${type}`)),
      output_index: fc.oneof(fc.nat(2), fc.anything()),
      item_id: fc.oneof(fc.constantFrom("a", "b"), fc.anything()),
      content_index: fc.nat(1),
      delta: fc.oneof(fc.constantFrom("x", "{", '"a"', ":1}", " "), fc.anything()),
      text: fc.oneof(fc.string(), fc.anything()),
      arguments: fc.oneof(fc.constant("{}"), fc.anything()),
      part: fc.anything(),
      item: fc.oneof(item, fc.anything()),
      annotation: fc.anything(),
      response: fc.oneof(
        fc.record({ output: fc.array(item, { maxLength: 3 }), usage: fc.anything() }, { requiredKeys: [] }),
        fc.anything(),
      ),
    },
    { requiredKeys: ["type"] },
  );
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), fc.integer(), (events, seed) => {
      const lines = events.map((event) => `data: ${JSON.stringify(event) ?? "null"}\n\n`).join("");
      const answer = accumulate(decodeStreamed(openaiResponses, randomly(Buffer.from(lines), seed), options));
      const problems = problemsOf(answer.frames).filter(
        (problem) =>
          problem !== "error before message_start" &&
          (answer.error === undefined || !problem.startsWith("arguments are no JSON")),
      );
      expect(problems).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("a stop sequence is found wherever the text is cut, and nothing else of the text is lost", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 }),
      fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.integer(),
      (whole, sequences, seed) => {
        const stops = new StopSequences(sequences);
        let out = "";
        for (const piece of cutUp(whole, randomFrom(seed))) out += stops.push(piece);
        out += stops.rest();
        const ends = sequences.map((sequence) => whole.indexOf(sequence)).filter((at) => at !== -1);
        if (ends.length === 0) expect([out, stops.found]).toEqual([whole, undefined]);
        else {
          expect(sequences).toContain(stops.found);
          expect(whole.startsWith(out + stops.found!)).toBe(true);
          expect(sequences.some((sequence) => out.includes(sequence))).toBe(false);
        }
      },
    ),
    { numRuns: 500 },
  );
});
