/** What the client sees of providers that speak Anthropic's form, and not always well. */
import { describe, expect, it } from "vitest";
import { anthropic } from "../../../../src/router/dialects/anthropic/index.ts";
import { accumulate } from "../../../support/accumulate.ts";
import { decodeStreamed, decodeWhole, decodeWholeAsStream } from "../../../support/dialect-context.ts";
import { problemsOf } from "../../../support/validate-anthropic-stream.ts";

type Event = { type: string; [field: string]: unknown };
const sse = (events: readonly Event[]): Buffer =>
  Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));

const begin = (usage: unknown = { input_tokens: 10, output_tokens: 1 }): Event => ({
  type: "message_start",
  message: { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], usage },
});
const start = (index: number | undefined, block: object): Event => ({
  type: "content_block_start",
  index,
  content_block: block,
});
const delta = (index: number | undefined, type: string, fields: object): Event => ({
  type: "content_block_delta",
  index,
  delta: { type, ...fields },
});
const text = (index: number | undefined, words: string): Event => delta(index, "text_delta", { text: words });
const args = (index: number | undefined, json: string): Event =>
  delta(index, "input_json_delta", { partial_json: json });
const stop = (index?: number): Event => ({ type: "content_block_stop", index });
const tool = (id: string, name: string, input: object = {}): object => ({
  type: "tool_use",
  id,
  name,
  input,
});
const end = (reason: string | null = "end_turn", usage: unknown = { output_tokens: 7 }): Event[] => [
  { type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage },
  { type: "message_stop" },
];

/** The answer that a client makes of the stream, which must be a valid one. */
const seen = (events: readonly Event[]): ReturnType<typeof accumulate> => {
  const answer = accumulate(decodeStreamed(anthropic, [sse(events)], { dialect: "anthropic" }));
  expect(problemsOf(answer.frames)).toEqual([]);
  return answer;
};
const blocks = (events: readonly Event[]): string[] =>
  seen(events)
    .frames.filter((frame) => frame.event === "content_block_start")
    .map((frame) => (frame.data["content_block"] as { type: string }).type);

describe("streams that break the rules come out whole", () => {
  it("two message_start, and none at all", () => {
    expect(seen([begin(), begin(), text(0, "a"), ...end()]).text).toBe("a");
    expect(seen([text(0, "a"), ...end()]).text).toBe("a");
  });

  it("ids that another kind of server made, and may make again, do not join two answers into one", () => {
    const idOf = (id: string): unknown => {
      const message = { id, type: "message", role: "assistant", model: "m", content: [] };
      const { frames } = seen([{ type: "message_start", message }, text(0, "a"), ...end()]);
      return (frames[0]!.data["message"] as { id: unknown }).id;
    };
    const again = [idOf("chatcmpl-1"), idOf("chatcmpl-1")];
    expect(again).toEqual([expect.stringMatching(/^msg_\w+$/), expect.stringMatching(/^msg_\w+$/)]);
    expect(again[0]).not.toBe(again[1]);
    expect(idOf("msg_01")).toBe("msg_01");
  });

  it("thinking inside a text block becomes a block of its own", () => {
    const events = [
      begin(),
      start(0, { type: "text", text: "" }),
      delta(0, "thinking_delta", { thinking: "hm" }),
      text(0, "so"),
      stop(0),
      ...end(),
    ];
    expect(blocks(events)).toEqual(["thinking", "text"]);
    expect(seen(events)).toMatchObject({ text: "so", thinking: "hm" });
  });

  it("parallel tool calls that are interleaved keep every argument", () => {
    const events = [
      begin(),
      start(0, tool("t0", "A")),
      start(1, tool("t1", "B")),
      args(0, '{"a":'),
      args(1, '{"b"'),
      start(2, tool("t2", "C")),
      args(0, "1}"),
      args(2, '{"c":3}'),
      args(1, ":2}"),
      stop(0),
      stop(1),
      stop(2),
      ...end("tool_use"),
    ];
    expect(seen(events).tools).toMatchObject([
      { id: "t0", name: "A", input: { a: 1 } },
      { id: "t1", name: "B", input: { b: 2 } },
      { id: "t2", name: "C", input: { c: 3 } },
    ]);
    const withoutStops = events.filter((event) => event.type !== "content_block_stop");
    expect(seen(withoutStops).tools.map((call) => call.input)).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  it("words inside a tool call come after it, and end nothing", () => {
    const answer = seen([
      begin(),
      start(0, tool("t0", "A")),
      args(0, '{"a":'),
      text(0, "by the way"),
      args(0, "1}"),
      stop(0),
      ...end("tool_use"),
    ]);
    expect(answer).toMatchObject({ text: "by the way", tools: [{ input: { a: 1 } }] });
  });

  it("blocks without starts, without stops and without indices", () => {
    expect(
      seen([
        begin(),
        text(undefined, "a"),
        start(undefined, tool("t0", "A")),
        args(undefined, '{"a":1}'),
        start(undefined, tool("t1", "B", { whole: true })),
        ...end("tool_use"),
      ]),
    ).toMatchObject({ text: "a", tools: [{ input: { a: 1 } }, { input: { whole: true } }] });
  });

  it("tool arguments that belong to no call are an error, never lost in silence", () => {
    expect(seen([begin(), text(0, "a"), args(4, '{"a":1}'), ...end("tool_use")]).error).toBeDefined();
    expect(
      seen([begin(), start(0, tool("t", "A")), args(1, '{"a":1}'), stop(0), ...end("tool_use")]).error,
    ).toBeDefined();
    expect(seen([begin(), start(0, tool("t", "")), ...end("tool_use")]).error).toBeDefined();
  });

  it("arguments of parallel calls that a server in between mixed up are an error, never a call that nobody can read", () => {
    const answer = seen([
      begin(),
      start(0, tool("toolu_1", "Read")),
      stop(0),
      start(1, tool("toolu_2", "Bash")),
      args(1, '{"file_{"commapath":"nd":"pr/tmp/a'),
      args(1, 'intf 1.txt"}\'"}'),
      stop(1),
      ...end("tool_use"),
    ]);
    expect(answer.stopReason).toBeUndefined();
    expect(answer.error?.message).toContain("the arguments of a tool call are not JSON");
  });

  it("a call that the token limit cut has only empty arguments, not half of a file", () => {
    const cut = [begin(), start(0, tool("toolu_1", "Write")), args(0, '{"path":"/a","content":"half of')];
    const [call] = seen([...cut, stop(0), ...end("max_tokens")]).blocks;
    expect(JSON.parse(call!.json)).toEqual({ path: null, content: null });
  });

  it("a call before an end_turn is still one that waits for its result", () => {
    const events = [begin(), start(0, tool("toolu_1", "Read", { path: "/a" })), stop(0), ...end("end_turn")];
    expect(seen(events).stopReason).toBe("tool_use");
  });

  it("a tool call without an id gets one", () => {
    const [call] = seen([
      begin(),
      start(0, { type: "tool_use", name: "A" }),
      stop(0),
      ...end("tool_use"),
    ]).tools;
    expect(call).toMatchObject({ name: "A", input: {} });
    expect(call!.id).toMatch(/^toolu_/);
  });

  it("an empty text block, with or without citations, never reaches the transcript", () => {
    const empty = [
      begin(),
      start(0, { type: "text", text: "", citations: [] }),
      text(0, ""),
      stop(0),
      start(1, { type: "text", text: "" }),
      stop(1),
      start(2, { type: "text", text: "", citations: [] }),
      text(2, "cited"),
      delta(2, "citations_delta", { citation: { url: "u" } }),
      stop(2),
      ...end(),
    ];
    expect(blocks(empty)).toEqual(["text"]);
  });

  it("deltas that do not fit their block are left out", () => {
    const answer = seen([
      begin(),
      start(0, { type: "text", text: "" }),
      text(0, "a"),
      delta(0, "novelty_delta", { x: 1 }),
      stop(0),
      start(1, tool("t", "A")),
      delta(1, "citations_delta", { citation: {} }),
      args(1, "{}"),
      stop(1),
      start(2, { nothing: true }),
      ...end("tool_use"),
    ]);
    expect(answer).toMatchObject({ text: "a", tools: [{ input: {} }] });
  });

  it("a block type that is not known here passes with its deltas; server tools keep their input", () => {
    const { frames } = seen([
      begin(),
      start(0, { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "q" } }),
      stop(0),
      start(1, { type: "novelty", x: 1 }),
      delta(1, "novelty_delta", { y: 2 }),
      stop(1),
      ...end(),
    ]);
    const deltas = frames.filter((f) => f.event === "content_block_delta").map((f) => f.data["delta"]);
    expect(deltas).toEqual([
      { type: "input_json_delta", partial_json: '{"query":"q"}' },
      { type: "novelty_delta", y: 2 },
    ]);
  });

  it("a signature closes its thinking, wherever it stands", () => {
    const thinking = (events: Event[]): string[] =>
      seen([begin(), ...events, text(1, "so"), ...end()])
        .frames.filter((f) => f.event === "content_block_delta")
        .map((f) => (f.data["delta"] as { type: string }).type);
    const order = ["thinking_delta", "signature_delta", "text_delta"];
    const words = delta(0, "thinking_delta", { thinking: "hm" });
    const signature = delta(0, "signature_delta", { signature: "s" });
    const open = start(0, { type: "thinking", thinking: "" });
    expect(thinking([open, words, signature, stop(0)])).toEqual(order);
    expect(thinking([open, signature, words, stop(0)])).toEqual(order);
    expect(thinking([open, words, signature])).toEqual(order);
    expect(thinking([start(0, { type: "thinking", thinking: "hm", signature: "s" }), stop(0)])).toEqual(
      order,
    );
  });
});

describe("ends", () => {
  it("a stream without a stop reason is an error, not an end_turn", () => {
    for (const events of [
      [begin(), text(0, "a")],
      [begin(), text(0, "a"), { type: "message_stop" }],
      [begin(), text(0, "a"), ...end(null)],
    ]) {
      const answer = seen(events);
      expect(answer.stopReason).toBeUndefined();
      expect(answer.error).toBeDefined();
    }
  });

  it("a missing message_stop, [DONE] and what follows the end do no harm", () => {
    expect(seen([begin(), text(0, "a"), end()[0]!]).stopReason).toBe("end_turn");
    expect(seen([begin(), text(0, "a"), ...end(), text(0, "more"), begin()]).text).toBe("a");
  });

  it.each([
    [
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n',
      "overloaded_error",
    ],
    ['event: error\ndata: {"type":"overloaded_error","message":"busy"}\n\n', "overloaded_error"],
    ['event: error\ndata: {"message":"busy"}\n\n', "api_error"],
    ['data: {"error":{"message":"busy"}}\n\n', "api_error"],
    ['data: {"type":"error","error":"busy"}\n\n', "api_error"],
    ['event: error\ndata: {"error":{"type":"toString","message":"busy"}}\n\n', "toString"],
  ])("an error in the provider's own spelling keeps its words: %j", (event, type) => {
    const bytes = Buffer.concat([sse([begin(), text(0, "a")]), Buffer.from(event)]);
    const answer = accumulate(decodeStreamed(anthropic, [bytes], { dialect: "anthropic" }));
    expect(problemsOf(answer.frames)).toEqual([]);
    expect(answer.error).toMatchObject({ type, message: "busy" });
  });
});

describe("usage", () => {
  it("null fields say nothing, and zeros take back nothing", () => {
    const answer = seen([
      begin({
        input_tokens: 50,
        output_tokens: 1,
        cache_read_input_tokens: 30,
        cache_creation_input_tokens: null,
      }),
      text(0, "a"),
      ...end("end_turn", { input_tokens: 0, output_tokens: 9, cache_read_input_tokens: null }),
    ]);
    expect(answer.usage).toMatchObject({ input_tokens: 50, output_tokens: 9, cache_read_input_tokens: 30 });
  });

  it.each([null, {}, "none", { input_tokens: null, output_tokens: "9" }])(
    "counts are numbers although the provider sent %j",
    (usage) => {
      expect(seen([begin(usage), text(0, "a"), ...end("end_turn", usage)]).usage).toMatchObject({
        input_tokens: 0,
        output_tokens: 0,
      });
    },
  );
});

describe("whole answers", () => {
  const odd = {
    content: [
      null,
      { type: "text" },
      { type: "text", text: "cited", citations: [{ url: "u" }] },
      { type: "thinking", thinking: "hm" },
      { type: "tool_use", name: "A", input: { a: 1 } },
      { type: "server_tool_use", id: "s", name: "web_search", input: { q: 1 } },
      { type: "novelty", x: 1 },
    ],
    usage: null,
  };

  it("of odd blocks become a valid stream and a whole message alike", () => {
    const answer = accumulate(decodeWholeAsStream(anthropic, odd, { dialect: "anthropic" }));
    expect(problemsOf(answer.frames)).toEqual([]);
    expect(answer).toMatchObject({ text: "cited", thinking: "hm", stopReason: "tool_use" });
    expect(answer.tools[0]).toMatchObject({ name: "A", input: { a: 1 } });
    const whole = decodeWhole(anthropic, odd, { dialect: "anthropic" });
    expect(whole).toMatchObject({
      message: {
        content: [
          { type: "text", text: "cited", citations: [{ url: "u" }] },
          { type: "thinking", thinking: "hm" },
          { type: "tool_use", name: "A", input: { a: 1 } },
          { type: "server_tool_use", input: { q: 1 } },
          { type: "novelty", x: 1 },
        ],
        stop_reason: "tool_use",
        usage: { input_tokens: 0, output_tokens: 0 },
      },
    });
  });
});
