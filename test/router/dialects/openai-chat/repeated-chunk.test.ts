import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseParser } from "../../../../src/protocol/sse.ts";
import { RepeatedChunk } from "../../../../src/router/dialects/openai-chat/repeated-chunk.ts";
import { withFolder } from "../../../support/data-folders.ts";
import { bytesOfFile, hasFile, recordingsIn } from "../../../support/recordings.ts";

const chunk = (delta: object, more: object = {}): string =>
  JSON.stringify({ id: "c1", model: "m", choices: [{ index: 0, delta, finish_reason: null }], ...more });

/** What both ways give for each event, one after the other. */
const bothWays = (events: readonly string[]): void => {
  const repeated = new RepeatedChunk();
  const of = (parse: () => unknown): unknown => {
    try {
      return JSON.stringify(parse());
    } catch (error) {
      return (error as Error).name;
    }
  };
  for (const data of events) expect(of(() => repeated.parse(data))).toBe(of(() => JSON.parse(data)));
};

describe("a chunk that differs from the one before in its text alone", () => {
  it.each(["content", "reasoning_content", "reasoning"])("is not parsed again: %s", (field) => {
    const repeated = new RepeatedChunk();
    repeated.parse(chunk({ role: "assistant", [field]: "Hel" }));
    const second = repeated.parse(chunk({ role: "assistant", [field]: "lo, " }));
    expect(second).toEqual(JSON.parse(chunk({ role: "assistant", [field]: "lo, " })));
    const third = repeated.parse(chunk({ role: "assistant", [field]: 'a "quoted"\nline, ü, 好, 😀' }));
    expect(third).toBe(second);
    expect(third?.choices?.[0]?.delta).toEqual({
      role: "assistant",
      [field]: 'a "quoted"\nline, ü, 好, 😀',
    });
  });

  it("is told from one that differs in anything else", () => {
    bothWays([
      chunk({ content: "a" }),
      chunk({ content: "b" }),
      chunk({ content: "c" }, { usage: { prompt_tokens: 1 } }),
      chunk({ content: "d", reasoning: "e" }),
      chunk({ content: "f" }, { id: "c2" }),
      chunk({ content: "g", tool_calls: [{ index: 0, function: { arguments: "{" } }] }),
      chunk({ content: "h", reasoning_details: [{ type: "reasoning.text", text: "h" }] }),
      chunk({}, { choices: [] }),
      "null",
      "[]",
      '"text"',
      "7",
    ]);
  });

  it("is found by its field, though the same text stands in other places or is spelled in another way", () => {
    bothWays([
      chunk({ content: "m" }),
      chunk({ content: "n" }),
      chunk({ content: "content" }),
      chunk({ content: "x" }),
      // `"index"` stands there once, as a name.
      '{"choices":[{"index":0,"delta":{"content":"\\u0069ndex"}}]}',
      '{"choices":[{"index":1,"delta":{"content":"\\u0069ndex"}}]}',
      '{"choices":[{"delta":{"content":"a","content":"b"}}]}',
      '{"choices":[{"delta":{"content":"a","content":"c"}}]}',
      '{"id":"b","choices":[{"delta":{"content":"\\u0062"}}]}',
      '{"id":"c","choices":[{"delta":{"content":"\\u0062"}}]}',
    ]);
  });

  it("is no JSON where its text is none", () => {
    const [before, after] = chunk({ content: "|" }).split("|") as [string, string];
    bothWays([
      ...["a", "b", 'c"', "d\n", "e\\", "\\u12", 'f","role":"g', 'h","x":{"y":"z', "", "i"].map(
        (text) => before + text + after,
      ),
      before,
      after,
      before.slice(0, -1),
    ]);
  });

  it("is looked for no longer in a stream that has something new in every chunk", () => {
    const repeated = new RepeatedChunk();
    for (let i = 0; i < 4; i++) repeated.parse(chunk({ content: "a" }, { obfuscation: `x${i}` }));
    const first = repeated.parse(chunk({ content: "a" }));
    const second = repeated.parse(chunk({ content: "b" }));
    expect(second).not.toBe(first);
    expect(repeated.parse(chunk({ content: "c" }))).not.toBe(second);
  });

  it("gives what JSON.parse gives, whatever comes in whatever order", () => {
    const text = fc.oneof(fc.constantFrom("", "a", "content", "probe", "m"), fc.string({ unit: "binary" }));
    const delta = fc.record(
      { content: text, reasoning: text, role: fc.constant("assistant"), refusal: fc.constant(null) },
      { requiredKeys: [] },
    );
    const event = fc.oneof(
      delta.map((each) => chunk(each)),
      fc.record({ content: text }).map((each) => chunk(each)),
      fc.tuple(delta, text).map(([each, id]) => chunk(each, { id })),
    );
    fc.assert(fc.property(fc.array(event, { maxLength: 12 }), bothWays));
  });
});

withFolder("RECORDINGS", "repeated chunks of real streams", (root) => {
  const streams = recordingsIn(root).filter(
    (each) => each.format === "openai_chat" && hasFile(each, "response.sse"),
  );

  it("gives what JSON.parse gives for all recorded streams, and mostly without it where only text comes", () => {
    let [all, again] = [0, 0];
    for (const recording of streams) {
      const events: string[] = [];
      const parser = new SseParser({ onEvent: (_name, data) => events.push(data) });
      parser.push(bytesOfFile(recording, "response.sse"));
      parser.end();
      bothWays(events);
      const repeated = new RepeatedChunk();
      let before: unknown;
      for (const data of events.filter((each) => each.startsWith("{"))) {
        const parsed = repeated.parse(data);
        all += 1;
        if (parsed === before) again += 1;
        before = parsed;
      }
    }
    expect(again / all).toBeGreaterThan(0.5);
  });
});
