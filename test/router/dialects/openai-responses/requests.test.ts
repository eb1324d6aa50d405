import { describe, expect, test } from "vitest";
import type { ContentBlock, Message, MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import { sent } from "../../../support/responses-sse.ts";
import { strictResponses } from "../../../support/strict/openai-responses.ts";

const user = (...content: ContentBlock[]): Message => ({ role: "user", content });
const assistant = (...content: ContentBlock[]): Message => ({ role: "assistant", content });
const text = (words: string): ContentBlock => ({ type: "text", text: words });
const call = (id: string): ContentBlock => ({ type: "tool_use", id, name: "Read", input: { path: "/a" } });
const result = (id: string, content: string | ContentBlock[]): ContentBlock => ({
  type: "tool_result",
  tool_use_id: id,
  content,
});
const png: ContentBlock = {
  type: "image",
  source: { type: "base64", media_type: "image/png", data: "AAAA" },
};

test("nothing is stored at the provider, and its reasoning is asked for in the form that can be sent back", () => {
  expect(sent({})).toMatchObject({ store: false, include: ["reasoning.encrypted_content"], stream: true });
  expect(sent({}, { info: { thinking: false } })).not.toHaveProperty("include");
});

test("fields of a newer client never reach the provider", () => {
  const request: Partial<MessagesRequest> = {
    context_management: { edits: [] },
    safeguards: [{ type: "dangerous_tool_use" }],
    thinking: { type: "adaptive", display: "summarized" },
    top_k: 5,
    stop_sequences: ["END"],
    novelty: 1,
  };
  expect(Object.keys(sent(request)).toSorted()).toEqual([
    "include",
    "input",
    "max_output_tokens",
    "model",
    "store",
    "stream",
  ]);
});

describe("effort and thinking", () => {
  test.each([
    ["low", undefined, "low"],
    ["high", undefined, "high"],
    ["max", undefined, "high"],
    ["max", "max", "max"],
    ["xhigh", "xhigh", "xhigh"],
  ] as const)("effort %s with a highest of %s is %s", (effort, maxEffort, wanted) => {
    const quirks = maxEffort === undefined ? {} : { maxEffort };
    const body = sent({ thinking: { type: "adaptive" }, output_config: { effort } }, { quirks });
    expect(body["reasoning"]).toEqual({ effort: wanted });
  });

  test("a budget becomes an effort", () => {
    const thinking = { type: "enabled", budget_tokens: 20_000 };
    expect(sent({ thinking })["reasoning"]).toEqual({ effort: "high" });
  });

  test("thinking that is off, and a model without it, ask for nothing", () => {
    const output_config = { effort: "high" };
    expect(sent({ thinking: { type: "disabled" }, output_config })).not.toHaveProperty("reasoning");
    expect(sent({ output_config }, { info: { thinking: false } })).not.toHaveProperty("reasoning");
  });

  test("a summary is asked for only by the quirk: organisations that are not verified would get 400", () => {
    const quirks = { reasoningSummary: "auto" as const };
    expect(sent({ thinking: { type: "adaptive" } }, { quirks })["reasoning"]).toEqual({ summary: "auto" });
  });

  test("models that reason get no temperature, which they refuse; others do", () => {
    const request = { temperature: 0.2, top_p: 0.9 };
    expect(sent(request)).toMatchObject(request);
    expect(sent({ temperature: 1 })).not.toHaveProperty("temperature");
    expect(sent(request, { info: { thinking: true } })).not.toHaveProperty("temperature");
    expect(sent({ ...request, output_config: { effort: "low" } })).not.toHaveProperty("temperature");
  });
});

test("the room for the answer is never less than the API takes, nor more than the model has", () => {
  expect(sent({ max_tokens: 1 })["max_output_tokens"]).toBe(16);
  expect(sent({ max_tokens: 128_000 }, { info: { maxOutput: 32_000 } })["max_output_tokens"]).toBe(32_000);
  expect(sent({ max_tokens: 9000 }, { quirks: { maxTokensLimit: 4096 } })["max_output_tokens"]).toBe(4096);
});

test("the billing line, which changes with every request, is not sent", () => {
  const system = [text("x-anthropic-billing-header: cch=1;"), text("You help."), text("Briefly.")] as never;
  expect(sent({ system })["instructions"]).toBe("You help.\n\nBriefly.");
  expect(sent({ system: "You help." })["instructions"]).toBe("You help.");
});

describe("tools", () => {
  test("functions are flat and not strict, or the API would make every parameter required", () => {
    const input_schema = { $schema: "x", type: "object", properties: { a: { type: "string" } } };
    expect(sent({ tools: [{ name: "Read", description: "Reads", input_schema }] }).tools).toEqual([
      {
        type: "function",
        name: "Read",
        description: "Reads",
        parameters: { type: "object", properties: { a: { type: "string" } } },
        strict: false,
      },
    ]);
  });

  test("a choice of a tool that is not sent does not break the turn", () => {
    const tools = [{ name: "Read" }];
    expect(sent({ tools, tool_choice: { type: "tool", name: "Gone" } })["tool_choice"]).toBe("auto");
    expect(sent({ tool_choice: { type: "any" } })).not.toHaveProperty("tool_choice");
  });

  test("a provider that takes no object for a choice gets auto, and one without parallel calls no such field", () => {
    const quirks = { toolChoiceAutoOnly: true, noParallelToolCalls: true };
    const tool_choice = { type: "tool" as const, name: "Read", disable_parallel_tool_use: true };
    const body = sent({ tools: [{ name: "Read" }], tool_choice }, { quirks });
    expect(body["tool_choice"]).toBe("auto");
    expect(body).not.toHaveProperty("parallel_tool_calls");
  });

  test("a long name is the same in tools, choice and history", () => {
    const name = `mcp__${"server_".repeat(12)}search`;
    const { tools, tool_choice, input } = sent({
      tools: [{ name }, { name: `${name}2` }],
      tool_choice: { type: "tool", name },
      messages: [assistant({ type: "tool_use", id: "a", name, input: {} }), user(result("a", "x"))],
    });
    const [first, second] = (tools ?? []).map((tool) => (tool as { name: string }).name);
    expect(first).toMatch(/^[\w-]{1,64}$/);
    expect(second).not.toBe(first);
    expect(tool_choice).toEqual({ type: "function", name: first });
    expect(input[0]).toMatchObject({ type: "function_call", name: first });
  });
});

describe("the conversation", () => {
  test("parallel calls and their results, images among them, are items that refer to each other", () => {
    const { input } = sent({
      messages: [
        user(text("look")),
        assistant(text("Both."), call("toolu_1"), call("toolu_2")),
        user(result("toolu_2", [text("two"), png]), result("toolu_1", "one"), text("go on")),
      ],
    });
    expect(
      input.map((item) => ("role" in item ? item.role : [item.type, "call_id" in item && item.call_id])),
    ).toEqual([
      "user",
      "assistant",
      ["function_call", "toolu_1"],
      ["function_call", "toolu_2"],
      ["function_call_output", "toolu_2"],
      ["function_call_output", "toolu_1"],
      "user",
    ]);
    expect(input[4]).toMatchObject({
      output: [
        { type: "input_text", text: "two" },
        { type: "input_image", image_url: "data:image/png;base64,AAAA" },
      ],
    });
    expect(input[5]).toMatchObject({ output: "one" });
  });

  test("images of results follow in a user's message where the provider takes text only", () => {
    const messages = [assistant(call("a")), user(result("a", [png]))];
    const { input } = sent({ messages }, { quirks: { toolResultImagesInUserMessage: true } });
    expect(input[1]).toMatchObject({ type: "function_call_output", output: expect.any(String) });
    expect(input[2]).toMatchObject({ role: "user" });
    expect(JSON.stringify(input[2])).toContain("data:image/png;base64,AAAA");
  });

  test("a tool's failure is told as one", () => {
    const failed = { ...result("a", "no such file"), is_error: true } as ContentBlock;
    const empty = { type: "tool_result", tool_use_id: "b", is_error: true } as ContentBlock;
    const { input } = sent({ messages: [assistant(call("a"), call("b")), user(failed, empty)] });
    expect(input.slice(2)).toMatchObject([
      { output: "[tool error] no such file" },
      { output: "[tool error]" },
    ]);
  });

  test("a model without sight gets a note for an image", () => {
    const { input } = sent({ messages: [user(png)] }, { info: { images: false } });
    expect(JSON.stringify(input)).toMatch(/text only/);
    expect(JSON.stringify(input)).not.toMatch(/AAAA/);
  });

  test("a system message between a call and its result waits until the result was said", () => {
    const messages: Message[] = [
      assistant(call("a")),
      { role: "system", content: "Note." },
      user(result("a", "x"), text("y")),
    ];
    const kinds = (quirks = {}) =>
      sent({ messages }, { quirks }).input.map((item) => ("role" in item ? item.role : item.type));
    expect(kinds()).toEqual(["function_call", "function_call_output", "system", "user"]);
    expect(kinds({ inlineSystemMessages: true })).toEqual([
      "function_call",
      "function_call_output",
      "user",
      "user",
    ]);
  });

  test("messages and blocks in which nothing is said are not sent", () => {
    const messages: Message[] = [
      user(text("hi")),
      { role: "system", content: "" },
      assistant({ type: "thinking", thinking: "hm", signature: "abc" }),
      assistant(text("")),
      user({ type: "novelty" } as never),
    ];
    expect(sent({ messages }).input).toHaveLength(1);
  });

  test("earlier messages say whether they were remarks or answers, where the model wants that", () => {
    const messages = [
      assistant(text("I look."), call("a")),
      user(result("a", "x")),
      assistant(text("It is so.")),
    ];
    const quirks = { messagePhase: true };
    const phases = sent({ messages }, { quirks }).input.map((item) =>
      "phase" in item ? item.phase : undefined,
    );
    expect(phases).toEqual(["commentary", undefined, undefined, "final_answer"]);
    expect(JSON.stringify(sent({ messages }))).not.toContain("phase");
  });
});

describe("the history of a client that was interrupted", () => {
  const kinds = (messages: Message[]) =>
    sent({ messages }).input.map((item) =>
      "call_id" in item ? `${item.type} ${item.call_id}` : "role" in item ? item.role : item.type,
    );

  test('does not end the session for good ("No tool output found for function call")', () => {
    const messages = [
      user(text("go")),
      assistant(call("a"), call("b"), call("c")),
      user(result("b", "two"), text("stop")),
      assistant(text("Stopped."), call("d")),
    ];
    expect(kinds(messages)).toEqual([
      "user",
      "function_call a",
      "function_call b",
      "function_call c",
      "function_call_output a",
      "function_call_output c",
      "function_call_output b",
      "user",
      "assistant",
      "function_call d",
      "function_call_output d",
    ]);
    expect(strictResponses(sent({ messages }), { issued: new Set() })).toEqual([]);
  });

  test('nor do results whose call is gone ("No tool call found for function call output")', () => {
    const messages = [user(result("gone", [{ type: "text", text: "found it" }, png]), text("and?"))];
    const body = sent({ messages });
    expect(strictResponses(body, { issued: new Set() })).toEqual([]);
    expect(JSON.stringify(body.input)).toMatch(/found it.*AAAA.*and\?/);
  });
});

test("what a provider refuses is removed, and what it needs is added, by quirk", () => {
  const quirks = { dropFields: ["include", "store"], extraBody: { truncation: "auto" }, userIdLength: 0 };
  const body = sent({ metadata: { user_id: "u" } }, { quirks });
  expect(Object.keys(body).toSorted()).toEqual([
    "input",
    "max_output_tokens",
    "model",
    "stream",
    "truncation",
  ]);
});
