import { describe, expect, test } from "vitest";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import { gemini } from "../../../../src/router/dialects/gemini/index.ts";
import { decodeWhole, dialectContext } from "../../../support/dialect-context.ts";
import { geminiStream, lastChunk, partsChunk, received } from "../../../support/gemini-sse.ts";
import { everyByte } from "../../../support/rechunk.ts";

const types = (answer: ReturnType<typeof received>): string[] => answer.blocks.map((block) => block.type);
const call = (name: string, args: Record<string, unknown> = {}, more: object = {}) => ({
  functionCall: { name, args, ...more },
});

describe("text and thoughts", () => {
  test("text is what is new in each chunk, also where the same words come twice", () => {
    const answer = received(
      geminiStream([partsChunk([{ text: "ha" }]), partsChunk([{ text: "ha" }]), lastChunk()]),
    );
    expect(answer.text).toBe("haha");
    expect(answer.stopReason).toBe("end_turn");
  });

  test("thoughts are thinking, and never stand in the text", () => {
    const answer = received(
      geminiStream([
        partsChunk([{ text: "I ", thought: true }]),
        partsChunk([{ text: "think.", thought: true }, { text: "Yes." }]),
        lastChunk(),
      ]),
    );
    expect(answer.thinking).toBe("I think.");
    expect(answer.text).toBe("Yes.");
    expect(types(answer)).toEqual(["thinking", "text"]);
  });

  test("an empty text with a signature signs the thoughts before it, and makes no block of its own", () => {
    const answer = received(
      geminiStream([
        partsChunk([{ text: "hm", thought: true }]),
        partsChunk([{ text: "", thoughtSignature: "s" }], { finishReason: "STOP" }),
      ]),
    );
    expect(types(answer)).toEqual(["thinking"]);
    expect(answer.blocks[0]!.signature).not.toBe("");
  });

  test("a signature after the last word leaves the text last: the client takes the last block for the answer", () => {
    const answer = received(
      geminiStream([
        partsChunk([{ text: "done" }]),
        partsChunk([{ text: "", thoughtSignature: "s" }], { finishReason: "STOP" }),
      ]),
    );
    expect(types(answer)).toEqual(["text"]);
  });

  test("white space before the first word stays with it, and alone is no block", () => {
    expect(
      received(geminiStream([partsChunk([{ text: "\n" }]), partsChunk([{ text: "a" }]), lastChunk()])).text,
    ).toBe("\na");
    expect(
      types(received(geminiStream([partsChunk([{ text: "\n\n" }, call("Read")]), lastChunk()]))),
    ).toEqual(["tool_use"]);
  });
});

describe("function calls", () => {
  test("calls of one name in separate chunks stay separate, whether their ids are missing, empty or equal", () => {
    for (const id of [{}, { id: "" }, { id: "same" }]) {
      const answer = received(
        geminiStream([
          partsChunk([call("get", { city: "Tokyo" }, id)]),
          partsChunk([call("get", { city: "Tokyo" }, id)]),
          lastChunk(),
        ]),
      );
      expect(answer.tools.map((tool) => tool.input)).toEqual([{ city: "Tokyo" }, { city: "Tokyo" }]);
      expect(new Set(answer.tools.map((tool) => tool.id)).size).toBe(2);
      expect(answer.stopReason).toBe("tool_use");
    }
  });

  test("arguments in pieces by path become one object", () => {
    const piece = (jsonPath: string, more: object, willContinue = true) =>
      partsChunk([{ functionCall: { partialArgs: [{ jsonPath, ...more }], willContinue } }]);
    const answer = received(
      everyByte(
        geminiStream([
          partsChunk([{ functionCall: { name: "Edit", willContinue: true } }]),
          piece("$.file", { stringValue: "/a", willContinue: true }),
          piece("$.file", { stringValue: "/b" }),
          piece("$.edits[0].line", { numberValue: 3 }),
          piece("$.edits[0].all", { boolValue: false }),
          piece("$.edits[1]['odd.name']", { nullValue: "NULL_VALUE" }),
          piece("$.__proto__.x", { stringValue: "own" }),
          partsChunk([{ functionCall: {} }]),
          partsChunk([call("Read", { path: "/c" })]),
          lastChunk(),
        ]),
      ),
    );
    expect(answer.tools.map((tool) => tool.name)).toEqual(["Edit", "Read"]);
    expect(JSON.stringify(answer.tools[0]!.input)).toBe(
      '{"file":"/a/b","edits":[{"line":3,"all":false},{"odd.name":null}],"__proto__":{"x":"own"}}',
    );
    expect(answer.tools[1]!.input).toEqual({ path: "/c" });
  });

  test("a call that is cut by the limit has no arguments: half of them would look meant", () => {
    const answer = received(
      geminiStream([
        partsChunk([{ functionCall: { name: "Write", willContinue: true } }]),
        partsChunk([
          { functionCall: { partialArgs: [{ jsonPath: "$.path", stringValue: "/a" }], willContinue: true } },
        ]),
        lastChunk("MAX_TOKENS"),
      ]),
    );
    expect(answer.tools.map((tool) => tool.input)).toEqual([{}]);
    expect(answer.stopReason).toBe("max_tokens");
  });

  test("a call whose end is missing is whole once the answer is", () => {
    const answer = received(
      geminiStream([
        partsChunk([{ functionCall: { name: "Read", willContinue: true } }]),
        partsChunk([
          { functionCall: { partialArgs: [{ jsonPath: "$.path", stringValue: "/a" }], willContinue: true } },
        ]),
        lastChunk(),
      ]),
    );
    expect(answer.tools.map((tool) => tool.input)).toEqual([{ path: "/a" }]);
  });

  test("a tool whose name was too long for Google comes back under the client's name", () => {
    const name = `mcp__${"x".repeat(80)}__tool`;
    const request: MessagesRequest = { model: "m", messages: [], tools: [{ name, input_schema: {} }] };
    const { body } = gemini.encode(request, dialectContext({ dialect: "gemini", request }));
    const sentName = (JSON.parse(String(body)) as { tools: { functionDeclarations: { name: string }[] }[] })
      .tools[0]!.functionDeclarations[0]!.name;
    expect(sentName).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/);
    const answer = received(geminiStream([partsChunk([call(sentName)]), lastChunk()]), { request });
    expect(answer.tools.map((tool) => tool.name)).toEqual([name]);
  });
});

describe("the end", () => {
  test.each([
    ["STOP", "end_turn"],
    ["MAX_TOKENS", "max_tokens"],
    ["SAFETY", "refusal"],
    ["RECITATION", "refusal"],
    ["PROHIBITED_CONTENT", "refusal"],
  ])("%s is %s", (reason, stop) => {
    expect(received(geminiStream([partsChunk([{ text: "a" }]), lastChunk(reason)])).stopReason).toBe(stop);
  });

  test("a prompt that a filter blocked is a refusal without a word", () => {
    const body = { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 4 } };
    const answer = received(geminiStream([body]));
    expect([answer.stopReason, answer.text, answer.usage["input_tokens"]]).toEqual(["refusal", "", 4]);
    expect(decodeWhole(gemini, body)).toMatchObject({ message: { stop_reason: "refusal", content: [] } });
  });

  test("a call that the model wrote wrong is an error that says so, no silent end", () => {
    const answer = received(
      geminiStream([
        partsChunk([], { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "bad call: x(" }),
      ]),
    );
    expect(answer.error?.message).toContain("MALFORMED_FUNCTION_CALL");
    expect(answer.error?.message).toContain("bad call: x(");
  });

  test("a stream without a finish reason was cut", () => {
    expect(received(geminiStream([partsChunk([{ text: "half a" }])])).error?.type).toBe("api_error");
  });

  test("an error in the middle of a stream is an error with the provider's words", () => {
    const error = { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } };
    const answer = received(geminiStream([partsChunk([{ text: "a" }]), error]));
    expect(answer.error).toEqual({ type: "overloaded_error", message: "The model is overloaded." });
    expect(answer.stopReason).toBeUndefined();
  });

  test("usage that comes after the finish reason counts, thoughts once, cached tokens not twice", () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 7,
      totalTokenCount: 112,
    };
    const answer = received(geminiStream([partsChunk([{ text: "a" }]), lastChunk(), { usageMetadata }]));
    expect(answer.usage).toMatchObject({
      input_tokens: 60,
      cache_read_input_tokens: 40,
      cache_creation_input_tokens: 0,
      output_tokens: 12,
    });
  });
});

describe("without alt=sse", () => {
  const list = [partsChunk([{ text: "Hé" }]), partsChunk([{ text: "llo" }]), lastChunk()];

  test("the JSON list of chunks is read, as a stream and as a whole answer", () => {
    const bytes = Buffer.from(JSON.stringify(list, undefined, 2));
    expect(received(everyByte(bytes)).text).toBe("Héllo");
    expect(decodeWhole(gemini, list)).toMatchObject({ message: { content: [{ text: "Héllo" }] } });
  });

  test("a list that holds an error is that error", () => {
    const body = [
      { error: { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED" } },
    ];
    expect(decodeWhole(gemini, body)).toMatchObject({ failure: { status: 429, type: "rate_limit_error" } });
  });
});

describe("errors", () => {
  test("a limit says when to come back", () => {
    const body = {
      error: {
        code: 429,
        message: "You exceeded your current quota, please check your plan and billing details.",
        status: "RESOURCE_EXHAUSTED",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "41.6s" }],
      },
    };
    expect(gemini.decodeError(429, {}, JSON.stringify(body))).toMatchObject({
      status: 429,
      type: "rate_limit_error",
      retryAfter: "42",
    });
  });

  test.each([
    ["API key not valid. Please pass a valid API key.", "authentication_error"],
    [
      "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
      "invalid_request_error",
    ],
  ])("400 with “%s” is %s", (message, type) => {
    const failure = gemini.decodeError(
      400,
      {},
      JSON.stringify({ error: { code: 400, message, status: "INVALID_ARGUMENT" } }),
    );
    expect(failure.type).toBe(type);
    if (type === "invalid_request_error") expect(failure.message).toMatch(/^prompt is too long/);
  });
});
