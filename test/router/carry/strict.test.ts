/** The strict upstreams refuse what their providers refuse: a judge that says nothing would make every test of them pass. */
import { describe, expect, test } from "vitest";
import { strict } from "../../support/strict/index.ts";

const problems = (dialect: string, body: object, options: object = {}): string =>
  (strict[dialect]?.(body, { issued: new Set(["ours"]), ...options }) ?? []).join("\n");

const user = { role: "user", content: "hi" };

describe("Anthropic refuses", () => {
  const call = { type: "tool_use", id: "t1", name: "f", input: {} };
  const result = { type: "tool_result", tool_use_id: "t1", content: "x" };
  const ask = (messages: object[], more: object = {}): string =>
    problems("anthropic", { model: "m", max_tokens: 9, messages, ...more });
  const said = (...content: object[]): object => ({ role: "assistant", content });
  const marked = Array.from({ length: 5 }, () => ({
    type: "text",
    text: "a",
    cache_control: { type: "ephemeral" },
  }));

  test.each<[string, string, RegExp]>([
    ["an unknown field", ask([user], { novelty: 1 }), /novelty: Extra inputs/],
    [
      "a foreign signature",
      ask([user, said({ type: "thinking", thinking: "a", signature: "theirs" })]),
      /Invalid `signature`/,
    ],
    [
      "foreign hidden thinking",
      ask([user, said({ type: "redacted_thinking", data: "theirs" })]),
      /Invalid `data`/,
    ],
    [
      "a call without thinking before it, while thinking is on",
      ask([user, said(call), { role: "user", content: [result] }], {
        thinking: { type: "enabled", budget_tokens: 1 },
      }),
      /Expected `thinking`/,
    ],
    ["five cache markers", ask([{ role: "user", content: marked }]), /maximum of 4 blocks/],
    ["a result without its call", ask([{ role: "user", content: [result] }]), /unexpected `tool_use_id`/],
    ["a call without its result", ask([user, said(call), user]), /without `tool_result`/],
    ["an empty text", ask([{ role: "user", content: [{ type: "text", text: "" }] }]), /must be non-empty/],
    ["an id with a colon", ask([user, said({ ...call, id: "f:0" })]), /should match pattern/],
    ["two calls of one id", ask([user, said(call, call)]), /must be unique/],
    ["a system role where it knows none", ask([user, { role: "system", content: "x" }]), /Input should be/],
  ])("%s", (_, found, words) => {
    expect(found).toMatch(words);
    expect(ask([user, said(call), { role: "user", content: [result] }])).toBe("");
  });
});

describe("OpenAI Chat refuses", () => {
  const call = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
  const said = { role: "assistant", content: null, tool_calls: [call] };
  const result = { role: "tool", tool_call_id: "c1", content: "x" };
  const ask = (messages: object[], more: object = {}): string =>
    problems("openai-chat", { model: "m", messages, ...more });
  const tool = (fn: object): object => ({ tools: [{ type: "function", function: { name: "f", ...fn } }] });

  test.each<[string, string, RegExp]>([
    ["an unknown field", ask([user], { top_k: 1 }), /Unrecognized request argument supplied: top_k/],
    ["an unknown field of a message", ask([{ ...user, cache_control: {} }]), /cache_control/],
    ["a result without its call", ask([user, result]), /must be a response to a preceeding message/],
    ["a call without its result", ask([said, user]), /must be followed by tool messages/],
    [
      "a call id of 41 characters",
      ask([{ ...said, tool_calls: [{ ...call, id: "x".repeat(41) }] }]),
      /maximum length 40/,
    ],
    ["an image in a tool message", ask([said, { ...result, content: [{ type: "image_url" }] }]), /image_url/],
    ["a tool without an object", ask([user], tool({ parameters: {} })), /Invalid schema/],
    [
      "a strict tool with an optional key",
      ask(
        [user],
        tool({
          strict: true,
          parameters: { type: "object", properties: { a: { type: "string" } }, additionalProperties: false },
        }),
      ),
      /Missing 'a'/,
    ],
    [
      "reasoning of another",
      ask([{ role: "assistant", content: "a", reasoning_details: [{ signature: "theirs" }] }]),
      /Invalid `signature`/,
    ],
    ["stream_options without a stream", ask([user], { stream_options: {} }), /only allowed when/],
  ])("%s", (_, found, words) => {
    expect(found).toMatch(words);
    expect(ask([user, said, result])).toBe("");
  });
});

describe("OpenAI Responses refuses", () => {
  const call = { type: "function_call", call_id: "c1", name: "f", arguments: "{}" };
  const output = { type: "function_call_output", call_id: "c1", output: "x" };
  const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "ours" };
  const ask = (input: object[], more: object = {}): string =>
    problems("openai-responses", { model: "m", input, ...more });

  test.each<[string, string, RegExp]>([
    ["an unknown field", ask([], { messages: [] }), /Unknown parameter: 'messages'/],
    ["an output without its call", ask([output]), /No tool call found/],
    ["a call without its output", ask([call]), /No tool output found/],
    [
      "reasoning of another",
      ask([{ ...reasoning, encrypted_content: "theirs" }, call, output]),
      /could not be verified/,
    ],
    [
      "reasoning that nothing follows",
      ask([reasoning, { role: "user", content: "x" }]),
      /required following item/,
    ],
    ["one item twice", ask([reasoning, reasoning, call, output]), /Duplicate item/],
    ["an id that is none of a call", ask([{ ...call, id: "msg_1" }, output]), /begins with 'fc'/],
    ["a part of the wrong kind", ask([{ role: "user", content: [{ type: "output_text" }] }]), /output_text/],
    ["a choice that only Chat knows", ask([], { tool_choice: { type: "required" } }), /tool_choice.type/],
  ])("%s", (_, found, words) => {
    expect(found).toMatch(words);
    expect(ask([reasoning, call, output])).toBe("");
  });
});

describe("Gemini refuses", () => {
  const said = { role: "user", parts: [{ text: "hi" }] };
  const call = {
    role: "model",
    parts: [{ functionCall: { name: "f", args: {} }, thoughtSignature: "ours" }],
  };
  const result = { role: "user", parts: [{ functionResponse: { name: "f", response: {} } }] };
  const ask = (contents: object[], more: object = {}, model = "gemini-3-pro"): string =>
    problems("gemini", { contents, ...more }, { model });
  const declared = (parameters: object): object => ({
    tools: [{ functionDeclarations: [{ name: "f", parameters }] }],
  });
  const unsigned = { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] };

  test.each<[string, string, RegExp]>([
    ["an unknown field", ask([said], { messages: [] }), /Unknown name "messages"/],
    ["two turns of one role", ask([said, said]), /alternate/],
    [
      "a response without its call",
      ask([said, { role: "model", parts: [{ text: "a" }] }, result]),
      /immediately after a function call/,
    ],
    ["a call without its response", ask([said, call, said]), /number of function response parts/],
    [
      "a keyword that its schemas lack",
      ask([said], declared({ type: "object", $ref: "#" })),
      /Unknown name "\$ref"/,
    ],
    ["a type that is a list", ask([said], declared({ type: ["string", "null"] })), /not repeating/],
    [
      "a call of Gemini 3 without its signature",
      ask([said, unsigned, result]),
      /missing a thought_signature/,
    ],
    [
      "a signature of another",
      ask([said, { role: "model", parts: [{ text: "a", thoughtSignature: "theirs" }] }]),
      /not valid/,
    ],
    ["empty parts", ask([{ role: "user", parts: [] }]), /must not be empty/],
  ])("%s", (_, found, words) => {
    expect(found).toMatch(words);
    expect(ask([said, call, result])).toBe("");
    expect(ask([said, unsigned, result], {}, "gemini-2.5-pro")).toBe("");
  });
});
