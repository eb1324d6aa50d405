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

describe("tools", () => {
  test("without properties are not refused by LM Studio", () => {
    const tools = [
      { name: "now" },
      { name: "nested", input_schema: { type: "object", properties: { a: { type: "object" } } } },
    ];
    expect(sent({ tools }).tools?.[0]?.function.parameters).toEqual({ type: "object", properties: {} });
    const strict = sent({ tools }, { quirks: { requireToolProperties: true } }).tools?.[1]?.function
      .parameters;
    expect(strict).toEqual({ type: "object", properties: { a: { type: "object", properties: {} } } });
  });

  test("with keywords that the provider does not know lose them at every depth, and no property of that name", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      additionalProperties: false,
      properties: {
        additionalProperties: { type: "string" },
        list: { type: "array", items: { type: "object", additionalProperties: false } },
      },
    };
    const tools = [{ name: "t", input_schema: schema }];
    expect(
      sent({ tools }, { quirks: { dropSchemaKeywords: ["additionalProperties"] } }).tools?.[0]?.function
        .parameters,
    ).toEqual({
      type: "object",
      properties: {
        additionalProperties: { type: "string" },
        list: { type: "array", items: { type: "object" } },
      },
    });
  });

  test("of Anthropic's servers are not sent as functions without parameters", () => {
    const request = {
      tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
      tool_choice: { type: "tool" as const, name: "web_search" },
    };
    expect(sent(request)).not.toHaveProperty("tools");
    expect(sent(request)).not.toHaveProperty("tool_choice");
    expect(sent({ ...request, tools: [...request.tools, tool] })).toMatchObject({
      tools: [{ function: { name: "Read" } }],
      tool_choice: "auto",
    });
  });

  test("are chosen as the client wished, and as far as the provider can", () => {
    const choose = (type: "any" | "tool", quirks = {}): unknown =>
      sent({ tools: [tool], tool_choice: { type, name: "Read" } }, { quirks })["tool_choice"];
    expect(choose("any")).toBe("required");
    expect(choose("tool")).toEqual({ type: "function", function: { name: "Read" } });
    expect([
      choose("any", { toolChoiceAutoOnly: true }),
      choose("tool", { toolChoiceAutoOnly: true }),
    ]).toEqual(["auto", "auto"]);
  });

  test("one at a time is asked for where the provider takes it", () => {
    const request = {
      tools: [tool],
      tool_choice: { type: "auto" as const, disable_parallel_tool_use: true },
    };
    expect(sent(request)["parallel_tool_calls"]).toBe(false);
    expect(sent(request, { quirks: { noParallelToolCalls: true } })).not.toHaveProperty(
      "parallel_tool_calls",
    );
  });
});

describe("tools that the client loads later", () => {
  const search: Tool = { name: "ToolSearch", input_schema: { type: "object" } };
  const placeholder: Tool = {
    name: "DeferredToolPlaceholder",
    defer_loading: true,
    input_schema: { type: "object" },
  };
  const fetch: Tool = { name: "WebFetch", defer_loading: true, input_schema: { type: "object" } };
  const cron: Tool = { name: "Cron", defer_loading: true, input_schema: { type: "object" } };
  const tools = [placeholder, fetch, cron, search, tool];
  const found = (...names: string[]): Message[] => [
    { role: "user", content: "go" },
    {
      role: "assistant",
      content: [{ type: "tool_use", id: "t1", name: "ToolSearch", input: { query: "x" } }],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "t1",
          content: names.map((name) => ({ type: "tool_reference" as const, tool_name: name })),
        },
      ],
    },
  ];
  const names = (request: Partial<MessagesRequest>): unknown =>
    sent(request).tools?.map((one) => one.function.name);

  test("are left out until a search has found them, the placeholder always", () => {
    expect(names({ tools })).toEqual(["ToolSearch", "Read"]);
    expect(names({ tools, messages: found("Cron") })).toEqual(["ToolSearch", "Read", "Cron"]);
  });

  test("come after the others in the order of loading, so that the prefix stays the same", () => {
    expect(names({ tools, messages: [...found("Cron"), ...found("WebFetch")] })).toEqual([
      "ToolSearch",
      "Read",
      "Cron",
      "WebFetch",
    ]);
  });

  test("are named in the result of the search", () => {
    expect(sent({ tools, messages: found("Cron") }).messages.at(-1)).toEqual({
      role: "tool",
      tool_call_id: "t1",
      content: "Tool Cron is now available.",
    });
  });

  test("are all there where the search itself runs at Anthropic only", () => {
    const server = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" };
    expect(names({ tools: [server, fetch, cron] })).toEqual(["WebFetch", "Cron"]);
  });
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

describe("results of tools", () => {
  const result = (content: unknown, more: object = {}): Message[] => [
    { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content, ...more } as ContentBlock] },
  ];
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };

  test("that failed say so", () => {
    expect(sent({ messages: result("no such file", { is_error: true }) }).messages[1]).toMatchObject({
      content: "[tool error] no such file",
    });
  });

  test("with an image show it to the model, or say that it cannot be shown", () => {
    const messages = result([{ type: "text", text: "shot" }, image]);
    expect(sent({ messages }).messages[2]).toMatchObject({
      role: "user",
      content: [{ type: "text" }, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }],
    });
    expect(
      sent({ messages }, { quirks: { toolResultImagesInUserMessage: false } }).messages[1],
    ).toMatchObject({ role: "tool", content: [{ type: "text" }, { type: "image_url" }] });
    const blind = sent({ messages }, { quirks: { noImages: true } });
    expect(blind.messages).toHaveLength(2);
    expect(JSON.stringify(blind.messages[1])).toContain("takes text only");
  });

  test("that are empty stay so, without an empty part that a model behind the provider would refuse", () => {
    const quirks = { cacheControl: true };
    expect(sent({ messages: result("") }, { quirks }).messages[1]).toMatchObject({
      role: "tool",
      content: "",
    });
    const marked = result("ok", { cache_control: { type: "ephemeral", ttl: "1h" } });
    expect(sent({ messages: marked }, { quirks }).messages[1]).toHaveProperty("content.0.cache_control", {
      type: "ephemeral",
      ttl: "1h",
    });
  });

  test("follow their call directly, also where the client puts a system message between", () => {
    const [call, user] = result("ok");
    const messages = [call!, { role: "system" as const, content: "note" }, user!];
    expect(sent({ messages }).messages.map((message) => message.role)).toEqual([
      "assistant",
      "tool",
      "system",
    ]);
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
