/** Searches that fail, models that fail between searches, clients that leave: what the user sees. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { accumulate, type Accumulated } from "../../support/accumulate.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { startProvider, type Script } from "../../support/provider/server.ts";
import { testRouter } from "../../support/router.ts";
import { fakeEngine, searchKeys, searchLine } from "../../support/search-engine.ts";
import { asked, searchesOnce, searchRequest, started, streamed } from "../../support/search-turn.ts";

closeAfterEach();

const codeOf = (answer: Accumulated): unknown => {
  const result = answer.blocks.find(({ type }) => type === "web_search_tool_result");
  return (result!.start["content"] as { error_code?: unknown }).error_code;
};

const until = async (done: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !done(); i++) await sleep(10);
};

test("a search engine that is too busy is told as such, to the client and to the model", async () => {
  const refusal = { status: 429, body: { detail: { error: "Too many requests" } } };
  const engine = closing(await fakeEngine("tavily", { refusal }));
  const { up, router } = await started(searchesOnce, { engine });
  const answer = await streamed(router);
  expect(codeOf(answer)).toBe("too_many_requests");
  expect(answer.stopReason).toBe("end_turn");
  expect(JSON.stringify(up.requests[1]!.body)).toContain("Too many requests");
});

test("a search engine that never answers fails after search.timeout, and the turn goes on", async () => {
  const engine = closing(await fakeEngine("tavily", { silent: true }));
  const { router } = await started(searchesOnce, { engine, more: ", timeout: 150ms" });
  const answer = await streamed(router);
  expect(codeOf(answer)).toBe("unavailable");
  expect(answer.text).toContain("Node 24");
  expect(engine.requests[0]!.aborted).toBe(true);
});

test("pings go out while a search takes its time", async () => {
  const engine = closing(await fakeEngine("tavily", { silent: true }));
  const { router } = await started(searchesOnce, { engine, more: ", timeout: 400ms" });
  const answer = await streamed(router);
  const events = answer.frames.map(({ event }) => event);
  const call = answer.frames.findIndex(
    ({ data }) => (data["content_block"] as { type?: string } | undefined)?.type === "server_tool_use",
  );
  const result = answer.frames.findIndex(
    ({ data }) => (data["content_block"] as { type?: string } | undefined)?.type === "web_search_tool_result",
  );
  expect(events.slice(call, result)).toContain("ping");
});

test("a wrong key is told to the user in words, and the key is nowhere", async () => {
  const up = closing(await startProvider(searchesOnce));
  const engine = closing(await fakeEngine("tavily"));
  const yaml = `providers: { a: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: [] } }\nroutes: { default: "a,m", webSearch: "a,m" }\n${searchLine("tavily", engine.url)}`;
  const router = closing(await testRouter(yaml, { TAVILY_API_KEY: "tvly-wrong-0123456789" }));
  const answer = await streamed(router);
  expect(codeOf(answer)).toBe("unavailable");
  expect(answer.text).toContain("does not accept search.key");
  const everything = JSON.stringify(answer.frames) + router.logs.join("") + JSON.stringify(up.requests);
  expect(everything).not.toContain("tvly-wrong");
  expect(engine.requests[0]!.headers.authorization).toBe("Bearer tvly-wrong-0123456789");
});

test("an engine that quotes the key in its refusal does not leak it", async () => {
  const refusal = { status: 400, body: { detail: { error: "bad request by tvly-0123456789" } } };
  const engine = closing(await fakeEngine("tavily", { refusal }));
  const { up, router } = await started(searchesOnce, { engine });
  const answer = await streamed(router);
  expect(codeOf(answer)).toBe("invalid_tool_input");
  const everything = JSON.stringify(answer.frames) + router.logs.join("") + JSON.stringify(up.requests);
  expect(everything).toContain("bad request by");
  expect(everything).not.toContain("tvly-0123456789");
});

test("a SearXNG that gives no JSON: the user reads which setting to change", async () => {
  const engine = closing(await fakeEngine("searxngWithoutJson"));
  const { router } = await started(searchesOnce, { kind: "searxng", engine });
  const answer = await streamed(router);
  expect(codeOf(answer)).toBe("unavailable");
  expect(answer.text).toContain("search.formats");
});

test("an engine that is not there, or a page of another kind, is unavailable", async () => {
  const gone = await fakeEngine("tavily");
  await gone.close();
  expect(codeOf(await streamed((await started(searchesOnce, { engine: gone })).router))).toBe("unavailable");
  const page = closing(await fakeEngine("tavily", { refusal: { status: 200, body: "<html>" } }));
  const answer = await streamed((await started(searchesOnce, { engine: page })).router);
  expect(codeOf(answer)).toBe("unavailable");
  expect(answer.text).toContain("no answer of its API");
});

test.each([
  ["no query at all", {}, "invalid_tool_input"],
  ["a query beyond all bounds", { query: "long ".repeat(200) }, "query_too_long"],
])("a call with %s asks nobody", async (_what, input, code) => {
  const script: Script = ({ body }) =>
    asked(body) === 0 ? { tools: [{ name: "web_search", input }] } : { text: "I could not." };
  const { engine, router } = await started(script);
  expect(codeOf(await streamed(router))).toBe(code);
  expect(engine.requests).toHaveLength(0);
});

test.each([
  ["no search engine", ""],
  ["a search engine without its key", 'search: { provider: tavily, key: "${TAVILY_API_KEY}" }'],
])("with %s the client gets a tool's error, and the user reads how to set one up", async (_what, line) => {
  const up = closing(await startProvider(searchesOnce));
  const yaml = `providers: { a: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: [] } }\nroutes: { default: "a,m", webSearch: "a,m" }\n${line}`;
  const router = closing(await testRouter(yaml));
  const answer = await streamed(router);
  expect(codeOf(answer)).toBe("unavailable");
  expect(answer.text).toContain("Set `search` in config/switchyard.yaml");
  expect(answer.text).toContain("a,m has no search of its own");
  if (line !== "") expect(router.logs.join("")).toContain("TAVILY_API_KEY is not set");
});

test("with no search engine a target behind it that searches by itself is asked instead", async () => {
  const first = closing(await startProvider(searchesOnce));
  const second = closing(await startProvider(() => ({ text: "from the second" })));
  const yaml = [
    "providers:",
    `  a: { dialect: openai-chat, baseUrl: "${first.url}/v1", keys: [] }`,
    `  b: { dialect: anthropic, baseUrl: "${second.url}", keys: [] }`,
    'routes: { default: "a,m", webSearch: ["a,m", "b,n"] }',
  ].join("\n");
  const router = closing(await testRouter(yaml));
  expect((await streamed(router)).text).toBe("from the second");
  expect(first.requests).toHaveLength(0);
  expect(second.requests[0]!.body["tools"]).toEqual(searchRequest.tools);
});

const failsAfterSearch: Script = ({ body }) =>
  asked(body) === 0
    ? { tools: [{ name: "web_search", input: { query: "q" } }] }
    : { error: { status: 500, body: JSON.stringify({ error: { message: "out of order" } }) } };

test("a model that fails after its search was shown ends the stream with an error, once", async () => {
  const { router } = await started(failsAfterSearch);
  const answer = await streamed(router);
  expect(answer.types.filter((type) => type === "message_start")).toHaveLength(1);
  expect(answer.error?.message).toContain("out of order");
});

test("a stream that breaks after the search ends with an error", async () => {
  const script: Script = ({ body }) =>
    asked(body) === 0
      ? { tools: [{ name: "web_search", input: { query: "q" } }] }
      : { text: "half a sentence", cutAfter: 400 };
  const { router } = await started(script);
  const answer = await streamed(router);
  expect(answer.error).toBeDefined();
  expect(answer.stopReason).toBeUndefined();
});

test("without a stream a model that fails after its search hands the turn to the next target", async () => {
  const first = closing(await startProvider(failsAfterSearch));
  const second = closing(await startProvider(searchesOnce));
  const engine = closing(await fakeEngine("tavily"));
  const yaml = [
    "providers:",
    `  a: { dialect: openai-chat, baseUrl: "${first.url}/v1", keys: [] }`,
    `  b: { dialect: openai-chat, baseUrl: "${second.url}/v1", keys: [] }`,
    'routes: { default: "a,m", webSearch: ["a,m", "b,n"] }',
    searchLine("tavily", engine.url),
  ].join("\n");
  const router = closing(await testRouter(yaml, searchKeys));
  const res = await router.ask(searchRequest);
  expect(res.status).toBe(200);
  expect(res.headers.get("x-switchyard-target")).toBe("b,n");
  expect(JSON.stringify(await res.json())).toContain("Node 24");
});

test("a model that fails at once hands the turn to the next target, unseen", async () => {
  const first = closing(await startProvider(() => ({ error: { status: 503, body: "{}" } })));
  const second = closing(await startProvider(searchesOnce));
  const engine = closing(await fakeEngine("tavily"));
  const yaml = [
    "providers:",
    `  a: { dialect: openai-chat, baseUrl: "${first.url}/v1", keys: [] }`,
    `  b: { dialect: openai-chat, baseUrl: "${second.url}/v1", keys: [] }`,
    'routes: { default: "a,m", webSearch: ["a,m", "b,n"] }',
    searchLine("tavily", engine.url),
  ].join("\n");
  const router = closing(await testRouter(yaml, searchKeys));
  const answer = await streamed(router);
  expect(answer.error).toBeUndefined();
  expect(answer.text).toContain("Node 24");
});

test("a client that leaves while a search runs ends it, and the model is not asked again", async () => {
  const engine = closing(await fakeEngine("tavily", { silent: true }));
  const { up, router } = await started(searchesOnce, { engine, more: ", timeout: 60s" });
  const gone = new AbortController();
  const res = await fetch(`${router.url}/v1/messages`, {
    method: "POST",
    signal: gone.signal,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "claude-sonnet-4-5", max_tokens: 64, stream: true, ...searchRequest }),
  });
  await until(() => engine.requests.length > 0);
  gone.abort();
  await res.text().catch(() => "");
  await until(() => engine.requests[0]!.aborted);
  expect(engine.requests[0]!.aborted).toBe(true);
  await until(() => router.logs.some((line) => line.includes('"outcome":"aborted"')));
  expect(router.logs.join("")).toContain('"outcome":"aborted"');
  expect(up.requests).toHaveLength(1);
});

test("an answer cut by max_tokens inside of a search call is told as such, and nothing is searched", async () => {
  const script: Script = () => ({
    text: "Let me",
    tools: [{ name: "web_search", input: { query: "q" } }],
    finish: "length",
  });
  const { engine, router } = await started(script);
  const answer = accumulate(await (await router.ask({ ...searchRequest, stream: true })).text());
  expect(answer.stopReason).toBe("max_tokens");
  expect(engine.requests).toHaveLength(0);
});
