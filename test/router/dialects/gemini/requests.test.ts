import { describe, expect, test } from "vitest";
import type { ContentBlock, Message, Tool } from "../../../../src/protocol/anthropic.ts";
import {
  blocksOfStream,
  geminiStream,
  geminiThree,
  lastChunk,
  partsChunk,
  pathOf,
  sent,
} from "../../../support/gemini-sse.ts";

const user = (content: Message["content"]): Message => ({ role: "user", content });
const assistant = (content: Message["content"]): Message => ({ role: "assistant", content });
const use = (id: string, name: string, input: Record<string, unknown> = {}): ContentBlock => ({
  type: "tool_use",
  id,
  name,
  input,
});
const result = (id: string, content: string, more: object = {}): ContentBlock => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...more,
});

describe("where it goes", () => {
  test("the model stands in the path, and streams ask for events", () => {
    expect(pathOf({ model: "gemini-2.5-pro" })).toBe("/models/gemini-2.5-pro:streamGenerateContent?alt=sse");
    expect(pathOf({ model: "models/gemini-2.5-pro", stream: false })).toBe(
      "/models/gemini-2.5-pro:generateContent",
    );
    expect(pathOf({ model: "tunedModels/a b", stream: false })).toBe("/tunedModels/a%20b:generateContent");
  });
});

describe("function responses stand right after their calls", () => {
  test("in the order of the calls, before words, system messages and images of the same turn", () => {
    const { contents } = sent({
      messages: [
        user("go"),
        assistant([use("a", "Read"), use("b", "Bash")]),
        { role: "system", content: "be quick" },
        user([{ type: "text", text: "and?" }, result("b", "two"), result("a", "one", { is_error: true })]),
      ],
    });
    expect(contents.map((content) => content.role)).toEqual(["user", "model", "user"]);
    expect(contents[2]!.parts).toEqual([
      { functionResponse: { id: "a", name: "Read", response: { error: "one" } } },
      { functionResponse: { id: "b", name: "Bash", response: { output: "two" } } },
      { text: "<system-reminder>\nbe quick\n</system-reminder>" },
      { text: "and?" },
    ]);
  });

  test("a call without a result gets one that says so, and a result without a call becomes words", () => {
    const { contents } = sent({
      messages: [user("go"), assistant([use("a", "Read")]), user([result("other", "Sunny")])],
    });
    expect(contents[2]!.parts).toEqual([
      { functionResponse: { id: "a", name: "Read", response: { error: "The call has no result." } } },
      { text: "[result of a tool call that is not shown]\nSunny" },
    ]);
  });

  test("an image in a result stands inside of the response for Gemini 3, and beside it before", () => {
    const image = {
      type: "image" as const,
      source: { type: "base64" as const, media_type: "image/png", data: "QUFB" },
    };
    const messages = [
      user("go"),
      assistant([use("a", "Shot")]),
      user([
        {
          type: "tool_result" as const,
          tool_use_id: "a",
          content: [{ type: "text" as const, text: "see" }, image],
        },
      ]),
    ];
    const blob = { inlineData: { mimeType: "image/png", data: "QUFB" } };
    expect(sent({ messages }).contents[2]!.parts).toEqual([
      { functionResponse: { id: "a", name: "Shot", response: { output: "see" }, parts: [blob] } },
    ]);
    expect(sent({ messages }, { model: "gemini-2.5-pro" }).contents[2]!.parts.slice(1)).toEqual([
      { text: "[attachment of the result of Shot]" },
      blob,
    ]);
  });

  test("Vertex gets no ids", () => {
    const { contents } = sent(
      { messages: [user("go"), assistant([use("a", "Read")]), user([result("a", "x")])] },
      { quirks: { noToolCallIds: true } },
    );
    expect(JSON.stringify(contents)).not.toContain('"id"');
  });

  test("user and model alternate, a user begins and ends, and nothing empty is sent", () => {
    const { contents } = sent({
      messages: [
        assistant("I was here first."),
        user(""),
        assistant([{ type: "thinking", thinking: "of another model", signature: "claude" }]),
        assistant("b"),
      ],
    });
    expect(contents.map((content) => content.role)).toEqual(["user", "model", "user"]);
    expect(contents[1]!.parts).toEqual([{ text: "I was here first." }, { text: "b" }]);
    expect(JSON.stringify(contents)).not.toContain("of another model");
  });
});

describe("thought signatures", () => {
  const signed = [
    partsChunk([{ text: "Let me see.", thought: true }]),
    partsChunk([
      { functionCall: { id: "g1", name: "Read", args: { path: "/a" } }, thoughtSignature: "sig+/=" },
    ]),
    partsChunk([{ functionCall: { id: "g2", name: "Read", args: { path: "/b" } } }]),
    lastChunk(),
  ];
  const history = (content: ContentBlock[]): Message[] => [
    user("go"),
    assistant(content),
    user(content.flatMap((block) => (block.type === "tool_use" ? [result(block.id, "ok")] : []))),
  ];
  const content = blocksOfStream([geminiStream(signed)]);

  test("come back on the call that they came with, with the calls as they were", () => {
    expect(sent({ messages: history(content) }).contents[1]!.parts).toEqual([
      { functionCall: { id: "g1", name: "Read", args: { path: "/a" } }, thoughtSignature: "sig+/=" },
      { functionCall: { id: "g2", name: "Read", args: { path: "/b" } } },
    ]);
  });

  test("do so without any thoughts, too", () => {
    const silent = blocksOfStream([geminiStream(signed.slice(1))]);
    expect(silent.map((block) => block.type)).toEqual(["thinking", "tool_use", "tool_use"]);
    expect(sent({ messages: history(silent) }).contents[1]!.parts[0]!.thoughtSignature).toBe("sig+/=");
  });

  test("on thoughts and between text and a call come back in their places", () => {
    const mixed = blocksOfStream([
      geminiStream([
        partsChunk([{ text: "Deep.", thought: true, thoughtSignature: "s1" }]),
        partsChunk([{ text: "I read." }, { text: "", thoughtSignature: "s2" }]),
        partsChunk([{ functionCall: { name: "Read", args: {} }, thoughtSignature: "s3" }]),
        lastChunk(),
      ]),
    ]);
    const { parts } = sent({ messages: history(mixed) }).contents[1]!;
    expect(parts.slice(0, 3)).toEqual([
      { text: "Deep.", thought: true, thoughtSignature: "s1" },
      { text: "I read." },
      { text: "", thoughtSignature: "s2" },
    ]);
    expect(parts[3]).toMatchObject({ functionCall: { name: "Read" }, thoughtSignature: "s3" });
  });

  test("of another model are not sent; the documented word stands in their place where Gemini 3 asks for one", () => {
    const other = sent({ messages: history(content) }, { model: "gemini-3.1-flash-lite" }).contents[1]!.parts;
    expect(other.map((part) => part.thoughtSignature)).toEqual([
      "skip_thought_signature_validator",
      undefined,
    ]);
    const claude = sent({ messages: history([use("toolu_1", "Read")]) }).contents[1]!.parts;
    expect(claude[0]!.thoughtSignature).toBe("skip_thought_signature_validator");
    const second = sent({ messages: history(content) }, { model: "gemini-2.5-flash" }).contents[1]!.parts;
    expect(second.map((part) => part.thoughtSignature)).toEqual([undefined, undefined]);
  });
});

describe("thinking", () => {
  const config = (model: string, request: object): unknown =>
    sent(request, { model }).generationConfig["thinkingConfig"];
  const enabled = (budget_tokens: number) => ({ thinking: { type: "enabled", budget_tokens } });
  const off = { thinking: { type: "disabled" } };

  test.each([
    ["gemini-2.5-flash", enabled(5000), { includeThoughts: true, thinkingBudget: 5000 }],
    ["gemini-2.5-flash", enabled(99_999), { includeThoughts: true, thinkingBudget: 24_576 }],
    ["gemini-2.5-flash-lite", enabled(100), { includeThoughts: true, thinkingBudget: 512 }],
    ["gemini-2.5-flash", off, { thinkingBudget: 0 }],
    ["gemini-2.5-pro", off, { thinkingBudget: 128 }],
    ["gemini-2.5-pro", { thinking: { type: "adaptive" } }, { includeThoughts: true, thinkingBudget: -1 }],
    [geminiThree, enabled(30_000), { includeThoughts: true, thinkingLevel: "high" }],
    [geminiThree, off, { thinkingLevel: "low" }],
    ["gemini-3-flash-preview", off, { thinkingLevel: "minimal" }],
    ["gemini-3.8-flash", off, { thinkingLevel: "low" }],
    ["gemini-flash-latest", off, { thinkingLevel: "low" }],
    ["gemini-3.5-flash-lite", off, { thinkingLevel: "minimal" }],
    [
      "gemini-3.1-pro-preview",
      { thinking: { type: "adaptive" }, output_config: { effort: "medium" } },
      { includeThoughts: true, thinkingLevel: "medium" },
    ],
    [
      "gemini-3.1-pro-preview",
      { thinking: { type: "adaptive", display: "omitted" }, output_config: { effort: "max" } },
      { thinkingLevel: "high" },
    ],
    ["gemini-3.1-pro-preview", {}, undefined],
    ["gemini-2.0-flash", enabled(5000), undefined],
  ])("%s for %j is asked for %j", (model, request, expected) => {
    expect(config(model, request)).toEqual(expected);
  });
});

describe("tools", () => {
  const tool = (name: string): Tool => ({ name, description: "d", input_schema: { type: "object" } });

  test.each([
    [{ type: "any" as const }, { mode: "ANY" }],
    [{ type: "none" as const }, { mode: "NONE" }],
    [
      { type: "tool" as const, name: "B" },
      { mode: "ANY", allowedFunctionNames: ["B"] },
    ],
    [{ type: "auto" as const }, undefined],
    [{ type: "tool" as const, name: "gone" }, undefined],
  ])("the choice %j becomes %j", (tool_choice, expected) => {
    const body = sent({ tools: [tool("A"), tool("B")], tool_choice });
    expect(body.toolConfig?.functionCallingConfig).toEqual(expected);
  });

  test("a function that takes nothing has no parameters: an object without properties is refused", () => {
    expect(sent({ tools: [tool("A")] }).tools).toEqual([
      { functionDeclarations: [{ name: "A", description: "d" }] },
    ]);
  });

  test("a name longer than 64 characters is the same in the declaration, the choice, the history and its result", () => {
    const name = `mcp__${"long_".repeat(20)}`;
    const body = sent({
      tools: [tool(name)],
      tool_choice: { type: "tool", name },
      messages: [user("go"), assistant([use("a", name)]), user([result("a", "x")])],
    });
    const short = body.tools![0]!.functionDeclarations![0]!.name;
    expect(short.length).toBeLessThanOrEqual(64);
    expect(body.toolConfig?.functionCallingConfig?.allowedFunctionNames).toEqual([short]);
    expect(body.contents[1]!.parts[0]!.functionCall?.name).toBe(short);
    expect(body.contents[2]!.parts[0]!.functionResponse?.name).toBe(short);
  });
});

describe("files", () => {
  test("images and PDF are sent as they are, text documents as text", () => {
    const { contents } = sent({
      messages: [
        user([
          { type: "image", source: { type: "base64", media_type: "image/webp", data: "QQ==" } },
          { type: "document", source: { type: "base64", media_type: "application/pdf", data: "Qg==" } },
          { type: "document", title: "Notes", source: { type: "text", data: "words" } },
          { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
          { type: "image", source: { type: "base64", media_type: "image/gif", data: "QQ==" } },
        ]),
      ],
    });
    expect(contents[0]!.parts).toEqual([
      { inlineData: { mimeType: "image/webp", data: "QQ==" } },
      { inlineData: { mimeType: "application/pdf", data: "Qg==" } },
      { text: "Notes\nwords" },
      { fileData: { fileUri: "https://example.com/a.png", mimeType: "image/png" } },
      { text: "[An image of the type image/gif, left out: this model does not take it]" },
    ]);
  });
});

describe("the rest of the request", () => {
  test("limits, sampling and stop sequences reach Google under its names", () => {
    const { generationConfig } = sent(
      {
        max_tokens: 99_999,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 7,
        stop_sequences: ["a", "b", "c", "d", "e", "f"],
      },
      { info: { maxOutput: 65_536 } },
    );
    expect(generationConfig).toEqual({
      maxOutputTokens: 65_536,
      temperature: 0.5,
      topP: 0.9,
      topK: 7,
      stopSequences: ["a", "b", "c", "d", "e"],
    });
  });

  test("what only Anthropic knows is not sent, and the billing line neither", () => {
    const body = sent({
      system: [
        { type: "text", text: "x-anthropic-billing-header: cch=1;" },
        { type: "text", text: "You help.", cache_control: { type: "ephemeral" } },
      ],
      metadata: { user_id: "u" },
      context_management: { edits: [] },
    });
    expect(Object.keys(body).toSorted()).toEqual(["contents", "generationConfig", "systemInstruction"]);
    expect(body.systemInstruction).toEqual({ parts: [{ text: "You help." }] });
  });

  test("an answer in JSON is asked for with its schema", () => {
    const format = {
      type: "json_schema",
      schema: {
        type: "object",
        properties: { a: { type: ["string", "null"] } },
        additionalProperties: false,
      },
    };
    expect(sent({ output_config: { format } }).generationConfig).toMatchObject({
      responseMimeType: "application/json",
      responseSchema: { type: "object", properties: { a: { type: "string", nullable: true } } },
    });
  });

  test("fields of the user's own are added, those inside of generationConfig too", () => {
    const safetySettings = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }];
    const body = sent(
      { temperature: 1 },
      {
        quirks: { extraBody: { safetySettings, generationConfig: { seed: 1 } }, dropFields: ["temperature"] },
      },
    );
    expect(body["safetySettings"]).toEqual(safetySettings);
    expect(body.generationConfig).toEqual({ maxOutputTokens: 1024, seed: 1 });
  });
});
