/** Tools in what is sent to a provider of OpenAI's Chat form. */
import { describe, expect, test } from "vitest";
import type { ContentBlock, Message, MessagesRequest, Tool } from "../../../../src/protocol/anthropic.ts";
import { sent } from "../../../support/chat-sse.ts";

const tool: Tool = {
  name: "Read",
  description: "Reads a file",
  input_schema: { type: "object", properties: {} },
};
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
