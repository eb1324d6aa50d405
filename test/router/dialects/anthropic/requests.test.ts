/** What a provider of Anthropic's form is sent. */
import { describe, expect, it } from "vitest";
import type { Quirks } from "../../../../src/config/types.ts";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import { anthropic } from "../../../../src/router/dialects/anthropic/index.ts";
import { dialectContext, type ContextOptions } from "../../../support/dialect-context.ts";

const small: MessagesRequest = {
  model: "claude-x",
  max_tokens: 100,
  messages: [{ role: "user", content: "hi" }],
};

const sent = (request: object, options: ContextOptions = {}): Record<string, unknown> => {
  const asked: MessagesRequest = { ...small, ...request };
  const { body } = anthropic.encode(
    asked,
    dialectContext({ dialect: "anthropic", model: "their-model", ...options }),
  );
  return JSON.parse(String(body)) as Record<string, unknown>;
};

/** The bytes that go out for bytes that came in. */
const bytes = (raw: string, model: string, asked?: string): string => {
  const request = JSON.parse(raw) as MessagesRequest;
  const context = dialectContext({ dialect: "anthropic", model, quirks: { rawStream: true } });
  const changed = asked === undefined ? request : { ...request, model: asked };
  return String(
    anthropic.encode(changed, { ...context, rawBody: Buffer.from(raw), rawModel: request.model }).body,
  );
};

describe("bytes through", () => {
  const rest =
    '"max_tokens":1.0e2, "messages":[{"role":"user","content":"\\u00fc \\ud83c\\udf89 \\/ü","n":12345678901234567890}],"x":{"model":"inner"}';

  it.each([
    ["first", (model: string) => `{"model":${model},${rest}}`],
    ["last", (model: string) => `{${rest} , "model" : ${model} }\n`],
    ["in the middle", (model: string) => `{"stream":true,"model":${model},${rest}}`],
  ])("change nothing but the model, which stands %s", (_where, body) => {
    expect(bytes(body('"claude-x"'), 'other/"model"')).toBe(body('"other/\\"model\\""'));
    expect(bytes(body('"claude-x"'), "claude-x")).toBe(body('"claude-x"'));
    expect(bytes(body('"cl\\u0061ude-x"'), "claude-x")).toBe(body('"cl\\u0061ude-x"'));
    expect(bytes(body('"claude-x[1m]"'), "claude-x", "claude-x")).toBe(body('"claude-x"'));
  });

  it("never leave a second model id that would win over ours", () => {
    for (const raw of [
      `{"model":"a",${rest},"model":"b"}`,
      `{${rest},"model":"a","model":"b"}`,
      `{${rest},"model":"a","m\\u006fdel":"b"}`,
    ])
      expect((JSON.parse(bytes(raw, "ours")) as { model: string }).model).toBe("ours");
  });

  it("are not taken where something has to change", () => {
    const raw = JSON.stringify({
      ...small,
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: [{ type: "thinking", thinking: "foreign", signature: "" }] },
        { role: "user", content: "on" },
      ],
    });
    expect(bytes(raw, "m")).not.toContain("foreign");
  });
});

describe("a conversation that other providers took part in", () => {
  const thinking = (signature?: string): object => ({
    type: "thinking",
    thinking: "hm",
    ...(signature !== undefined && { signature }),
  });

  it("loses the thinking that Anthropic did not sign, and nothing else", () => {
    const kept = { type: "thinking", thinking: "mine", signature: "abc" };
    const call = { type: "tool_use", id: "t1", name: "Read", input: { a: 1 } };
    const { messages } = sent(
      {
        messages: [
          { role: "user", content: "hi" },
          {
            role: "assistant",
            content: [thinking(), thinking(""), thinking("switchyard.reasoning:eyJ9"), kept, call],
          },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "x" }] },
          { role: "assistant", content: [thinking("")] },
          { role: "user", content: "on" },
        ],
      },
      { quirks: { rawStream: true } },
    );
    expect(messages).toEqual([
      { role: "user", content: "hi" },
      { role: "assistant", content: [kept, call] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "x" }] },
      { role: "user", content: "on" },
    ]);
  });

  it("goes on at Anthropic in the middle of another model's tool call, without thinking for that request", () => {
    const messages = [
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: [thinking(""), { type: "tool_use", id: "t1", name: "Read", input: {} }],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "x" }] },
    ];
    const enabled = { type: "enabled", budget_tokens: 1024 };
    const quirks = { rawStream: true };
    expect(sent({ messages, thinking: enabled }, { quirks })["thinking"]).toEqual({ type: "disabled" });
    expect(sent({ messages: messages.slice(0, 1), thinking: enabled }, { quirks })["thinking"]).toEqual(
      enabled,
    );
    const adaptive = { type: "adaptive" };
    expect(sent({ messages, thinking: adaptive }, { quirks })["thinking"]).toEqual(adaptive);
    expect(sent({ messages, thinking: enabled })["thinking"]).toEqual(enabled);
  });
});

describe("quirks of a provider", () => {
  it("an unknown beta field that it answers 400 to is dropped, other unknown ones are kept", () => {
    const body = sent(
      { context_management: { edits: [] }, brand_new: { a: [1] } },
      { quirks: { dropFields: ["context_management"] } },
    );
    expect(body).not.toHaveProperty("context_management");
    expect(body).toMatchObject({ brand_new: { a: [1] }, model: "their-model" });
  });

  it("betas are sent, or not where it refuses them; a version always is", () => {
    const headers = (quirks: Quirks): Record<string, string> =>
      anthropic.encode(small, {
        ...dialectContext({ dialect: "anthropic", quirks }),
        clientHeaders: { "anthropic-beta": "a,b", "x-other": "1", cookie: "c" },
      }).headers;
    expect(headers({})).toEqual({ "anthropic-version": "2023-06-01", "anthropic-beta": "a,b" });
    expect(headers({ dropBetas: true })).toEqual({ "anthropic-version": "2023-06-01" });
    expect(headers({ rawStream: true })).toMatchObject({ "anthropic-beta": "a,b", "x-other": "1" });
    expect(headers({ rawStream: true })).not.toHaveProperty("cookie");
  });

  it("more output than the model has is not asked for, and thinking stays below it", () => {
    const thinking = { type: "enabled", budget_tokens: 60_000 };
    expect(sent({ max_tokens: 128_000, thinking }, { info: { maxOutput: 32_000 } })).toMatchObject({
      max_tokens: 32_000,
      thinking: { type: "enabled", budget_tokens: 16_000 },
    });
    expect(
      sent({ max_tokens: 128_000 }, { info: { maxOutput: 32_000 }, quirks: { maxTokensLimit: 8000 } }),
    ).toMatchObject({ max_tokens: 8000 });
    expect(
      sent({ max_tokens: 128_000 }, { info: { maxOutput: 32_000 }, quirks: { rawStream: true } }),
    ).toMatchObject({ max_tokens: 128_000 });
  });

  it("fields of its own are added", () => {
    expect(sent({}, { quirks: { extraBody: { region: "x" } } })).toMatchObject({
      region: "x",
      max_tokens: 100,
    });
  });
});

describe("system messages in the conversation", () => {
  const inline = (messages: object[]): unknown =>
    sent({ messages }, { quirks: { inlineSystemMessages: true } })["messages"];
  const said = (text: string): object[] => [
    { type: "text", text: "<system-reminder>" },
    { type: "text", text },
    { type: "text", text: "</system-reminder>" },
  ];

  it("join the user's message before them, as the client sends them today, and empty ones vanish", () => {
    expect(
      inline([
        { role: "user", content: [{ type: "text", text: "say hi" }] },
        { role: "system", content: "# Environment", output_config: { effort: "high" } },
        { role: "assistant", content: "hello" },
        { role: "user", content: "again" },
        { role: "system", content: "" },
        { role: "system", content: [{ type: "text", text: "Powered by x" }] },
      ]),
    ).toEqual([
      { role: "user", content: [{ type: "text", text: "say hi" }, ...said("# Environment")] },
      { role: "assistant", content: [{ type: "text", text: "hello" }] },
      { role: "user", content: [{ type: "text", text: "again" }, ...said("Powered by x")] },
    ]);
  });

  it("never stand between a tool call and its result", () => {
    const call = { role: "assistant", content: [{ type: "tool_use", id: "t", name: "A", input: {} }] };
    const result = { type: "tool_result", tool_use_id: "t", content: "x" };
    expect(
      inline([
        { role: "system", content: "first" },
        { role: "user", content: "hi" },
        call,
        { role: "system", content: "now" },
        { role: "user", content: [result] },
      ]),
    ).toEqual([
      { role: "user", content: [...said("first"), { type: "text", text: "hi" }] },
      call,
      { role: "user", content: [result, ...said("now")] },
    ]);
  });

  it("stay as they are where the provider knows them", () => {
    const messages = [
      { role: "user", content: [{ type: "text", text: "hi" }] },
      { role: "system", content: [{ type: "text", text: "x" }] },
    ];
    expect(sent({ messages })["messages"]).toEqual(messages);
  });
});
