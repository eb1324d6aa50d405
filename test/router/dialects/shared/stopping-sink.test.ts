/** More stop sequences than a provider takes. */
import { expect, test } from "vitest";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import type { Accumulated } from "../../../support/accumulate.ts";
import { chatStream, chunk, received, sent } from "../../../support/chat-sse.ts";
import * as gemini from "../../../support/gemini-sse.ts";
import { everyByte } from "../../../support/rechunk.ts";

const request: MessagesRequest = {
  model: "m",
  max_tokens: 100,
  messages: [{ role: "user", content: "go" }],
  stop_sequences: ["one", "two", "three", "four", "five", "END"],
};
const quirks = { mostStops: 4 };

/** The texts, and how the answer ended. */
const seen = ({ blocks, stopReason, stopSequence }: Accumulated): unknown[] => [
  blocks.map((block) => block.text),
  stopReason,
  stopSequence,
];

test("OpenAI does not answer 400 to them (\"Invalid 'stop': array too long\")", () => {
  expect(sent(request, { quirks })["stop"]).toEqual(["one", "two", "three", "four"]);
  expect(sent(request)["stop"]).toHaveLength(6);
});

test("those that were not sent end the answer all the same, however it is cut", () => {
  const call = { index: 0, id: "c", function: { name: "f", arguments: "{}" } };
  const bytes = chatStream([
    chunk({ content: "It is so. E" }),
    chunk({ content: "ND and more" }),
    chunk({ tool_calls: [call] }, "tool_calls"),
  ]);
  for (const chunks of [[bytes], everyByte(bytes)]) {
    expect(seen(received(chunks, { quirks, request }))).toEqual([["It is so. "], "stop_sequence", "END"]);
  }
});

test("the beginning of one that does not go on is text", () => {
  const bytes = chatStream([chunk({ content: "THE EN" }), chunk({}, "stop")]);
  expect(seen(received(bytes, { quirks, request }))).toEqual([["THE EN"], "end_turn", null]);
});

test("Gemini, which takes five, is held to the sixth", () => {
  const bytes = gemini.geminiStream([
    gemini.partsChunk([{ text: "It is so. EN" }]),
    gemini.partsChunk([{ text: "D and more" }]),
    gemini.lastChunk(),
  ]);
  expect(seen(gemini.received(bytes, { request }))).toEqual([["It is so. "], "stop_sequence", "END"]);
});
