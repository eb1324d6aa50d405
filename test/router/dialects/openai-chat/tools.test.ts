import { describe, expect, test } from "vitest";
import { openaiChat } from "../../../../src/router/dialects/openai-chat/index.ts";
import { chatStream, chunk, received, sent } from "../../../support/chat-sse.ts";
import { decodeWhole } from "../../../support/dialect-context.ts";

type Piece = { index?: number; id?: string | null; name?: string | null; args?: unknown };

const piece = ({ index, id, name, args }: Piece): object => ({
  ...(index !== undefined && { index }),
  ...(id !== undefined && { id }),
  type: "function",
  function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
});

/** One chunk for each list of pieces. */
const toolStream = (lists: Piece[][], finish = "tool_calls"): Buffer =>
  chatStream([...lists.map((list) => chunk({ tool_calls: list.map(piece) })), chunk({}, finish)]);

const calls = (lists: Piece[][]): unknown[] =>
  received(toolStream(lists)).tools.map(({ name, input }) => [name, input]);

const ab = [
  ["a", { x: 1 }],
  ["b", { y: 2 }],
];

describe("parallel tool calls arrive, each with its arguments", () => {
  test.each<[string, Piece[][]]>([
    [
      "one after the other",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x"' }],
        [{ index: 0, args: ":1}" }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "interleaved",
      [
        [{ index: 0, id: "i1", name: "a", args: "" }],
        [{ index: 1, id: "i2", name: "b", args: '{"y"' }],
        [{ index: 0, args: '{"x":1}' }],
        [{ index: 1, args: ":2}" }],
      ],
    ],
    [
      "without an index",
      [
        [{ id: "i1", name: "a", args: '{"x"' }],
        [{ args: ":1}" }],
        [{ id: "i2", name: "b", args: '{"y"' }],
        [{ args: ":2}" }],
      ],
    ],
    [
      "without index and id",
      [[{ name: "a", args: '{"x"' }], [{ args: ":1}" }], [{ name: "b", args: '{"y":2}' }]],
    ],
    [
      "both of index 0",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x":1}' }],
        [{ index: 0, id: "i2", name: "b", args: '{"y"' }],
        [{ index: 0, args: ":2}" }],
      ],
    ],
    [
      "both in one chunk",
      [
        [
          { index: 0, id: "i1", name: "a", args: '{"x":1}' },
          { index: 1, id: "i2", name: "b", args: '{"y":2}' },
        ],
      ],
    ],
    [
      "both in one chunk, without an index",
      [
        [
          { id: "i1", name: "a", args: '{"x":1}' },
          { id: "i2", name: "b", args: '{"y":2}' },
        ],
      ],
    ],
    [
      "in pieces of both in each chunk, without an index",
      [
        [
          { id: "i1", name: "a", args: '{"x"' },
          { id: "i2", name: "b", args: '{"y"' },
        ],
        [{ args: ":1}" }, { args: ":2}" }],
      ],
    ],
    [
      "with one id for both",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x":1}' }],
        [{ index: 1, id: "i1", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with id and name repeated in each piece",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x"' }],
        [{ index: 0, id: "i1", name: "a", args: ":1}" }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with a new id in each piece",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x"' }],
        [{ index: 0, id: "i9", name: "a", args: ":1}" }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with id and name null later",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x"' }],
        [{ index: 0, id: null, name: null, args: ":1}" }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with the id late",
      [
        [{ index: 0, name: "a", args: '{"x"' }],
        [{ index: 0, id: "i1", args: ":1}" }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with the arguments first",
      [
        [{ index: 0, args: '{"x":1}' }],
        [{ index: 0, id: "i1", name: "a" }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with arguments as an object",
      [
        [{ index: 0, id: "i1", name: "a", args: { x: 1 } }],
        [{ index: 1, id: "i2", name: "b", args: { y: 2 } }],
      ],
    ],
    [
      "with arguments encoded twice",
      [
        [{ index: 0, id: "i1", name: "a", args: '"{\\"x\\":1}"' }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with the whole arguments once more at the end",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x":1}' }],
        [{ index: 0, args: '{"x":1}' }],
        [{ index: 1, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
    [
      "with a nameless call between them",
      [
        [{ index: 0, id: "i1", name: "a", args: '{"x":1}' }],
        [{ index: 1, name: "", args: "" }],
        [{ index: 2, id: "i2", name: "b", args: '{"y":2}' }],
      ],
    ],
  ])("%s", (_, lists) => {
    expect(calls(lists)).toEqual(ab);
    const ids = received(toolStream(lists)).tools.map((tool) => tool.id);
    expect(new Set(ids).size).toBe(2);
  });
});

describe("arguments", () => {
  test.each([
    ["", {}],
    ["{}", {}],
    ["null", {}],
    [" ", {}],
    ["not json", {}],
    ["[1]", {}],
  ])("%j reads as an object", (args, input) => {
    expect(calls([[{ index: 0, id: "i1", name: "a", args }]])).toEqual([["a", input]]);
  });

  test("that max_tokens cuts off leave a call that cannot be run by mistake", () => {
    const answer = received(
      toolStream(
        [[{ index: 0, id: "i1", name: "Write", args: '{"file_path":"/a","content":"half of' }]],
        "length",
      ),
    );
    expect(answer.stopReason).toBe("max_tokens");
    expect(answer.tools[0]?.input).toEqual({ file_path: null, content: null });
  });

  test("that turn out to be no JSON fail the answer, as they cannot be taken back", () => {
    const answer = received(
      toolStream([[{ index: 0, id: "i1", name: "a", args: "{'x'" }], [{ index: 0, args: ": 1}" }]]),
    );
    expect(answer.error?.message).toContain("the tool call a");
  });

  test("reach the client while they are written", () => {
    const bytes = toolStream([
      [{ index: 0, id: "i1", name: "a", args: '{"x"' }],
      [{ index: 0, args: ":1}" }],
    ]);
    const deltas = received(bytes).frames.filter((frame) => frame.event === "content_block_delta");
    expect(deltas.map((frame) => (frame.data["delta"] as { partial_json: string }).partial_json)).toEqual([
      '{"x"',
      ":1}",
    ]);
  });

  test("of a second call are passed on as they come too, once the first is whole", () => {
    const bytes = toolStream([
      [{ index: 0, id: "i1", name: "a", args: '{"x":1}' }],
      [{ index: 1, id: "i2", name: "b", args: '{"y"' }],
      [{ index: 1, args: ":2}" }],
    ]);
    const deltas = received(bytes).frames.filter((frame) => frame.event === "content_block_delta");
    expect(deltas).toHaveLength(3);
  });
});

describe("text beside tool calls", () => {
  const call = piece({ index: 0, id: "i1", name: "a", args: '{"x"' });

  test("in the middle of the arguments cuts nothing: it waits for their end", () => {
    const answer = received(
      chatStream([
        chunk({ tool_calls: [call] }),
        chunk({ content: "so" }),
        chunk({ tool_calls: [piece({ index: 0, args: ":1}" })] }),
        chunk({}, "tool_calls"),
      ]),
    );
    expect(answer.tools[0]?.input).toEqual({ x: 1 });
    expect(answer.text).toBe("so");
  });

  test("after whole arguments goes on at once", () => {
    const answer = received(
      chatStream([
        chunk({ tool_calls: [call] }),
        chunk({ content: "\nOkay", tool_calls: [piece({ index: 0, args: ":1}" })] }),
        chunk({}, "stop"),
      ]),
    );
    expect(answer.blocks.map((block) => block.type)).toEqual(["tool_use", "text"]);
    expect(answer.stopReason).toBe("tool_use");
  });
});

test("a call is run even where the provider says stop, and with a call and its finish in one chunk", () => {
  const bytes = chatStream([
    chunk({ tool_calls: [piece({ index: 0, id: "i1", name: "a", args: '{"x":1}' })] }, "stop"),
  ]);
  expect(received(bytes)).toMatchObject({ stopReason: "tool_use", tools: [{ name: "a", input: { x: 1 } }] });
});

describe("ids of tool calls", () => {
  const idsBack = (id: string, quirks = {}): [string, string] => {
    const answer = decodeWhole(openaiChat, {
      choices: [{ message: { tool_calls: [{ id, function: { name: "f", arguments: "{}" } }] } }],
    });
    if (!("message" in answer)) throw new Error(answer.failure.message);
    const [block] = answer.message.content;
    if (block?.type !== "tool_use") throw new Error("no call came out");
    const { messages } = sent(
      {
        messages: [
          { role: "assistant", content: [block] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: block.id, content: "ok" }] },
        ],
      },
      { quirks },
    );
    const [assistant, result] = messages;
    if (assistant?.role !== "assistant" || result?.role !== "tool") throw new Error("wrong roles");
    expect(result.tool_call_id).toBe(assistant.tool_calls?.[0]?.id);
    return [block.id, result.tool_call_id];
  };

  test.each(["call_abc", "functions.Bash:0", "0", `call_${"x".repeat(90)}`, "sy_0123abcd_f-2e-x"])(
    "%s comes back to the provider as it was",
    (id) => {
      const [client, back] = idsBack(id);
      expect(back).toBe(id);
      expect(client).toMatch(/^[a-zA-Z0-9_-]+$/);
    },
  );

  test.each(["functions.Bash:0", "0"])(
    "that a server counts anew in each turn are not the same to the client (%s)",
    (id) => {
      expect(idsBack(id)[0]).not.toBe(idsBack(id)[0]);
    },
  );

  test("are mapped for a provider that takes nine letters and digits, the same way for call and result", () => {
    const [, back] = idsBack("toolu_01ABCDEF", { toolIdLength: 9, toolIdAlphanumeric: true });
    expect(back).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(idsBack("abcDEF123", { toolIdLength: 9, toolIdAlphanumeric: true })[1]).toBe("abcDEF123");
  });
});
