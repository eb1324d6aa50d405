/** The family of providers that speak OpenAI Chat, each in its own way. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Quirks } from "../../../../src/config/types.ts";
import type { ContentBlock, Message, MessagesRequest, Tool } from "../../../../src/protocol/anthropic.ts";
import type { ChatMessage } from "../../../../src/protocol/openai-chat.ts";
import { openaiChat } from "../../../../src/router/dialects/openai-chat/index.ts";
import { MessageCollector } from "../../../../src/router/sinks/message-collector.ts";
import { StreamSink } from "../../../../src/router/sinks/stream-sink.ts";
import { accumulate } from "../../../support/accumulate.ts";
import { chatStream, chunk, received, sent } from "../../../support/chat-sse.ts";
import { dialectContext } from "../../../support/dialect-context.ts";
import { everyByte } from "../../../support/rechunk.ts";
import { strictChat } from "../../../support/strict/openai-chat.ts";
import { problemsOf } from "../../../support/validate-anthropic-stream.ts";

const call = (id: string): ContentBlock => ({ type: "tool_use", id, name: "f", input: {} });
const result = (id: string, content = "ok"): ContentBlock => ({
  type: "tool_result",
  tool_use_id: id,
  content,
});
const roles = (messages: readonly ChatMessage[]): string[] => messages.map((message) => message.role);

describe("a history that a strict server would refuse", () => {
  test("calls that were never answered get a note, where their results belong", () => {
    const { messages } = sent({
      messages: [
        { role: "assistant", content: [call("a"), call("b")] },
        { role: "user", content: [result("b"), { type: "text", text: "stop" }] },
        { role: "assistant", content: [call("c")] },
        { role: "user", content: "never mind" },
      ],
    });
    expect(roles(messages)).toEqual(["assistant", "tool", "tool", "user", "assistant", "tool", "user"]);
    expect(messages[2]).toMatchObject({ tool_call_id: "a", content: "[This call was not run]" });
    expect(messages[5]).toMatchObject({ tool_call_id: "c" });
  });

  test("results whose call was compacted away are told as words", () => {
    const { messages } = sent({
      messages: [
        { role: "user", content: [result("gone", "42 files")] },
        { role: "assistant", content: "I see." },
      ],
    });
    expect(roles(messages)).toEqual(["user", "assistant"]);
    expect(messages[0]?.content).toContain("42 files");
  });
});

test("no more than four cache markers reach the models behind OpenRouter: the first, and the last three", () => {
  const marked = (text: string): Message => ({
    role: "user",
    content: [{ type: "text", text, cache_control: { type: "ephemeral" } }],
  });
  const quirks = { cacheControl: true };
  const names = ["a", "b", "c", "d", "e"];
  const { messages } = sent(
    {
      system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }],
      messages: names.map(marked),
    },
    { quirks },
  );
  const kept = messages.flatMap(({ content }) =>
    Array.isArray(content)
      ? content.filter((part) => "cache_control" in part).map((part) => "text" in part && part.text)
      : [],
  );
  expect(kept).toEqual(["s", "c", "d", "e"]);
});

test("a model without a system role gets its instructions with the first words of the user", () => {
  const quirks = { noSystem: true };
  const messages: Message[] = [
    { role: "user", content: "hi" },
    { role: "system", content: "note" },
  ];
  expect(sent({ system: "Be brief.", messages }, { quirks }).messages).toEqual([
    { role: "user", content: "Be brief.\n\nhi" },
    { role: "user", content: "<system-reminder>\nnote\n</system-reminder>" },
  ]);
  const image = { type: "image", source: { type: "url", url: "https://e.com/a.png" } } as const;
  const [first] = sent(
    { system: "Be brief.", messages: [{ role: "user", content: [image] }] },
    { quirks },
  ).messages;
  expect(first?.content).toMatchObject([{ text: "Be brief." }, { type: "image_url" }]);
});

test("Mistral is not sent what the client says behind a result as the user's (\"Unexpected role 'user' after role 'tool'\")", () => {
  const messages: Message[] = [
    { role: "user", content: "go" },
    { role: "assistant", content: [{ type: "tool_use", id: "abcdefgh1", name: "Skill", input: {} }] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "abcdefgh1", content: "loaded" },
        { type: "text", text: "<system-reminder>\nUse it.\n</system-reminder>" },
      ],
    },
    { role: "system", content: "note" },
  ];
  const presets = readFileSync(new URL("../../../../config/providers.yaml", import.meta.url), "utf8");
  const { quirks } = (parse(presets) as Record<string, { quirks: Quirks }>)["mistral"]!;
  const body = sent({ messages, system: "Be brief." }, { quirks });
  expect(body.messages.map(({ role }) => role)).toEqual([
    "system",
    "user",
    "assistant",
    "tool",
    "assistant",
    "user",
    "user",
  ]);
  expect(strictChat(body, { issued: new Set(), toolIdLength: 9, rolesInOrder: true })).toEqual([]);
});

describe("a PDF in the history", () => {
  const source = { type: "base64", media_type: "application/pdf", data: "JVBERi0=" };
  const ofUser = (source: object, title?: string): Message[] => [
    {
      role: "user",
      content: [{ type: "document", source, ...(title !== undefined && { title }) } as ContentBlock],
    },
  ];
  const contentOf = (messages: Message[], quirks: Quirks): unknown =>
    sent({ messages }, { quirks }).messages.at(-1)?.content;

  test("does not end the session for good where files are refused (\"Unsupported chat content part type: 'file'\")", () => {
    const read: Message[] = [
      { role: "assistant", content: [call("a")] },
      {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "a", content: ofUser(source)[0]!.content as never }],
      },
    ];
    for (const messages of [ofUser(source, "Report"), read]) {
      const content = contentOf(messages, { files: "none" });
      expect(content).toMatch(/\(PDF\), left out/);
      expect(content).not.toContain("JVBERi0=");
    }
  });

  test("by address reaches OpenRouter, and is named to others", () => {
    const byAddress = ofUser({ type: "url", url: "https://e.com/a.pdf" });
    expect(contentOf(byAddress, { files: "address" })).toEqual([
      { type: "file", file: { filename: "document.pdf", file_data: "https://e.com/a.pdf" } },
    ]);
    expect(contentOf(byAddress, {})).toBe("[Document: https://e.com/a.pdf]");
  });

  test("has a name that tells OpenAI what it is", () => {
    expect(contentOf(ofUser(source, "Report"), {})).toMatchObject([{ file: { filename: "Report.pdf" } }]);
  });
});

describe("strict tools", () => {
  const quirks = { strictTools: true };
  const parametersOf = (schema: Record<string, unknown>): { strict?: unknown; parameters: unknown } =>
    sent({ tools: [{ name: "f", input_schema: schema }] }, { quirks }).tools![0]!.function;

  test("are asked for where the schema means the same with it, at every depth", () => {
    const inner = { type: "object", properties: { b: { type: "integer" } }, required: ["b"] };
    const list = { type: "array", items: inner };
    expect(parametersOf({ type: "object", properties: { list }, required: ["list"] })).toMatchObject({
      strict: true,
      parameters: {
        additionalProperties: false,
        properties: { list: { items: { additionalProperties: false } } },
      },
    });
  });

  test.each([
    ["an optional property", { type: "object", properties: { a: { type: "string" } } }],
    ["free keys", { type: "object", properties: {}, additionalProperties: { type: "string" } }],
    [
      "a keyword that strictness lacks",
      { type: "object", properties: { a: { oneOf: [] } }, required: ["a"] },
    ],
    ["a value of any kind", { type: "object", properties: { a: {} }, required: ["a"] }],
  ])("are not where it would change what the tool gets: %s", (_, schema) => {
    const fn = parametersOf(schema);
    expect(fn).not.toHaveProperty("strict");
    expect(fn.parameters).toEqual(schema);
  });
});

describe("thinking is switched on and off in the way of", () => {
  const on: Partial<MessagesRequest> = { thinking: { type: "adaptive" }, output_config: { effort: "max" } };
  const off: Partial<MessagesRequest> = { thinking: { type: "disabled" } };
  const fields = (quirks: Quirks, request: Partial<MessagesRequest>): Record<string, unknown> => {
    const {
      model: _m,
      messages: _a,
      stream: _s,
      stream_options: _o,
      max_tokens: _t,
      ...rest
    } = sent(request, { quirks });
    return rest;
  };

  test.each<[string, Quirks, object, object]>([
    [
      "DeepSeek",
      { reasoning: "thinking_effort", maxEffort: "max" },
      { thinking: { type: "enabled" }, reasoning_effort: "max" },
      { thinking: { type: "disabled" } },
    ],
    [
      "Kimi and GLM",
      { reasoning: "thinking_type" },
      { thinking: { type: "enabled" } },
      { thinking: { type: "disabled" } },
    ],
    ["Qwen", { reasoning: "enable_thinking" }, { enable_thinking: true }, { enable_thinking: false }],
    [
      "vLLM and llama.cpp",
      { reasoning: "chat_template" },
      { chat_template_kwargs: { enable_thinking: true } },
      { chat_template_kwargs: { enable_thinking: false } },
    ],
  ])("%s", (_, quirks, asked, declined) => {
    expect(fields(quirks, on)).toEqual(asked);
    expect(fields(quirks, off)).toEqual(declined);
  });
});

test("OpenRouter: preferences for providers and the :online variant are sent as configured", () => {
  const provider = { order: ["anthropic"], allow_fallbacks: false };
  const body = sent({}, { model: "x-ai/grok-4.1-fast:online", quirks: { extraBody: { provider } } });
  expect(body).toMatchObject({ model: "x-ai/grok-4.1-fast:online", provider });
});

test("a tool whose name is too long is called by a shorter one, and the client hears its own", () => {
  const name = `mcp__${"server".repeat(10)}__search`;
  const tools: Tool[] = [{ name, input_schema: { type: "object" } }];
  const body = sent({
    tools,
    tool_choice: { type: "tool", name },
    messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name, input: {} }] }],
  });
  const short = body.tools![0]!.function.name;
  expect(short).toMatch(/^[\w-]{1,64}$/);
  expect(body["tool_choice"]).toMatchObject({ function: { name: short } });
  expect(body.messages[0]).toMatchObject({ tool_calls: [{ function: { name: short } }] });
  const sink = new MessageCollector("m");
  const answer = {
    choices: [{ message: { tool_calls: [{ id: "c", function: { name: short, arguments: "{}" } }] } }],
  };
  openaiChat.decodeMessage(answer, sink, {
    ...dialectContext(),
    request: { model: "m", messages: [], tools },
  });
  expect(sink.message().content).toMatchObject([{ type: "tool_use", name }]);
});

describe("a tool call in plain text", () => {
  const tools: Tool[] = [
    {
      name: "Write",
      input_schema: { type: "object", properties: { path: { type: "string" }, mode: { type: "integer" } } },
    },
  ];
  const answered = (text: string, quirks: Quirks = { textToolCalls: true }, finish = "stop") => {
    const context = { ...dialectContext({ quirks }), request: { model: "m", messages: [], tools } };
    const sink = new StreamSink("m");
    const decoder = openaiChat.decodeStream(sink, context);
    const pieces = Array.from(text, (content) => chunk({ content }));
    for (const bytes of everyByte(chatStream([...pieces, chunk({}, finish)]))) decoder.push(bytes);
    decoder.end();
    const answer = accumulate(sink.take());
    expect(problemsOf(answer.frames)).toEqual([]);
    return answer;
  };
  const json = '<tool_call>\n{"name": "Write", "arguments": {"path": "/a", "mode": 7}}\n</tool_call>';

  test.each([
    ["as JSON", `I write.\n${json}`, { path: "/a", mode: 7 }],
    [
      "as Qwen3-Coder writes it",
      "I write.\n<tool_call>\n<function=Write>\n<parameter=path>\n/a <b>\n</parameter>\n<parameter=mode>\n7\n</parameter>\n</function>\n</tool_call>",
      { path: "/a <b>", mode: 7 },
    ],
    ["without its last tag", `I write.\n${json.replace("</tool_call>", "")}`, { path: "/a", mode: 7 }],
  ])("is run, %s", (_, text, input) => {
    const answer = answered(text);
    expect(answer.tools).toMatchObject([{ name: "Write", input }]);
    expect(answer.text.trim()).toBe("I write.");
    expect(answer.stopReason).toBe("tool_use");
  });

  test("is run with its neighbours, and what is said after it stays", () => {
    const answer = answered(`${json}${json} Done.`);
    expect(answer.tools.map((tool) => tool.name)).toEqual(["Write", "Write"]);
    expect(new Set(answer.tools.map((tool) => tool.id)).size).toBe(2);
    expect(answer.text).toContain("Done.");
  });

  test.each([
    ["of a tool that is not there", json.replace("Write", "Erase")],
    ["that is none", "The tag <tool_call> opens </tool_call> a <tool_cal"],
    ["that was cut", json.slice(0, 50)],
  ])("%s stays the words that it is", (_, text) => {
    const answer = answered(text, undefined, "length");
    expect(answer.tools).toEqual([]);
    expect(answer.text).toBe(text);
    expect(answer.stopReason).toBe("max_tokens");
  });

  test("stays text where the provider reads its model's calls itself", () => {
    expect(answered(json, {}).text).toBe(json);
  });
});

describe("answers that the client waits for have a defined end", () => {
  const answer = (deltas: object[], finish: string) =>
    received(chatStream([...deltas.map((delta) => chunk(delta)), chunk({}, finish)]));

  test("only reasoning: thinking and a regular end, no empty text block", () => {
    const found = answer([{ reasoning_content: "hm" }, { content: "" }, { content: " " }], "stop");
    expect(found.blocks.map((block) => block.type)).toEqual(["thinking"]);
    expect(found.stopReason).toBe("end_turn");
    expect(answer([{ reasoning_content: "hm" }], "length").stopReason).toBe("max_tokens");
  });

  test("a refusal: its words, and the stop reason that says so", () => {
    expect(answer([{ refusal: "I cannot." }], "stop")).toMatchObject({
      text: "I cannot.",
      stopReason: "refusal",
    });
    expect(answer([{ content: "Well" }], "content_filter")).toMatchObject({
      text: "Well",
      stopReason: "refusal",
    });
  });

  test("a truncation inside of a tool call: max_tokens, and a call whose arguments are all void", () => {
    const tool = { index: 0, id: "c1", function: { name: "Bash", arguments: '{"command":"rm -rf /tmp/x' } };
    const found = answer([{ tool_calls: [tool] }], "length");
    expect(found).toMatchObject({
      stopReason: "max_tokens",
      tools: [{ name: "Bash", input: { command: null } }],
    });
  });

  test("nothing at all: a message without blocks that ends its turn", () => {
    expect(answer([{ role: "assistant" }], "stop")).toMatchObject({ blocks: [], stopReason: "end_turn" });
  });
});
