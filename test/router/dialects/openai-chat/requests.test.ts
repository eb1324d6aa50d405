/** What is sent to a provider of OpenAI's Chat form; tools have a file of their own. */
import { describe, expect, test } from "vitest";
import type { ContentBlock, Message, MessagesRequest, Tool } from "../../../../src/protocol/anthropic.ts";
import { sent, sentText } from "../../../support/chat-sse.ts";

const tool: Tool = {
  name: "Read",
  description: "Reads a file",
  input_schema: { type: "object", properties: {} },
};

test("stop sequences, temperature and top_p are not dropped; top_k goes where it is known", () => {
  const request = { stop_sequences: ["END"], temperature: 0.2, top_p: 0.9, top_k: 5 };
  expect(sent(request)).toMatchObject({ stop: ["END"], temperature: 0.2, top_p: 0.9 });
  expect(sent(request)).not.toHaveProperty("top_k");
  expect(sent(request, { quirks: { topK: true } })["top_k"]).toBe(5);
});

test("usage of a stream is asked for, unless the provider refuses that", () => {
  expect(sent({})["stream_options"]).toEqual({ include_usage: true });
  expect(sent({}, { quirks: { noStreamUsage: true } })).not.toHaveProperty("stream_options");
  expect(sent({}, { stream: false })).not.toHaveProperty("stream_options");
});

test("fields of a newer client are not answered with 400: they never reach the provider", () => {
  const request: Partial<MessagesRequest> = {
    context_management: { edits: [] },
    safeguards: [{ type: "dangerous_tool_use" }],
    output_config: { effort: "high", novelty: 1 },
    thinking: { type: "adaptive", display: "summarized" },
    tools: [{ ...tool, eager_input_streaming: true, cache_control: { type: "ephemeral" } }],
    messages: [
      {
        role: "user",
        content: [{ type: "text", text: "hi", cache_control: { type: "ephemeral" } }],
        novelty: 2,
      },
    ],
  };
  expect(Object.keys(sent(request)).toSorted()).toEqual([
    "max_tokens",
    "messages",
    "model",
    "stream",
    "stream_options",
    "tools",
  ]);
  expect(sentText(request)).not.toMatch(/novelty|cache_control|eager|display/);
});

test("blocks of a newer client do not crash the turn: their text is kept, the rest left out", () => {
  const content = [
    { type: "novelty", text: "words" },
    { type: "novelty", payload: 1 },
    {
      type: "search_result",
      title: "Paper",
      source: "https://example.com",
      content: [{ type: "text", text: "found" }],
    },
    null,
  ] as unknown as ContentBlock[];
  expect(sent({ messages: [{ role: "user", content }] }).messages).toEqual([
    { role: "user", content: "words\n\nPaper https://example.com\nfound" },
  ]);
});

describe("a prompt cache is not broken by the way", () => {
  const history = (last: Message[]): Message[] => [
    { role: "user", content: "one" },
    { role: "assistant", content: "two" },
    ...last,
  ];
  const marked: Message[] = [
    { role: "user", content: [{ type: "text", text: "one", cache_control: { type: "ephemeral" } }] },
    { role: "assistant", content: [{ type: "text", text: "two" }] },
  ];

  test("a message sends the same bytes as a string, as one block and with a cache marker", () => {
    expect(sentText({ messages: marked })).toBe(sentText({ messages: history([]) }));
  });

  test("each turn begins with the bytes of the turn before", () => {
    const turn = (messages: Message[]): string => JSON.stringify(sent({ messages }).messages).slice(0, -1);
    const system: Message = {
      role: "system",
      content: [{ type: "text", text: "note", cache_control: { type: "ephemeral" } }],
    };
    const later: Message = { role: "system", content: "note" };
    const before = turn([...marked, { role: "user", content: "three" }, system]);
    const after = turn(
      history([
        { role: "user", content: "three" },
        later,
        { role: "assistant", content: "four" },
        { role: "user", content: "five" },
      ]),
    );
    expect(after.startsWith(before)).toBe(true);
  });

  test("the client's billing line, new with each request, is left out", () => {
    const system = (n: number) => [
      { type: "text" as const, text: `x-anthropic-billing-header: cch=${n};` },
      { type: "text" as const, text: "Be brief." },
    ];
    expect(sentText({ system: system(1) })).toBe(sentText({ system: system(2) }));
  });

  test("markers are kept for a provider that knows them, and nothing else changes with them", () => {
    const quirks = { cacheControl: true };
    const [first] = sent({ messages: marked }, { quirks }).messages;
    expect(first).toEqual({
      role: "user",
      content: [{ type: "text", text: "one", cache_control: { type: "ephemeral" } }],
    });
    expect(
      sentText({ messages: marked }, { quirks }).replace(',"cache_control":{"type":"ephemeral"}', ""),
    ).toBe(sentText({ messages: history([]) }, { quirks }));
  });
});

describe("thinking of earlier turns", () => {
  const messages: Message[] = [
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "" },
        { type: "redacted_thinking", data: "zzz" },
        { type: "tool_use", id: "t1", name: "f", input: {} },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "ok" }] },
    { role: "assistant", content: "done" },
  ];

  test("is not sent where it breaks the request", () => {
    expect(sentText({ messages })).not.toMatch(/hm|zzz|reasoning/);
  });

  test("is passed back to DeepSeek and Kimi with every message, a blank where another model wrote it", () => {
    const [call, , text] = sent({ messages }, { quirks: { sendReasoning: "reasoning_content" } }).messages;
    expect(call).toMatchObject({ reasoning_content: "hm" });
    expect(text).toMatchObject({ reasoning_content: " " });
  });

  test("carries the signature that Gemini asks for", () => {
    const [call] = sent({ messages }, { quirks: { thoughtSignature: true } }).messages;
    expect(call).toHaveProperty("tool_calls.0.extra_content.google.thought_signature");
  });
});

describe("thinking is asked for in the provider's way", () => {
  const enabled: Partial<MessagesRequest> = { thinking: { type: "enabled", budget_tokens: 8000 } };
  const adaptive: Partial<MessagesRequest> = {
    thinking: { type: "adaptive" },
    output_config: { effort: "max" },
  };
  const disabled: Partial<MessagesRequest> = { thinking: { type: "disabled" } };

  test.each([
    ["reasoning_effort", enabled, { reasoning_effort: "medium" }],
    ["reasoning_effort", adaptive, { reasoning_effort: "high" }],
    ["openrouter", enabled, { reasoning: { effort: "medium" } }],
    ["thinking_type", adaptive, { thinking: { type: "enabled" } }],
    ["thinking_type", disabled, { thinking: { type: "disabled" } }],
    ["enable_thinking", enabled, { enable_thinking: true, thinking_budget: 8000 }],
    ["enable_thinking", disabled, { enable_thinking: false }],
  ] as const)("%s for %j", (reasoning, request, fields) => {
    expect(sent(request, { quirks: { reasoning } })).toMatchObject(fields);
  });

  test.each(["reasoning_effort", "openrouter", "thinking_type", "enable_thinking", "none"] as const)(
    "%s says nothing where the client says nothing, or the model cannot think",
    (reasoning) => {
      const plain = sentText({});
      expect(sentText({}, { quirks: { reasoning } })).toBe(plain);
      expect(sentText(adaptive, { quirks: { reasoning }, info: { thinking: false } })).toBe(plain);
    },
  );
});

describe("limits", () => {
  test("no more output is asked for than the model and the provider give", () => {
    expect(sent({ max_tokens: 128_000 }, { info: { maxOutput: 8192 } })["max_tokens"]).toBe(8192);
    expect(
      sent({ max_tokens: 128_000 }, { quirks: { maxTokensLimit: 4096 }, info: { maxOutput: 8192 } })[
        "max_tokens"
      ],
    ).toBe(4096);
    expect(sent({ max_tokens: 100 }, { quirks: { maxTokensField: "max_completion_tokens" } })).toMatchObject({
      max_completion_tokens: 100,
    });
  });

  test("the user id fits into 64 characters, and is the same for the same user", () => {
    const metadata = {
      user_id: JSON.stringify({ device_id: "d".repeat(64), account_uuid: "a".repeat(36), session_id: "s" }),
    };
    const user = String(sent({ metadata })["user"]);
    expect(user.length).toBeLessThanOrEqual(64);
    expect(user).not.toContain("dddd");
    expect(sent({ metadata })["user"]).toBe(user);
    expect(sent({ metadata }, { quirks: { userIdLength: 0 } })).not.toHaveProperty("user");
  });
});

describe("system messages inside of the conversation", () => {
  const messages: Message[] = [
    { role: "user", content: "hi" },
    { role: "system", content: "" },
    { role: "system", content: "note" },
  ];

  test("keep their place, and are dropped when empty", () => {
    expect(sent({ messages }).messages).toEqual([
      { role: "user", content: "hi" },
      { role: "system", content: "note" },
    ]);
  });

  test("become a reminder for templates that take one at the start only", () => {
    const [, note] = sent({ messages }, { quirks: { inlineSystemMessages: true } }).messages;
    expect(note).toEqual({ role: "user", content: "<system-reminder>\nnote\n</system-reminder>" });
  });
});

test("documents: PDF as a file, text as text", () => {
  const content: ContentBlock[] = [
    {
      type: "document",
      title: "a.pdf",
      source: { type: "base64", media_type: "application/pdf", data: "JVBE" },
    },
    { type: "document", title: "n.txt", source: { type: "text", media_type: "text/plain", data: "words" } },
  ];
  expect(sent({ messages: [{ role: "user", content }] }).messages[0]?.content).toEqual([
    { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } },
    { type: "text", text: "n.txt\nwords" },
  ]);
});

test("a JSON schema for the answer is passed on, and fields of the configuration come last", () => {
  const schema = { type: "object", properties: {}, additionalProperties: false };
  expect(
    sent({ output_config: { format: { type: "json_schema", schema } } })["response_format"],
  ).toMatchObject({ type: "json_schema", json_schema: { schema } });
  const quirks = {
    extraBody: { provider: { sort: "price" }, temperature: 0 },
    dropFields: ["stream_options"],
  };
  expect(sent({ temperature: 1 }, { quirks })).toMatchObject({ provider: { sort: "price" }, temperature: 0 });
  expect(sent({}, { quirks })).not.toHaveProperty("stream_options");
});
