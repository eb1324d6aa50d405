/** What becomes of a request of an OpenAI client. */
import { describe, expect, it } from "vitest";
import { modelInfoOf } from "../../../src/config/model-info.ts";
import type {
  ContentBlock,
  MessagesRequest,
  ToolResultBlock,
  ToolUseBlock,
} from "../../../src/protocol/anthropic.ts";
import { decodeChatRequest } from "../../../src/router/inbound/openai-chat/decode.ts";
import { decodeResponsesRequest } from "../../../src/router/inbound/openai-responses/decode.ts";
import { forAnthropic } from "../../../src/router/inbound/shared/for-anthropic.ts";
import { testConfig } from "../../support/config.ts";
import { dialectContext } from "../../support/dialect-context.ts";
import { strict } from "../../support/strict/index.ts";

const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const chatOf = (messages: object[], fields: object = {}, size = 0): MessagesRequest =>
  decodeChatRequest({ model: "m", messages, ...fields }, size).request;
const pdf = "data:application/pdf;base64,JVBERi0=";

describe("a conversation", () => {
  it("has results right after their calls, whatever stood between, and an answer to each call", () => {
    const { messages } = chatOf([
      { role: "user", content: "go" },
      { role: "assistant", tool_calls: [call("a"), call("b")] },
      { role: "system", content: "a note" },
      { role: "user", content: "hurry" },
      { role: "tool", tool_call_id: "b", content: "two" },
      { role: "user", content: "and?" },
    ]);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "system", "user"]);
    expect(messages[2]?.content).toEqual([
      { type: "tool_result", tool_use_id: "b", content: "two" },
      { type: "tool_result", tool_use_id: "a", content: "No result was sent for this call.", is_error: true },
    ]);
  });

  it("keeps a system message between turns where it stood", () => {
    const { system, messages } = chatOf([
      { role: "system", content: "first" },
      { role: "user", content: "hi" },
      { role: "developer", content: "later" },
    ]);
    expect(system).toEqual([{ type: "text", text: "first" }]);
    expect(messages.at(-1)).toEqual({ role: "system", content: [{ type: "text", text: "later" }] });
  });

  it("gets cache markers where it is long enough to be cached, and none of its own where the client set some", () => {
    const long = [
      { role: "system", content: "s" },
      { role: "user", content: "u" },
    ];
    expect(JSON.stringify(chatOf(long, {}, 100))).not.toContain("cache_control");
    expect(chatOf(long, {}, 10_000)).toMatchObject({
      system: [{ cache_control: { type: "ephemeral" } }],
      messages: [{ content: [{ cache_control: { type: "ephemeral" } }] }],
    });
    const marked = [
      {
        role: "user",
        content: [
          { type: "text", text: "a", cache_control: { type: "ephemeral" } },
          { type: "text", text: "b" },
        ],
      },
    ];
    expect(chatOf(marked, {}, 10_000).messages[0]?.content).toEqual([
      { type: "text", text: "a", cache_control: { type: "ephemeral" } },
      { type: "text", text: "b" },
    ]);
  });

  it("has PDF and text files as documents in both forms", () => {
    const file = { filename: "a.pdf", file_data: pdf };
    const document = {
      type: "document",
      title: "a.pdf",
      source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
    };
    expect(chatOf([{ role: "user", content: [{ type: "file", file }] }]).messages[0]?.content).toEqual([
      document,
    ]);
    const input = [
      {
        role: "user",
        content: [
          { type: "input_file", ...file },
          { type: "input_file", filename: "b.txt", file_data: "data:text/plain;base64,aMOp" },
        ],
      },
    ];
    expect(decodeResponsesRequest({ model: "m", input }, 0).request.messages[0]?.content).toEqual([
      document,
      { type: "document", title: "b.txt", source: { type: "text", media_type: "text/plain", data: "hé" } },
    ]);
  });

  it("whose client uses an id again has each result at the right call, under ids that no two calls share", () => {
    const said = (answer: string): object[] => [
      { role: "assistant", tool_calls: [call("call_0"), call("call_1")] },
      { role: "tool", tool_call_id: "call_1", content: `${answer}, one` },
      { role: "tool", tool_call_id: "call_0", content: `${answer}, zero` },
    ];
    const history = [{ role: "user", content: "go" }, ...said("first"), ...said("second")];
    const { messages } = chatOf([...history, ...said("third")]);
    expect(strict["anthropic"]?.({ model: "m", messages }, { issued: new Set() })).toEqual([]);
    const results = messages.flatMap(({ role, content }) =>
      role === "user" ? (content as ContentBlock[]).slice(-2) : [],
    );
    const calls = messages.flatMap(({ role, content }) =>
      role === "assistant" ? (content as ContentBlock[]) : [],
    );
    const idsOf = (words: string): unknown =>
      results.map((each) => each as ToolResultBlock).find((each) => each.content === words)?.tool_use_id;
    expect(calls.map((each) => (each as ToolUseBlock).id)).toEqual(
      ["first", "second", "third"].flatMap((turn) => [idsOf(`${turn}, zero`), idsOf(`${turn}, one`)]),
    );
    // What was sent before is sent again as it was.
    expect(messages.slice(0, 5)).toEqual(chatOf(history).messages);
  });

  it("whose client uses an id twice in one answer has the results in order", () => {
    const { messages } = chatOf([
      { role: "user", content: "go" },
      { role: "assistant", tool_calls: [call("c"), call("c")] },
      { role: "tool", tool_call_id: "c", content: "one" },
      { role: "tool", tool_call_id: "c", content: "two" },
    ]);
    const [one, two] = (messages[1]!.content as ToolUseBlock[]).map(({ id }) => id);
    expect(one).not.toBe(two);
    expect(messages[2]?.content).toMatchObject([
      { tool_use_id: one, content: "one" },
      { tool_use_id: two, content: "two" },
    ]);
  });

  it("has results of a call only once, the last, and tells one without its call in words", () => {
    const input = [
      { type: "function_call", call_id: "c", name: "f", arguments: "not json" },
      { type: "function_call_output", call_id: "c", output: "first" },
      { type: "function_call_output", call_id: "c", output: "last" },
      { type: "function_call_output", call_id: "gone", output: "lost" },
    ];
    const { messages } = decodeResponsesRequest({ model: "m", input }, 0).request;
    expect(messages).toEqual([
      {
        role: "assistant",
        content: [{ type: "tool_use", id: "c", name: "f", input: { arguments: "not json" } }],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "c", content: "last" },
          { type: "text", text: "Result of the tool call gone:" },
          { type: "text", text: "lost" },
        ],
      },
    ]);
  });
});

describe("tools", () => {
  const tools = ["a", "b"].map((name) => ({ type: "function", function: { name } }));
  it.each([
    ["required", undefined, { type: "any" }],
    ["none", undefined, { type: "none" }],
    ["auto", false, { type: "auto", disable_parallel_tool_use: true }],
    [undefined, false, { type: "auto", disable_parallel_tool_use: true }],
    [undefined, true, undefined],
    [{ type: "function", function: { name: "b" } }, undefined, { type: "tool", name: "b" }],
  ])("choice %j with parallel calls %j is %j", (choice, parallel, wanted) => {
    const request = chatOf([{ role: "user", content: "x" }], {
      tools,
      tool_choice: choice,
      parallel_tool_calls: parallel,
    });
    expect(request.tool_choice).toEqual(wanted);
  });

  it("that are not among the allowed ones are left out", () => {
    const chosen = {
      type: "allowed_tools",
      allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "b" } }] },
    };
    const request = chatOf([{ role: "user", content: "x" }], { tools, tool_choice: chosen });
    expect([request.tools?.map(({ name }) => name), request.tool_choice]).toEqual([["b"], { type: "any" }]);
  });
});

describe("for Anthropic", () => {
  // What the product's own table of models says of them.
  const config = testConfig('routes: { default: ["demo,echo"] }');
  const sent = (fields: Partial<MessagesRequest>, model: string, maxOutput?: number): MessagesRequest =>
    forAnthropic(
      { model, messages: [{ role: "user", content: "x" }], ...fields },
      dialectContext({
        dialect: "anthropic",
        model,
        info: {
          ...modelInfoOf(config, { provider: "up", model }),
          ...(maxOutput !== undefined && { maxOutput }),
        },
      }),
    );

  it("a limit is set: what the model can, and not more than is usual", () => {
    expect(sent({}, "claude-opus-5-5", 128_000).max_tokens).toBe(32_000);
    expect(sent({}, "glm-4.6", 8000).max_tokens).toBe(8000);
    expect(sent({ max_tokens: 5 }, "claude-opus-5-5").max_tokens).toBe(5);
  });

  it.each([
    ["claude-haiku-4-5", { thinking: { type: "enabled", budget_tokens: 16_000 }, temperature: 1 }],
    ["claude-3-7-sonnet-latest", { thinking: { type: "enabled", budget_tokens: 16_000 }, temperature: 1 }],
    [
      "anthropic/claude-sonnet-4-20250514",
      { thinking: { type: "enabled", budget_tokens: 16_000 }, temperature: 1 },
    ],
    [
      "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
      { thinking: { type: "enabled", budget_tokens: 16_000 }, temperature: 1 },
    ],
    [
      "anthropic/claude-3.7-sonnet:thinking",
      { thinking: { type: "enabled", budget_tokens: 16_000 }, temperature: 1 },
    ],
    ["claude-opus-4-5@20251101", { thinking: { type: "enabled", budget_tokens: 16_000 }, temperature: 1 }],
    [
      "claude-novel-9",
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "high" } },
    ],
    [
      "claude-sonnet-4-6",
      { thinking: { type: "adaptive" }, output_config: { effort: "high" }, temperature: 1 },
    ],
    [
      "claude-opus-4-7",
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "high" } },
    ],
    [
      "claude-opus-5",
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "high" } },
    ],
    ["kimi-k2", { thinking: { type: "enabled", budget_tokens: 16_000 }, temperature: 1 }],
  ])("an effort is asked of %s in its own way, and with nothing that it refuses", (model, wanted) => {
    const {
      thinking,
      output_config: config,
      temperature,
      top_p: topP,
    } = sent(
      { thinking: { type: "adaptive" }, output_config: { effort: "high" }, temperature: 0.3, top_p: 0.4 },
      model,
    );
    const found = {
      thinking,
      ...(config !== undefined && { output_config: config }),
      ...(temperature !== undefined && { temperature }),
    };
    expect([found, topP]).toEqual([wanted, undefined]);
  });

  it("a budget leaves room for the answer", () => {
    const { max_tokens: most, thinking } = sent(
      { max_tokens: 1000, thinking: { type: "enabled", budget_tokens: 9000 } },
      "claude-haiku-4-5",
    );
    expect(thinking?.budget_tokens).toBe(1024);
    expect(most).toBeGreaterThan(1024);
  });

  it("a call that must be made is not thought about, and a format stays", () => {
    const format = { type: "json_schema", schema: {} };
    const request = sent(
      {
        thinking: { type: "adaptive" },
        output_config: { effort: "high", format },
        tool_choice: { type: "any" },
      },
      "claude-haiku-4-5",
    );
    expect([request.thinking, request.output_config]).toEqual([undefined, { format }]);
  });

  it("a temperature of OpenAI's scale is brought into Anthropic's", () => {
    expect(sent({ temperature: 1.7, top_p: 0.5 }, "claude-haiku-4-5")).toMatchObject({ temperature: 1 });
    expect(sent({ temperature: 1.7 }, "claude-opus-5-5").temperature).toBeUndefined();
  });

  it("a system message between turns is a reminder in the user's name", () => {
    const request = sent(
      { messages: [{ role: "system", content: [{ type: "text", text: "note" }] }] },
      "claude-opus-5-5",
    );
    expect(request.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "<system-reminder>\nnote\n</system-reminder>" }] },
    ]);
  });
});
