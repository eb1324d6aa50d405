/** What providers of Anthropic's form do not all take, removed by flag. */
import { describe, expect, it } from "vitest";
import type { ModelInfo, Quirks } from "../../../../src/config/types.ts";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import { anthropic } from "../../../../src/router/dialects/anthropic/index.ts";
import { dialectContext } from "../../../support/dialect-context.ts";

const marker = { cache_control: { type: "ephemeral" } };

const sent = (request: object, quirks: Quirks = {}, info?: ModelInfo): MessagesRequest => {
  const asked = { model: "x", max_tokens: 9000, messages: [{ role: "user", content: "hi" }], ...request };
  const context = dialectContext({ dialect: "anthropic", quirks, stream: false, ...(info && { info }) });
  return JSON.parse(String(anthropic.encode(asked as MessagesRequest, context).body)) as MessagesRequest;
};

describe("the client's billing line, new with each request", () => {
  const system = (line: string): object => ({
    system: [
      { type: "text", text: line },
      { type: "text", text: "Help." },
    ],
  });

  it("reaches Anthropic alone: elsewhere it would break the prompt cache at its first byte", () => {
    const line = "x-anthropic-billing-header: cch=1;";
    expect(sent(system(line)).system).toEqual([{ type: "text", text: "Help." }]);
    expect(sent({ system: line })).not.toHaveProperty("system");
    expect(sent(system(line), { rawStream: true }).system).toHaveLength(2);
    expect(sent(system("You.")).system).toHaveLength(2);
  });
});

describe("cache markers", () => {
  const five = {
    system: [{ type: "text", text: "s", ...marker }],
    tools: [{ name: "f", input_schema: { type: "object" }, ...marker }],
    messages: ["a", "b", "c"].map((text) => ({ role: "user", content: [{ type: "text", text, ...marker }] })),
  };

  it("are at most four, in their order: the first and the last three", () => {
    const body = sent(five);
    expect(body.tools?.[0]).toHaveProperty("cache_control");
    expect(body.system).toEqual([{ type: "text", text: "s" }]);
    expect(JSON.stringify(body.messages).match(/cache_control/g)).toHaveLength(3);
  });

  it("inside of tool results count too", () => {
    const content = [
      { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "x", ...marker }], ...marker },
    ];
    const body = sent({ ...five, messages: [...five.messages, { role: "user", content }] });
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(4);
    expect(body.messages.at(-1)?.content).toEqual(content);
  });
});

it("fields that are refused inside of messages, blocks and tools go, and arguments of tools keep theirs", () => {
  const body = sent(
    {
      system: [{ type: "text", text: "s", ...marker }],
      tools: [
        { name: "f", eager_input_streaming: true, input_schema: { properties: { cache_control: {} } } },
      ],
      messages: [
        { role: "user", content: "hi", output_config: {} },
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "t", name: "f", input: { cache_control: 1 } }],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "x", ...marker }] },
          ],
        },
      ],
    },
    { dropInnerFields: ["cache_control", "eager_input_streaming", "output_config"] },
  );
  expect(body.system).toEqual([{ type: "text", text: "s" }]);
  expect(body.tools).toEqual([{ name: "f", input_schema: { properties: { cache_control: {} } } }]);
  expect(JSON.stringify(body.messages)).not.toContain("ephemeral");
  expect(body.messages[0]).not.toHaveProperty("output_config");
  expect(body.messages[1]?.content).toMatchObject([{ input: { cache_control: 1 } }]);
});

describe("adaptive thinking", () => {
  const asked = { thinking: { type: "adaptive" }, output_config: { effort: "high" } };

  it("becomes a budget where it is not known, always below max_tokens", () => {
    const quirks = { noAdaptiveThinking: true };
    expect(sent({ ...asked, max_tokens: 64_000 }, quirks).thinking).toEqual({
      type: "enabled",
      budget_tokens: 16_384,
    });
    expect(sent(asked, quirks).thinking).toEqual({ type: "enabled", budget_tokens: 4500 });
    expect(sent({ thinking: { type: "disabled" } }, quirks).thinking).toEqual({ type: "disabled" });
    expect(sent(asked).thinking).toEqual({ type: "adaptive" });
  });
});

describe("tools that the client loads later", () => {
  const tools = [
    { name: "Read", input_schema: {} },
    { name: "Cron", defer_loading: true, input_schema: {} },
    { name: "Placeholder", defer_loading: true, input_schema: {} },
  ];
  const found = [
    { role: "user", content: "go" },
    { role: "assistant", content: [{ type: "tool_use", id: "t", name: "ToolSearch", input: {} }] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "t", content: [{ type: "tool_reference", tool_name: "Cron" }] },
      ],
    },
  ];

  it("are sent in full once a search has found them, where they cannot be deferred", () => {
    const quirks = { noDeferredTools: true };
    expect(sent({ tools }, quirks).tools).toEqual([tools[0]]);
    const body = sent({ tools, messages: found }, quirks);
    expect(body.tools).toEqual([tools[0], { name: "Cron", input_schema: {} }]);
    expect(JSON.stringify(body.messages)).toContain("Tool Cron is now available.");
    expect(sent({ tools, messages: found }).tools).toEqual(tools);
  });
});

it("an image is a note for a model that takes text only, in a tool's result too", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
  const messages = [
    { role: "user", content: [image, { type: "tool_result", tool_use_id: "t", content: [image] }] },
  ];
  for (const body of [sent({ messages }, { noImages: true }), sent({ messages }, {}, { images: false })]) {
    expect(JSON.stringify(body)).not.toContain("AAAA");
    expect(JSON.stringify(body).match(/takes text only/g)).toHaveLength(2);
  }
  expect(JSON.stringify(sent({ messages }))).toContain("AAAA");
});

it("a provider whose streams are broken is asked for none, though the client's bytes ask for one", () => {
  expect(sent({ stream: true })).toMatchObject({ stream: false });
  expect(sent({})).not.toHaveProperty("stream");
});
