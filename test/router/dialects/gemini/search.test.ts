import { describe, expect, test } from "vitest";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import { citedText } from "../../../../src/router/dialects/gemini/grounding.ts";
import { gemini } from "../../../../src/router/dialects/gemini/index.ts";
import { decodeWhole } from "../../../support/dialect-context.ts";
import {
  blocksOfStream,
  geminiStream,
  lastChunk,
  partsChunk,
  received,
  sent,
} from "../../../support/gemini-sse.ts";

/** As the client sends it. */
const request: MessagesRequest = {
  model: "m",
  max_tokens: 100,
  messages: [{ role: "user", content: "Perform a web search for the query: ruby" }],
  tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
  tool_choice: { type: "tool", name: "web_search" },
};
const read = { name: "Read", input_schema: { type: "object" } };

const text = "Rübe 4 is new. It is fast.";
const groundingMetadata = {
  webSearchQueries: ["ruby", "ruby news"],
  groundingChunks: [
    { web: { uri: "https://a.example/1", title: "a.example" } },
    { web: { uri: "https://b.example/2" } },
  ],
  groundingSupports: [
    // Bytes: the ü has two.
    { segment: { startIndex: 16, endIndex: 27, text: "It is fast." }, groundingChunkIndices: [0, 1] },
    { segment: { endIndex: 15, text: "Rübe 4 is new." }, groundingChunkIndices: [0] },
  ],
};
const stream = geminiStream([
  partsChunk([{ text: "Let me search.", thought: true }]),
  partsChunk([{ text: text.slice(0, 9) }]),
  partsChunk([{ text: text.slice(9) }]),
  lastChunk("STOP", { groundingMetadata }),
]);

describe("the client's web search", () => {
  test("becomes Google's, and a function that only has the name stays a function", () => {
    expect(sent(request).tools).toEqual([{ googleSearch: {} }]);
    expect(sent(request).toolConfig).toBeUndefined();
    expect(sent({ tools: [{ name: "web_search", input_schema: {} }] }).tools).toEqual([
      { functionDeclarations: [{ name: "web_search", description: "" }] },
    ]);
  });

  test("stands beside functions for Gemini 3; before it the functions stay, unless the search is chosen", () => {
    const both = { tools: [...request.tools!, read] };
    expect(sent(both)).toMatchObject({
      tools: [{ functionDeclarations: [{ name: "Read" }] }, { googleSearch: {} }],
      toolConfig: { includeServerSideToolInvocations: true },
    });
    const older = { model: "gemini-2.5-flash" };
    expect(sent(both, older).tools).toEqual([{ functionDeclarations: [{ name: "Read", description: "" }] }]);
    expect(sent({ ...both, tool_choice: request.tool_choice! }, older).tools).toEqual([{ googleSearch: {} }]);
  });

  test("comes back as search, results, and text with citations, in this order", () => {
    const answer = received(stream, { request });
    expect(answer.blocks.map((block) => block.type)).toEqual([
      "thinking",
      "server_tool_use",
      "web_search_tool_result",
      "text",
      "text",
    ]);
    const [, search, results] = answer.blocks;
    expect(search!.input).toEqual({ query: "ruby; ruby news" });
    expect(results!.start).toMatchObject({
      tool_use_id: search!.id,
      content: [
        { type: "web_search_result", url: "https://a.example/1", title: "a.example" },
        { type: "web_search_result", url: "https://b.example/2", title: "https://b.example/2" },
      ],
    });
    expect(answer.text).toBe(text);
    expect(answer.usage["server_tool_use"]).toEqual({ web_search_requests: 2 });
    expect(answer.stopReason).toBe("end_turn");
  });

  test("has its citations on the words that they are for", () => {
    const blocks = blocksOfStream([stream], { request });
    const cited = blocks
      .filter((block) => block.type === "text")
      .map((block) => [block.text, block.citations?.map((one) => (one as { url: string }).url)]);
    expect(cited).toEqual([
      ["Rübe 4 is new. ", ["https://a.example/1"]],
      ["It is fast.", ["https://a.example/1", "https://b.example/2"]],
    ]);
  });

  test("in a whole answer is the same", () => {
    const body = partsChunk([{ text }], { finishReason: "STOP", groundingMetadata });
    const whole = decodeWhole(gemini, body, { request, dialect: "gemini", model: "gemini-2.5-flash" });
    expect(whole).toMatchObject({
      message: {
        content: [
          { type: "server_tool_use", input: { query: "ruby; ruby news" } },
          { type: "web_search_tool_result" },
          { type: "text" },
          { type: "text" },
        ],
      },
    });
  });

  test("that was not needed leaves the answer as it is", () => {
    const answer = received(geminiStream([partsChunk([{ text: "4" }]), lastChunk()]), { request });
    expect(answer.blocks.map((block) => [block.type, block.text])).toEqual([["text", "4"]]);
  });

  test("of Google's own beside a function goes back as it came, and the results are not told twice", () => {
    const both = { ...request, tools: [...request.tools!, read], tool_choice: { type: "auto" as const } };
    const own = [
      {
        toolCall: { id: "t1", toolType: "GOOGLE_SEARCH_WEB", args: { queries: ["x"] } },
        thoughtSignature: "s1",
      },
      {
        toolResponse: { id: "t1", toolType: "GOOGLE_SEARCH_WEB", response: { a: 1 } },
        thoughtSignature: "s2",
      },
    ];
    const content = blocksOfStream(
      [
        geminiStream([
          partsChunk(own),
          partsChunk([{ text: "It is." }]),
          lastChunk("STOP", { groundingMetadata }),
        ]),
      ],
      { request: both },
    );
    const { contents } = sent({
      ...both,
      messages: [
        { role: "user", content: "x?" },
        { role: "assistant", content },
        { role: "user", content: "sure?" },
      ],
    });
    expect(contents[1]!.parts).toEqual([...own, { text: "It is." }]);
  });
});

describe("a search that is to keep to some sites, for which Google has no field", () => {
  const asked = (fields: object): MessagesRequest => ({
    ...request,
    tools: [{ ...request.tools![0]!, ...fields }],
  });
  const told = (fields: object): string => JSON.stringify(sent(asked(fields)).systemInstruction ?? "");

  test("is asked for in words, and by no field that Google would refuse", () => {
    expect(told({ allowed_domains: ["a.example"] })).toContain("site: in the query");
    expect(told({ blocked_domains: ["b.example/x"], max_uses: 2 })).toMatch(
      /no page of b\.example\/x.*at most 2 times/,
    );
    expect(told({})).toBe('""');
    expect(sent(asked({ allowed_domains: ["a.example"], max_uses: 1 })).tools).toEqual([
      { googleSearch: {} },
    ]);
  });

  const shown = (fields: object, chunks: object[] = groundingMetadata.groundingChunks): unknown[] => {
    const metadata = { ...groundingMetadata, groundingChunks: chunks };
    const found = geminiStream([partsChunk([{ text }]), lastChunk("STOP", { groundingMetadata: metadata })]);
    const answer = received(found, { request: asked(fields) });
    expect(answer.text).toBe(text);
    const results = answer.blocks.find((block) => block.type === "web_search_tool_result")!.start;
    const cited = blocksOfStream([found], { request: asked(fields) }).flatMap((block) =>
      block.type === "text" ? (block.citations ?? []) : [],
    );
    const titles = (results["content"] as { title: string }[]).map(({ title }) => title);
    return [titles, new Set(cited.map((one) => (one as { url: string }).url)).size];
  };

  test("shows no source of another, and cites none", () => {
    expect(shown({})).toEqual([["a.example", "https://b.example/2"], 2]);
    expect(shown({ allowed_domains: ["a.example"] })).toEqual([["a.example"], 1]);
    expect(shown({ blocked_domains: ["a.example"] })).toEqual([["https://b.example/2"], 1]);
  });

  test("knows the sites behind Google's own addresses", () => {
    const redirect = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/";
    const chunks = ["docs.a.example", "b.example"].map((title) => ({
      web: { uri: redirect + title, title },
    }));
    expect(shown({ allowed_domains: ["a.example/docs"] }, chunks)).toEqual([["docs.a.example"], 1]);
    expect(shown({ blocked_domains: ["a.example/docs"] }, chunks)).toEqual([
      ["docs.a.example", "b.example"],
      2,
    ]);
    expect(shown({ blocked_domains: ["a.example"] }, chunks)).toEqual([["b.example"], 1]);
  });
});

test("citations that point beside the text, or at nothing, are left out and lose no word", () => {
  const support = (segment: object, groundingChunkIndices: number[]) => ({ segment, groundingChunkIndices });
  const pieces = citedText("one two", {
    groundingChunks: [{ web: { uri: "https://a.example" } }, {}],
    groundingSupports: [
      support({ startIndex: 0, endIndex: 3, text: "two" }, [0]),
      support({ startIndex: 4, endIndex: 70, text: "two" }, [0]),
      support({ startIndex: 0, endIndex: 3, text: "one" }, [1, 9]),
      support({ startIndex: 4, endIndex: 7, text: "two" }, [0]),
    ],
  });
  expect(pieces.map(({ text: said, sources }) => [said, sources.length])).toEqual([
    ["one ", 0],
    ["two", 1],
  ]);
});
