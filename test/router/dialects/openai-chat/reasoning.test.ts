import { describe, expect, test } from "vitest";
import type { ContentBlock } from "../../../../src/protocol/anthropic.ts";
import { isEnvelope } from "../../../../src/router/dialects/shared/reasoning-envelope.ts";
import { chatStream, chunk, received, sent } from "../../../support/chat-sse.ts";
import { everyByte } from "../../../support/rechunk.ts";

const options = { quirks: { sendReasoning: "reasoning_details" } as const, model: "vendor/model-1" };
const call = { tool_calls: [{ index: 0, id: "call_1", function: { name: "f", arguments: "{}" } }] };
const piece = (detail: object): object => chunk({ reasoning_details: [detail] });

/** What goes back to the provider when the client sends the answer back as it got it. */
const sentBack = (chunks: object[], model = options.model): unknown => {
  const { blocks } = received(everyByte(chatStream([...chunks, chunk({}, "stop")])), options);
  const content = blocks.map(({ start, text, thinking, signature, input }) => ({
    ...start,
    ...(text && { text }),
    ...("thinking" in start && { thinking, signature }),
    ...("input" in start && { input }),
  }));
  const [message] = sent(
    { messages: [{ role: "assistant", content: content as unknown as ContentBlock[] }] },
    { ...options, model },
  ).messages;
  return message?.role === "assistant" ? message.reasoning_details : undefined;
};

const signed = [
  piece({ type: "reasoning.text", text: "I must ", format: "f1", index: 0 }),
  piece({ type: "reasoning.text", text: "look 你好", format: "f1", index: 0 }),
  piece({ type: "reasoning.text", signature: "c2lnbmVk", format: "f1", index: 0 }),
];

describe("reasoning that its provider wants back", () => {
  test("comes back whole and signed, however its stream was cut", () => {
    expect(sentBack([...signed, chunk(call)])).toEqual([
      { type: "reasoning.text", text: "I must look 你好", signature: "c2lnbmVk", format: "f1", index: 0 },
    ]);
  });

  test("comes back where it is nothing but a signature of a tool call", () => {
    const encrypted = { type: "reasoning.encrypted", data: "abc", id: "call_1", format: "g1", index: 0 };
    expect(sentBack([chunk({ content: "Let me look." }), piece(encrypted), chunk(call)])).toEqual([
      encrypted,
    ]);
  });

  test("comes back in all its parts", () => {
    const encrypted = { type: "reasoning.encrypted", data: "abc", index: 0 };
    expect(
      sentBack([
        piece({ type: "reasoning.summary", summary: "**Look", index: 0 }),
        piece({ type: "reasoning.summary", summary: "ing**", index: 0 }),
        piece(encrypted),
        chunk({ content: "Hi" }),
      ]),
    ).toEqual([{ type: "reasoning.summary", summary: "**Looking**", index: 0 }, encrypted]);
  });

  test("is not sent to another model, which could not read it", () => {
    expect(sentBack([...signed, chunk(call)], "vendor/model-2")).toBeUndefined();
  });

  test("is shown as thinking, once", () => {
    const answer = received(chatStream([...signed, chunk({ content: "Hi" }, "stop")]), options);
    expect(answer.blocks.map((block) => [block.type, block.thinking + block.text])).toEqual([
      ["thinking", "I must look 你好"],
      ["text", "Hi"],
    ]);
    expect(isEnvelope(answer.blocks[0]?.signature)).toBe(true);
  });

  test("leaves no signature behind for a provider that does not want it back", () => {
    const answer = received(chatStream([...signed, chunk({ content: "Hi" }, "stop")]));
    expect(answer.blocks[0]?.signature).toBe("");
  });
});
