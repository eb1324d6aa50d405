import { describe, expect, test } from "vitest";
import { openaiResponses } from "../../../../src/router/dialects/openai-responses/index.ts";
import { StreamSink } from "../../../../src/router/sinks/stream-sink.ts";
import { accumulateFrames } from "../../../support/accumulate.ts";
import { dialectContext } from "../../../support/dialect-context.ts";
import { framesOf } from "../../../support/validate-anthropic-stream.ts";
import {
  called,
  completed,
  event,
  reasoned,
  received,
  responsesStream,
  said,
  sent,
  whole,
} from "../../../support/responses-sse.ts";

describe("an answer that fails half-way is not taken for one that ended", () => {
  test.each([
    ["without its last event", said(0, "half"), "without response.completed"],
    ["with [DONE] in its place", [...said(0, "half"), "data: [DONE]\n\n"], "without response.completed"],
    [
      "response.failed",
      [
        ...said(0, "half"),
        event("failed", {
          response: { status: "failed", error: { code: "server_error", message: "overheated" } },
        }),
      ],
      "overheated",
    ],
    [
      "an error event of flat form",
      [...said(0, "half"), { type: "error", code: "server_error", message: "hot" }],
      "hot",
    ],
    [
      "an error whose event line is missing",
      [...said(0, "half"), 'data: {"type":"error","code":null,"message":"overheated"}\n\n'],
      "overheated",
    ],
    ["an event that is no JSON", [...said(0, "half"), "data: {oops\n\n"], "not JSON"],
    ["a bare error line", [...said(0, "half"), "error: overheated\n\n"], "overheated"],
    ["a call cut in its arguments", called(0, "Bash", '{"cmd":').slice(0, 2), "without response.completed"],
  ])("%s", (_, events, words) => {
    const answer = received(events);
    expect(answer.error?.message).toContain(words);
    expect(answer.stopReason).toBeUndefined();
    expect(answer.types).not.toContain("message_stop");
  });

  test.each([
    ["rate_limit_exceeded", "rate_limit_error"],
    ["insufficient_quota", "billing_error"],
    ["server_error", "api_error"],
    ["context_length_exceeded", "invalid_request_error"],
    ["invalid_prompt", "invalid_request_error"],
    ["server_is_overloaded", "overloaded_error"],
  ])("the code %s becomes %s, by which the client knows what to do", (code, type) => {
    const failed = event("failed", { response: { status: "failed", error: { code, message: "no" } } });
    expect(received([failed]).error?.type).toBe(type);
  });

  test("a window that is full is said in the words by which the client compacts", () => {
    const message = "Your input exceeds the context window of this model.";
    const error = { code: "context_length_exceeded", message };
    expect(received([event("failed", { response: { error } })]).error?.message).toMatch(
      /^prompt is too long/,
    );
  });
});

describe("how an answer ended", () => {
  const incomplete = (reason: string) =>
    event("incomplete", { response: { status: "incomplete", incomplete_details: { reason } } });

  test.each([
    ["a plain end", [...said(0, "x"), completed()], "end_turn"],
    ["a call", [...called(0, "Read", '{"a":1}'), completed()], "tool_use"],
    ["too little room", [...said(0, "x"), incomplete("max_output_tokens")], "max_tokens"],
    [
      "too little room behind a whole call",
      [...called(0, "Read", "{}"), incomplete("max_output_tokens")],
      "max_tokens",
    ],
    ["a filter", [incomplete("content_filter")], "refusal"],
    [
      "a refusal",
      [
        event("refusal.delta", { output_index: 0, content_index: 0, delta: "I won't." }),
        event("refusal.done", { output_index: 0, content_index: 0, refusal: "I won't." }),
        completed(),
      ],
      "refusal",
    ],
  ])("%s", (_, events, reason) => {
    expect(received(events).stopReason).toBe(reason);
  });

  test("a refusal is read as a text of its own, once", () => {
    const part = (text: string) => ({ output_index: 0, content_index: 1, refusal: text, delta: text });
    const answer = received([
      ...said(0, "Let me see."),
      event("refusal.delta", part("I won't.")),
      event("refusal.done", part("I won't.")),
      completed(),
    ]);
    expect(answer.blocks.map((block) => block.text)).toEqual(["Let me see.", "I won't."]);
  });

  test("a refusal in a whole answer is one, too", () => {
    const answer = whole([{ type: "message", content: [{ type: "refusal", refusal: "I won't." }] }]);
    expect(answer).toMatchObject({
      message: { stop_reason: "refusal", content: [{ type: "text", text: "I won't." }] },
    });
  });

  test("a call that was cut off never looks like one that was meant", () => {
    const answer = received([
      ...called(0, "Write", '{"path":"/a","content":"half').slice(0, 2),
      event("incomplete", { response: { incomplete_details: { reason: "max_output_tokens" } } }),
    ]);
    expect(answer.stopReason).toBe("max_tokens");
    expect(answer.tools[0]?.input).toEqual({ path: null, content: null });
  });

  test("a stop sequence ends the text, which the provider itself cannot do", () => {
    const request = { model: "m", messages: [], stop_sequences: ["</stop>", "never"] };
    const events = [...said(0, "one </st", "op> two"), ...called(1, "Read", "{}"), completed()];
    const answer = received(events, { request });
    expect(answer.text).toBe("one ");
    expect(answer.tools).toEqual([]);
    expect([answer.stopReason, answer.stopSequence]).toEqual(["stop_sequence", "</stop>"]);
    expect(answer.usage["output_tokens"]).toBe(7);
  });

  test("what only began like a stop sequence is not lost", () => {
    const request = { model: "m", messages: [], stop_sequences: ["</stop>"] };
    const answer = received([...said(0, "a </st"), ...said(1, "b </s"), completed()], { request });
    expect(answer.blocks.map((block) => block.text)).toEqual(["a </st", "b </s"]);
    expect(answer.stopReason).toBe("end_turn");
  });
});

describe("content comes once, wherever the provider put it", () => {
  const item = {
    id: "msg_0",
    type: "message",
    content: [{ type: "output_text", text: "Hello", annotations: [] }],
  };
  test.each([
    [
      "only in the part",
      [event("content_part.done", { output_index: 0, content_index: 0, part: item.content[0] })],
    ],
    [
      "only in the text's end",
      [event("output_text.done", { output_index: 0, content_index: 0, text: "Hello" })],
    ],
    ["only in the item", [event("output_item.done", { output_index: 0, item })]],
    ["only in the last event", []],
    [
      "in all of them",
      [
        ...said(0, "Hel", "lo"),
        event("output_text.done", { output_index: 0, content_index: 0, text: "Hello" }),
        event("output_item.done", { output_index: 0, item }),
      ],
    ],
    [
      "half in deltas, whole in the item",
      [...said(0, "Hel"), event("output_item.done", { output_index: 0, item })],
    ],
  ])("%s", (_, events) => {
    const answer = received([...events, completed({ output: [item] })]);
    expect(answer.blocks.map((block) => [block.type, block.text])).toEqual([["text", "Hello"]]);
  });

  test("parts that are counted from 1 in deltas and from 0 in the item are not doubled", () => {
    const answer = received([
      event("output_text.delta", { output_index: 0, content_index: 1, delta: "Hello" }),
      event("output_item.done", { output_index: 0, item }),
      completed(),
    ]);
    expect(answer.text).toBe("Hello");
  });

  test("ids of items that change with every event join nothing wrongly", () => {
    const answer = received([
      event("output_item.added", { output_index: 0, item: { id: "a", type: "message" } }),
      event("output_text.delta", { output_index: 0, item_id: "b", content_index: 0, delta: "Hel" }),
      event("output_text.delta", { output_index: 0, item_id: "c", content_index: 0, delta: "lo" }),
      event("output_item.done", { output_index: 0, item: { ...item, id: "d" } }),
      completed({ output: [{ ...item, id: "e" }] }),
    ]);
    expect(answer.blocks.map((block) => block.text)).toEqual(["Hello"]);
  });

  test("a text that stands in the place of the thinking before it comes once", () => {
    const message = { id: "msg_0", type: "message", content: [{ type: "output_text", text: "Hello" }] };
    const thinking = reasoned(0, ["Hm."]);
    const answer = received([
      ...thinking.slice(0, 2),
      event("output_item.added", { output_index: 0, item: { ...message, content: [] } }),
      ...said(0, "Hel", "lo"),
      event("output_item.done", { output_index: 0, item: { ...message, content: [] } }),
      completed({ output: [thinking[2]!["item"], message] }),
    ]);
    expect(answer.text).toBe("Hello");
    expect(answer.thinking).toBe("Hm.");
  });

  test("items without place and id are told apart by the ids of their calls", () => {
    const item = (id: string) => ({
      type: "function_call",
      call_id: id,
      name: "Read",
      arguments: `{"a":"${id}"}`,
    });
    const answer = received([
      event("output_item.added", { item: { ...item("one"), arguments: "" } }),
      event("output_item.added", { item: { ...item("two"), arguments: "" } }),
      event("output_item.done", { item: item("one") }),
      event("output_item.done", { item: item("two") }),
      completed({ output: [item("one"), item("two")] }),
    ]);
    expect(answer.tools.map((tool) => [tool.id, tool.input])).toEqual([
      ["one", { a: "one" }],
      ["two", { a: "two" }],
    ]);
  });

  test("what is missing of the second of two messages is taken from its own place in the last event", () => {
    const message = (text: string) => ({ type: "message", content: [{ type: "output_text", text }] });
    const answer = received([
      ...said(0, "one"),
      event("output_item.done", { output_index: 0, item: message("one") }),
      ...said(1, "tw"),
      completed({ output: [message("one"), message("two")] }),
    ]);
    expect(answer.blocks.map((block) => block.text)).toEqual(["one", "two"]);
  });

  test("two messages are two texts", () => {
    const answer = received([...said(0, "I look."), ...said(2, "It is."), completed()]);
    expect(answer.blocks.map((block) => block.text)).toEqual(["I look.", "It is."]);
  });

  test("white space alone makes no block, which would poison the transcript", () => {
    expect(received([...said(0, "\n", " "), ...called(1, "Read", "{}"), completed()]).blocks).toHaveLength(1);
  });
});

describe("calls", () => {
  test("a call without arguments is whole for the client before the answer ends, and holds nothing up", () => {
    const sink = new StreamSink("m");
    const decoder = openaiResponses.decodeStream(sink, dialectContext({ dialect: "openai-responses" }));
    decoder.push(responsesStream(called(0, "Now")));
    const before = framesOf(sink.take());
    expect(before.at(-1)?.event).toBe("content_block_stop");
    decoder.push(responsesStream(said(1, "done")));
    expect(sink.take()).toContain("done");
    decoder.push(responsesStream([completed()]));
    const answer = accumulateFrames([...before, ...framesOf(sink.take())]);
    expect(answer.tools).toEqual([{ id: "call_0", name: "Now", input: {} }]);
  });

  test("a name that had to be shortened comes back whole", () => {
    const name = `mcp__${"long_".repeat(16)}__search`;
    const request = { model: "m", messages: [], tools: [{ name, input_schema: { type: "object" } }] };
    const tool = sent(request).tools?.[0] as { name: string };
    expect(tool.name).toMatch(/^mcp__[\w-]{1,59}$/);
    expect(received([...called(0, tool.name, "{}"), completed()], { request }).tools[0]?.name).toBe(name);
  });

  test("a tool whose input is plain text gives an object", () => {
    const item = {
      id: "ct_1",
      type: "custom_tool_call",
      call_id: "call_1",
      name: "sql",
      input: 'SELECT "a"',
    };
    const answer = received([
      event("output_item.added", { output_index: 0, item: { ...item, input: "" } }),
      event("custom_tool_call_input.delta", { output_index: 0, delta: "SELECT" }),
      event("output_item.done", { output_index: 0, item }),
      completed({ output: [item] }),
    ]);
    expect(answer.tools).toEqual([{ id: "call_1", name: "sql", input: { input: 'SELECT "a"' } }]);
    expect(answer.stopReason).toBe("tool_use");
  });

  test("steps of hosted tools that nobody here knows do not end the turn as a call", () => {
    const answer = received([
      event("output_item.added", { output_index: 0, item: { id: "x", type: "novelty_call" } }),
      event("novelty_call.in_progress", { output_index: 0 }),
      event("output_item.done", {
        output_index: 0,
        item: { id: "x", type: "novelty_call", status: "completed" },
      }),
      ...said(1, "done"),
      completed(),
    ]);
    expect([answer.text, answer.stopReason]).toEqual(["done", "end_turn"]);
  });
});

describe("reasoning", () => {
  test("parts of a summary are paragraphs of one thinking block", () => {
    const answer = received([...reasoned(0, ["One.", "Two."]), ...said(1, "x"), completed()]);
    expect(answer.blocks.map((block) => block.type)).toEqual(["thinking", "text"]);
    expect(answer.thinking).toBe("One.\n\nTwo.");
  });

  test("the same thoughts in full and as a summary come once", () => {
    const answer = received([
      event("reasoning_text.delta", { output_index: 0, content_index: 0, delta: "Hm." }),
      event("reasoning_summary_text.delta", { output_index: 0, summary_index: 0, delta: "Thinks." }),
      completed(),
    ]);
    expect(answer.thinking).toBe("Hm.");
  });

  test("a summary whose pieces do not say which part they belong to is not repeated with the whole part", () => {
    const events = [
      event("output_item.added", { output_index: 0, item: { id: "rs_1", type: "reasoning" } }),
      event("reasoning_summary_text.delta", { output_index: 0, delta: "Thinks." }),
      event("reasoning_summary_text.done", { output_index: 0, summary_index: 0, text: "Thinks." }),
    ];
    expect(received([...events, ...said(1, "x"), completed()]).thinking).toBe("Thinks.");
  });

  test("an answer that is only reasoning ends properly", () => {
    const answer = received([...reasoned(0, ["Hm."]), completed()]);
    expect([answer.thinking, answer.text, answer.stopReason]).toEqual(["Hm.", "", "end_turn"]);
  });
});

test("usage: cached tokens are counted once, searches are counted", () => {
  const usage = {
    input_tokens: 100,
    output_tokens: 10,
    input_tokens_details: { cached_tokens: 30, cache_write_tokens: 20 },
    output_tokens_details: { reasoning_tokens: 8 },
  };
  expect(received([...said(0, "x"), completed({ usage })]).usage).toMatchObject({
    input_tokens: 50,
    output_tokens: 10,
    cache_read_input_tokens: 30,
    cache_creation_input_tokens: 20,
  });
});

test("one whole answer where a stream was asked for is read all the same", () => {
  const body = {
    status: "completed",
    output: [{ type: "message", content: [{ type: "output_text", text: "hi" }] }],
  };
  expect(received(Buffer.from(JSON.stringify(body))).text).toBe("hi");
});

test("a page of HTML in the place of a stream is an error that says so", () => {
  expect(received(Buffer.from("<html><title>Sign in</title></html>")).error?.message).toContain("Sign in");
});

test("the type of an event that stands only in its event line is enough", () => {
  const bytes = responsesStream([...said(0, "hi"), completed()])
    .toString()
    .replaceAll(/"type":"response[^"]*",/g, "");
  expect(received(Buffer.from(bytes)).text).toBe("hi");
});
