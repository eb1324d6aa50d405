import { expect, test } from "vitest";
import { sent } from "../../../support/chat-sse.ts";

const messages = [
  { role: "user" as const, content: "count" },
  { role: "assistant" as const, content: "one two" },
];
const last = { role: "assistant", content: "one two" };

test.each([
  ["plain", last, {}],
  ["prefix", { ...last, prefix: true }, {}],
  ["partial", { ...last, partial: true }, {}],
  ["continue_final_message", last, { continue_final_message: true, add_generation_prompt: false }],
] as const)("an answer that was begun is marked as the provider wants it: %s", (prefix, message, fields) => {
  const body = sent({ messages }, { quirks: { prefix } });
  expect(body.messages.at(-1)).toEqual(message);
  expect(body).toMatchObject(fields);
});

test("a conversation that ends with the user is marked by nothing", () => {
  for (const prefix of ["prefix", "partial", "continue_final_message"] as const)
    expect(JSON.stringify(sent({ messages: messages.slice(0, 1) }, { quirks: { prefix } }))).not.toMatch(
      /prefix|partial|continue_final/,
    );
});
