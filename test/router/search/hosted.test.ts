/** Searches that a provider of OpenAI's Chat form runs by itself, in the form that each has for them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Quirks } from "../../../src/config/types.ts";
import { openaiChat } from "../../../src/router/dialects/openai-chat/index.ts";
import type { MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { accumulate, type Accumulated } from "../../support/accumulate.ts";
import { decodeStreamed, decodeWhole, dialectContext } from "../../support/dialect-context.ts";
import { withFolder } from "../../support/data-folders.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { startProvider, type Script } from "../../support/provider/server.ts";
import { testRouter } from "../../support/router.ts";
import { asked, searchRequest, streamed } from "../../support/search-turn.ts";
import { framesOf, problemsOf } from "../../support/validate-anthropic-stream.ts";

closeAfterEach();

const bash = { name: "Bash", input_schema: { type: "object", properties: {} } };
const request = (search: object = {}, more: Partial<MessagesRequest> = {}): MessagesRequest => ({
  model: "claude-sonnet-4-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "look" }],
  tools: [bash, { type: "web_search_20250305", name: "web_search", max_uses: 8, ...search }],
  ...more,
});

const sent = (asked: MessagesRequest, quirks: Quirks): Record<string, unknown> => {
  const { body } = openaiChat.encode(asked, dialectContext({ quirks, request: asked }));
  return JSON.parse(String(body)) as Record<string, unknown>;
};
const typesOf = (tools: unknown): string[] => (tools as { type: string }[]).map(({ type }) => type);

const chunk = (delta: object, more: object = {}): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ model: "m", choices: [{ index: 0, delta }], ...more })}\n\n`);
const end = (usage: object = {}): Buffer[] => [
  Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`),
  Buffer.from(
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 3, ...usage } })}\n\n`,
  ),
  Buffer.from("data: [DONE]\n\n"),
];

const read = (chunks: readonly Buffer[], quirks: Quirks, search = request()): Accumulated => {
  const text = decodeStreamed(openaiChat, chunks, { quirks, request: search });
  expect(problemsOf(framesOf(text))).toEqual([]);
  return accumulate(text);
};
const citationsOf = (answer: Accumulated): { index: unknown; url: string; cited: string }[] =>
  answer.frames.flatMap(({ data }) => {
    const delta = data["delta"] as { citation?: { url: string; cited_text: string } } | undefined;
    return delta?.citation === undefined
      ? []
      : [{ index: data["index"], url: delta.citation.url, cited: delta.citation.cited_text }];
  });
const found = (answer: Accumulated): string[] =>
  answer.blocks
    .filter(({ type }) => type === "web_search_tool_result")
    .flatMap(({ start }) => (start["content"] as { url: string }[]).map(({ url }) => url));

const annotation = (url: string, more: object = {}): object => ({
  type: "url_citation",
  url_citation: { url, title: "Page", content: "What it says.", start_index: 0, end_index: 0, ...more },
});

describe("OpenRouter", () => {
  const quirks: Quirks = { webSearch: "openrouter" };

  test("is asked by its own server tool, with domains and place", () => {
    const place = { type: "approximate", city: "Lyon", country: "FR" };
    const body = sent(request({ allowed_domains: ["example.com"], user_location: place }), quirks);
    expect((body["tools"] as object[])[1]).toEqual({
      type: "openrouter:web_search",
      parameters: {
        max_uses: 8,
        allowed_domains: ["example.com"],
        user_location: { type: "approximate", city: "Lyon", country: "FR" },
      },
    });
    const blocked = sent(request({ blocked_domains: ["spam.example"] }), quirks);
    expect((blocked["tools"] as { parameters: object }[])[1]!.parameters).toMatchObject({
      excluded_domains: ["spam.example"],
    });
    expect(typesOf(sent(request({}, { tools: [bash] }), quirks)["tools"])).toEqual(["function"]);
    expect(typesOf(sent(request({}, { tool_choice: { type: "none" } }), quirks)["tools"])).toEqual([
      "function",
    ]);
  });

  test("its annotations become results before the text, wherever they come, and citations where they stand", () => {
    const answer = read(
      [
        chunk({ content: "Rust is " }),
        chunk({ content: "fast. Go is not." }),
        chunk({ annotations: [annotation("https://a.example/", { start_index: 0, end_index: 13 })] }),
        chunk({ annotations: [annotation("https://b.example/", { start_index: 14, end_index: 24 })] }),
        ...end({ server_tool_use: { web_search_requests: 2 } }),
      ],
      quirks,
    );
    expect(answer.blocks.map(({ type }) => type)).toEqual([
      "server_tool_use",
      "web_search_tool_result",
      "text",
      "text",
    ]);
    expect(found(answer)).toEqual(["https://a.example/", "https://b.example/"]);
    expect(answer.text).toBe("Rust is fast. Go is not.");
    expect(citationsOf(answer)).toEqual([
      { index: 2, url: "https://a.example/", cited: "What it says." },
      { index: 3, url: "https://b.example/", cited: "What it says." },
    ]);
    expect(answer.usage["server_tool_use"]).toEqual({ web_search_requests: 2 });
  });

  test("sources without a place are cited where the text names them", () => {
    const answer = read(
      [
        chunk({
          content: "See https://a.example/x",
          annotations: [annotation("https://a.example/x"), annotation("https://b.example/")],
        }),
        ...end(),
      ],
      quirks,
    );
    expect(found(answer)).toEqual(["https://a.example/x", "https://b.example/"]);
    expect(citationsOf(answer).map(({ url }) => url)).toEqual(["https://a.example/x"]);
    expect(answer.usage["server_tool_use"]).toEqual({ web_search_requests: 1 });
  });

  test("an answer without a search is an answer, and a call of a tool stays one", () => {
    const plain = read([chunk({ content: "No need." }), ...end()], quirks);
    expect(plain.blocks.map(({ type }) => type)).toEqual(["text"]);
    expect(plain.usage["server_tool_use"]).toBeUndefined();
    const call = { index: 0, id: "c", function: { name: "Bash", arguments: "{}" } };
    const mixed = read([chunk({ content: "I run it." }), chunk({ tool_calls: [call] }), ...end()], quirks);
    expect(mixed.blocks.map(({ type }) => type)).toEqual(["text", "tool_use"]);
  });

  test("a whole answer says the same", () => {
    const body = {
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          message: { content: "See https://a.example/", annotations: [annotation("https://a.example/")] },
        },
      ],
    };
    const whole = decodeWhole(openaiChat, body, { quirks, request: request() });
    const { content } = (whole as { message: { content: { type: string; citations?: object[] }[] } }).message;
    expect(content.map(({ type }) => type)).toEqual(["server_tool_use", "web_search_tool_result", "text"]);
    expect(content[2]!.citations).toHaveLength(1);
  });

  test("a failure after held text leaves nothing of it with the client", () => {
    const failing = [
      chunk({ content: "half" }),
      Buffer.from('data: {"error":{"message":"gone","code":502}}\n\n'),
    ];
    const text = decodeStreamed(openaiChat, failing, { quirks, request: request() });
    expect(text).not.toContain("half");
    expect(text).toContain("gone");
  });
});

describe("GLM", () => {
  const quirks: Quirks = { webSearch: "glm" };

  test("is asked by its own tool, and keeps to one domain where one is allowed", () => {
    const body = sent(request({ allowed_domains: ["example.com"] }), quirks);
    expect((body["tools"] as object[])[1]).toEqual({
      type: "web_search",
      web_search: { enable: true, search_result: true, search_domain_filter: "example.com" },
    });
  });

  test("what it found stands beside the choices, and its signs in the text are citations", () => {
    const pages = [
      {
        title: "A",
        link: "https://a.example/",
        content: "On A.",
        refer: "ref_1",
        publish_date: "2026-11-01",
      },
      { title: "B", link: "https://b.example/", content: "On B.", refer: "ref_2" },
    ];
    const answer = read(
      [chunk({ content: "It is so [ref_1]." }), chunk({}, { web_search: pages }), ...end()],
      quirks,
    );
    expect(found(answer)).toEqual(["https://a.example/", "https://b.example/"]);
    expect(citationsOf(answer)).toEqual([{ index: 2, url: "https://a.example/", cited: "On A." }]);
    const result = answer.blocks[1]!.start["content"] as { page_age: unknown }[];
    expect(result.map(({ page_age: age }) => age)).toEqual(["2026-11-01", null]);
  });
});

test("OpenAI's search models are asked by their own field", () => {
  const place = { type: "approximate", country: "FR" };
  const body = sent(request({ user_location: place }), { webSearch: "web_search_options" });
  expect(body["web_search_options"]).toEqual({
    user_location: { type: "approximate", approximate: { country: "FR" } },
  });
  expect(typesOf(body["tools"])).toEqual(["function"]);
});

test("without the quirk no tool but the client's functions goes out", () => {
  expect(typesOf(sent(request(), {})["tools"])).toEqual(["function"]);
});

describe("Kimi", () => {
  const args = { search_result: { search_id: "s-1" }, usage: { total_tokens: 13046 } };
  const script: Script = ({ body }) =>
    asked(body) === 0
      ? {
          tools: [{ id: "$web_search:0", name: "$web_search", input: args }],
          usage: { prompt: 10, completion: 5 },
        }
      : { text: "Found.", usage: { prompt: 30, completion: 7 } };

  test("gets its own call back as it came, and the client sees a search and the answer", async () => {
    const up = closing(await startProvider(script));
    const yaml = `providers: { k: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: [], quirks: { webSearch: kimi, reasoning: thinking_type } } }\nroutes: { default: "k,kimi", webSearch: "k,kimi" }`;
    const router = closing(await testRouter(yaml));
    const answer = await streamed(router, {
      ...searchRequest,
      thinking: { type: "enabled", budget_tokens: 1024 },
      max_tokens: 4096,
    });
    expect(answer.blocks.map(({ type }) => type)).toEqual([
      "server_tool_use",
      "web_search_tool_result",
      "text",
    ]);
    expect(answer.text).toBe("Found.");
    expect(answer.usage).toMatchObject({ output_tokens: 12, server_tool_use: { web_search_requests: 1 } });
    const [first, second] = up.requests.map(({ body }) => body);
    expect(first!["tools"]).toEqual([{ type: "builtin_function", function: { name: "$web_search" } }]);
    // Its documents: the two exclude each other.
    expect(first!["thinking"]).toEqual({ type: "disabled" });
    const [call, result] = second!.messages!.slice(-2) as {
      role: string;
      content: unknown;
      tool_call_id?: string;
      tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
    }[];
    expect(call!.tool_calls![0]).toMatchObject({
      type: "builtin_function",
      function: { name: "$web_search" },
    });
    expect(JSON.parse(call!.tool_calls![0]!.function.arguments)).toEqual(args);
    expect(result).toMatchObject({ role: "tool", content: call!.tool_calls![0]!.function.arguments });
    expect(result!.tool_call_id).toBe(call!.tool_calls![0]!.id);
  });
});

withFolder("RECORDINGS", "a search that OpenRouter really made", (folder) => {
  test("a recorded search of OpenRouter gives all of its sources, and cites the one that the text names", () => {
    const file = "openai_chat/openrouter-pydantic-ai-openrouter-web-search-annotations/response.json";
    const body = JSON.parse(readFileSync(join(folder, file), "utf8")) as unknown;
    const whole = decodeWhole(openaiChat, body, { quirks: { webSearch: "openrouter" }, request: request() });
    const { content } = (whole as unknown as { message: { content: Record<string, unknown>[] } }).message;
    expect(content.map(({ type }) => type)).toEqual(["server_tool_use", "web_search_tool_result", "text"]);
    expect((content[1]!["content"] as { url: string }[]).map(({ url }) => url)).toEqual([
      "https://github.com/pydantic/pydantic-ai",
      "https://pydantic.dev/pydantic-ai",
      "https://github.com/pydantic/pydantic-ai/releases/tag/v2.0.0",
      "https://pydantic.dev/docs/ai/overview/",
      "https://github.com/pydantic/pydantic-ai/tree/refs/tags/v1.44.0",
    ]);
    expect(content[2]!["text"]).toBe("https://github.com/pydantic/pydantic-ai");
    expect((content[2]!["citations"] as { url: string }[]).map(({ url }) => url)).toEqual([
      "https://github.com/pydantic/pydantic-ai",
    ]);
  });
});
