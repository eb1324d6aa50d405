import { describe, expect, test } from "vitest";
import type { ContentBlock, Message } from "../../../../src/protocol/anthropic.ts";
import type { ContextOptions } from "../../../support/dialect-context.ts";
import type { Accumulated } from "../../../support/accumulate.ts";
import { called, completed, event, reasoned, received, said, sent } from "../../../support/responses-sse.ts";

/** The blocks as the client keeps and sends them. */
const kept = (answer: Accumulated): ContentBlock[] =>
  answer.blocks.map((block) => {
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

const next = (answer: Accumulated, options: ContextOptions = {}) => {
  const content = kept(answer);
  const results = content.flatMap((block) =>
    block.type === "tool_use" ? [{ type: "tool_result" as const, tool_use_id: block.id, content: "x" }] : [],
  );
  const messages: Message[] = [{ role: "assistant", content }];
  if (results.length > 0) messages.push({ role: "user", content: results });
  return sent({ messages }, options).input;
};

describe("reasoning comes back to its model as it was", () => {
  const item = {
    type: "reasoning",
    id: "rs_0",
    summary: [
      { type: "summary_text", text: "One." },
      { type: "summary_text", text: "Two — 你好." },
    ],
    encrypted_content: "gAAAA+/=",
  };
  const summary = item.summary.map((part) => part.text);

  test("in front of the calls that followed from it", () => {
    const answer = received([
      ...reasoned(0, summary, item.encrypted_content),
      ...called(1, "Read", "{}"),
      completed(),
    ]);
    const input = next(answer);
    expect(JSON.stringify(input[0])).toBe(
      JSON.stringify({
        id: "rs_0",
        type: "reasoning",
        summary: item.summary,
        encrypted_content: item.encrypted_content,
      }),
    );
    expect(input.map((one) => one.type)).toEqual(["reasoning", "function_call", "function_call_output"]);
  });

  test("without a summary too: the client keeps an empty thinking block for it", () => {
    const answer = received([...reasoned(0, [], "enc"), ...said(1, "x"), completed()]);
    expect(answer.blocks.map((block) => [block.type, block.thinking])).toEqual([
      ["thinking", ""],
      ["text", ""],
    ]);
    expect(next(answer)[0]).toEqual({ type: "reasoning", id: "rs_0", summary: [], encrypted_content: "enc" });
  });

  test("several items, each at its place", () => {
    const answer = received([
      ...reasoned(0, ["a"], "e0"),
      ...called(1, "Read", "{}"),
      ...reasoned(2, ["b"], "e2"),
      ...called(3, "Read", "{}"),
      completed(),
    ]);
    const sealed = next(answer).map((one) => ("encrypted_content" in one ? one.encrypted_content : one.type));
    expect(sealed.slice(0, 4)).toEqual(["e0", "function_call", "e2", "function_call"]);
  });

  test("as it stands at the end of its item, not at the beginning, where it is not complete", () => {
    const begun = { id: "rs_0", type: "reasoning", summary: [], encrypted_content: "part" };
    const answer = received([
      event("output_item.added", { output_index: 0, item: begun }),
      event("output_item.done", {
        output_index: 0,
        item: { ...begun, encrypted_content: "whole", status: null },
      }),
      ...said(1, "x"),
      completed(),
    ]);
    expect(next(answer)[0]).toEqual({ ...begun, encrypted_content: "whole" });
  });

  test("from a provider that shows its reasoning, in full (DeepSeek wants it back with calls)", () => {
    const content = [{ type: "reasoning_text", text: "Hm." }];
    const answer = received([
      event("reasoning_text.delta", { output_index: 0, content_index: 0, delta: "Hm." }),
      event("output_item.done", {
        output_index: 0,
        item: { id: "x", type: "reasoning", summary: [], content, encrypted_content: null },
      }),
      ...called(1, "Read", "{}"),
      completed(),
    ]);
    expect(answer.thinking).toBe("Hm.");
    expect(next(answer)[0]).toEqual({ id: "x", type: "reasoning", summary: [], content });
  });
});

describe("reasoning that would be refused is not sent", () => {
  const answer = received([...reasoned(0, ["Hm."], "enc"), ...called(1, "Read", "{}"), completed()]);

  test.each([
    ["another model", { model: "other-model" }],
    ["another protocol at the same provider", { dialect: "openai-chat" as const }],
  ])("to %s", (_, options) => {
    expect(JSON.stringify(next(answer, options))).not.toMatch(/enc|Hm\./);
  });

  test("an id alone, which would be looked up where nothing is stored", () => {
    const bare = received([...reasoned(0, ["Hm."]), ...called(1, "Read", "{}"), completed()]);
    expect(bare.thinking).toBe("Hm.");
    expect(next(bare).map((item) => item.type)).toEqual(["function_call", "function_call_output"]);
  });

  test("when nothing follows on it, as a turn that was broken off leaves it", () => {
    const [thinking] = kept(answer);
    const messages: Message[] = [
      { role: "assistant", content: [thinking!] },
      { role: "user", content: "go on" },
    ];
    expect(sent({ messages }).input.map((item) => item.type)).toEqual(["message"]);
  });

  test("when the client changed the words that it belongs to", () => {
    const [thinking, ...rest] = kept(answer);
    const changed = { ...thinking, thinking: "Hm!" } as ContentBlock;
    const { input } = sent({ messages: [{ role: "assistant", content: [changed, ...rest] }] });
    expect(input.map((item) => item.type)).toEqual(["function_call"]);
  });

  test("when Anthropic signed it", () => {
    const content: ContentBlock[] = [
      { type: "thinking", thinking: "Hm.", signature: "EqRkCk" },
      { type: "redacted_thinking", data: "EmwKAhgB" },
      { type: "text", text: "x" },
    ];
    expect(sent({ messages: [{ role: "assistant", content }] }).input).toHaveLength(1);
  });
});
