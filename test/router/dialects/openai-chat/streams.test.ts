import { describe, expect, test } from "vitest";
import { anthropic } from "../../../../src/router/dialects/anthropic/index.ts";
import { openaiChat } from "../../../../src/router/dialects/openai-chat/index.ts";
import { chatStream, chunk, received, usageChunk } from "../../../support/chat-sse.ts";
import { decodeWhole, dialectContext } from "../../../support/dialect-context.ts";
import { cutAt, everyByte } from "../../../support/rechunk.ts";

const hello = chunk({ content: "Hello" });

describe("an answer that fails half-way is not taken for one that ended", () => {
  test.each([
    ["an error in the place of a chunk", '{"error":{"message":"overheated","code":500}}', "api_error"],
    [
      "an error beside an empty choice",
      '{"error":{"message":"overheated","code":400},"choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}',
      "invalid_request_error",
    ],
    ["an error in words only", '{"error":"overheated"}', "api_error"],
    ["too many requests", '{"error":{"message":"overheated","code":429}}', "rate_limit_error"],
    [
      "an overloaded provider",
      '{"error":{"message":"overheated","type":"overloaded_error"}}',
      "overloaded_error",
    ],
  ])("%s", (_, data, type) => {
    const answer = received(chatStream([hello, `data: ${data}\n\n`]));
    expect(answer.text).toBe("Hello");
    expect(answer.error).toMatchObject({ type });
    expect(answer.error?.message).toContain("overheated");
    expect(answer.stopReason).toBeUndefined();
  });

  test.each(['{"error":{"message":"overheated"}}', '{"message":"overheated"}', "overheated"])(
    "an event named error: %s",
    (data) => {
      const answer = received(chatStream([hello, `event: error\ndata: ${data}\n\n`]));
      expect(answer.error?.message).toBe("overheated");
    },
  );

  test("a bare error line", () => {
    const answer = received(chatStream([hello, 'error: {"error":{"message":"overheated"}}\n\n'], ""));
    expect(answer.error?.message).toBe("overheated");
  });

  test("an error after the finish reason", () => {
    const answer = received(
      chatStream([hello, chunk({}, "length"), 'data: {"error":{"message":"overheated"}}\n\n']),
    );
    expect(answer.error?.message).toBe("overheated");
  });

  test("a finish reason that says error", () => {
    expect(received(chatStream([hello, chunk({}, "error")])).error?.type).toBe("api_error");
  });

  test("a connection that closes in the middle", () => {
    const answer = received(chatStream([hello], ""));
    expect(answer.error?.type).toBe("api_error");
    expect(answer.types.at(-1)).toBe("error");
  });

  test("a stream that holds nothing but [DONE]", () => {
    expect(received(chatStream([])).error?.type).toBe("api_error");
  });

  test("an event that is no JSON", () => {
    expect(received(chatStream([hello, "data: {broken\n\n"])).error?.message).toContain("not JSON");
  });

  test("a page of HTML with status 200", () => {
    const answer = received(Buffer.from("<html><title>Welcome to nginx</title><body>…</body></html>"));
    expect(answer.error?.message).toContain("Welcome to nginx");
    expect(answer.error?.message).not.toContain("<body>");
  });
});

describe("every way in which a stream may end", () => {
  test.each([
    ["a finish reason and [DONE]", [hello, chunk({}, "stop")], undefined],
    ["no [DONE]", [hello, chunk({}, "stop")], ""],
    ["no finish reason but [DONE]", [hello], undefined],
    ["a finish reason given twice", [hello, chunk({}, "stop"), chunk({}, "stop")], undefined],
    ["no blank line after the last event", [hello, chunk({}, "stop")], "data: [DONE]"],
  ])("%s", (_, chunks, end) => {
    const answer = received(chatStream(chunks, end));
    expect([answer.text, answer.stopReason]).toEqual(["Hello", "end_turn"]);
  });

  test.each([
    ["stop", "end_turn"],
    ["length", "max_tokens"],
    ["content_filter", "refusal"],
    ["a reason that is new", "end_turn"],
  ])("%s reads as %s", (finish, reason) => {
    expect(received(chatStream([hello, chunk({}, finish)])).stopReason).toBe(reason);
  });
});

describe("bytes may be cut anywhere", () => {
  test("JSON that is split over two reads does not end the session", () => {
    const bytes = chatStream([hello, chunk({ content: ", world" }, "stop")]);
    for (let at = 1; at < bytes.length; at += 3)
      expect(received(cutAt(bytes, [at])).text).toBe("Hello, world");
  });

  test("characters of several bytes are whole at every boundary", () => {
    expect(received(everyByte(chatStream([chunk({ content: "déjà 你好 👩‍💻" }, "stop")]))).text).toBe(
      "déjà 你好 👩‍💻",
    );
  });
});

describe("usage arrives", () => {
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 7,
    prompt_tokens_details: { cached_tokens: 80, cache_write_tokens: 5 },
  };
  const expected = {
    input_tokens: 15,
    output_tokens: 7,
    cache_read_input_tokens: 80,
    cache_creation_input_tokens: 5,
  };

  test("when its chunk shares a read with the finish reason, cached tokens counted once", () => {
    expect(received(chatStream([hello, chunk({}, "stop"), usageChunk(usage)])).usage).toMatchObject(expected);
  });

  test("when it comes with every chunk", () => {
    const early = { prompt_tokens: 100, completion_tokens: 1 };
    expect(
      received(chatStream([chunk({ content: "a" }, null, { usage: early }), chunk({}, "stop", { usage })]))
        .usage,
    ).toMatchObject(expected);
  });

  test("when a last usage of zeros follows", () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0 };
    expect(received(chatStream([hello, chunk({}, "stop", { usage }), usageChunk(zero)])).usage).toMatchObject(
      expected,
    );
  });

  test("when it stands inside of the choice, or at the top under other names", () => {
    const inChoice = {
      choices: [
        {
          index: 0,
          delta: {},
          finish_reason: "stop",
          usage: { prompt_tokens: 9, completion_tokens: 2, cached_tokens: 4 },
        },
      ],
    };
    expect(received(chatStream([hello, inChoice])).usage).toMatchObject({
      input_tokens: 5,
      cache_read_input_tokens: 4,
    });
    const deepseek = { prompt_tokens: 9, completion_tokens: 2, prompt_cache_hit_tokens: 4 };
    expect(received(chatStream([hello, chunk({}, "stop"), usageChunk(deepseek)])).usage).toMatchObject({
      input_tokens: 5,
    });
  });

  test("and is never below zero", () => {
    const odd = { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 30 } };
    expect(received(chatStream([hello, chunk({}, "stop"), usageChunk(odd)])).usage["input_tokens"]).toBe(0);
  });
});

describe("thinking", () => {
  test("is a block of its own before the text, and there is one message_start", () => {
    const answer = received(
      chatStream([
        chunk({ reasoning_content: "hm" }),
        chunk({ reasoning_content: "m", content: "Hi" }),
        chunk({}, "stop"),
      ]),
    );
    expect(answer.blocks.map((block) => [block.type, block.thinking + block.text])).toEqual([
      ["thinking", "hmm"],
      ["text", "Hi"],
    ]);
    expect(answer.types.filter((type) => type === "message_start")).toHaveLength(1);
  });

  test("that is sent in two fields at once is read once", () => {
    const delta = { reasoning: "hm", reasoning_details: [{ type: "reasoning.text", text: "hm" }] };
    expect(received(chatStream([chunk(delta), chunk({ content: "Hi" }, "stop")])).thinking).toBe("hm");
  });

  test("that comes as parts of the content is not mixed into the text", () => {
    const parts = [
      { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
      { type: "text", text: "Hi" },
    ];
    const answer = received(chatStream([chunk({ content: parts }, "stop")]));
    expect([answer.thinking, answer.text]).toEqual(["hm", "Hi"]);
  });

  test("of another provider does not break the conversation when it goes on at Anthropic", () => {
    const answer = decodeWhole(openaiChat, {
      choices: [{ message: { reasoning: "hm", content: "Hi" }, finish_reason: "stop" }],
    });
    if (!("message" in answer)) throw new Error(answer.failure.message);
    const request = {
      model: "claude-x",
      max_tokens: 9,
      messages: [{ role: "assistant" as const, content: answer.message.content }],
    };
    const body = String(anthropic.encode(request, dialectContext({ dialect: "anthropic" })).body);
    expect(body).not.toContain("hm");
    expect(body).toContain("Hi");
  });
});

describe("a text block is never empty", () => {
  test("empty and blank pieces around a tool call leave no text block, which would poison the conversation", () => {
    const call = { index: 0, id: "call_1", function: { name: "f", arguments: "{}" } };
    const answer = received(
      chatStream([
        chunk({ content: "" }),
        chunk({ content: "\n", tool_calls: [call] }),
        chunk({ content: "" }, "tool_calls"),
      ]),
    );
    expect(answer.blocks.map((block) => block.type)).toEqual(["tool_use"]);
  });

  test("but blank space before words is kept", () => {
    expect(received(chatStream([chunk({ content: "\n" }), chunk({ content: " Hi" }, "stop")])).text).toBe(
      "\n Hi",
    );
  });
});

test("a refusal in its own field is read, and the answer says that it is one", () => {
  const answer = received(
    chatStream([chunk({ refusal: "I " }), chunk({ refusal: "won't" }), chunk({}, "stop")]),
  );
  expect([answer.text, answer.stopReason]).toEqual(["I won't", "refusal"]);
});

test("of several choices the first is followed, and the others do not get mixed into it", () => {
  const other = { choices: [{ index: 1, delta: { content: "Bonjour" } }] };
  expect(received(chatStream([hello, other, chunk({}, "stop")])).text).toBe("Hello");
});

test("the id of each message is its own, also where a server always gives the same", () => {
  const ids = [1, 2].map(() => received(chatStream([hello, chunk({}, "stop")])).message?.["id"]);
  expect(new Set(ids).size).toBe(2);
});
