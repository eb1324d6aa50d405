/** Claude Code's search on a model whose provider has none: the router searches, and the client sees what Anthropic's own search would show. */
import { expect, test } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { strict } from "../../support/strict/index.ts";
import type { Script } from "../../support/provider/server.ts";
import {
  asked,
  forms,
  nodePage,
  searchesOnce,
  searchRequest,
  started,
  streamed,
} from "../../support/search-turn.ts";

closeAfterEach();

test.each(Object.keys(forms) as (keyof typeof forms)[])(
  "a search on a model of %s comes back as Anthropic's: call, results, text with citations",
  async (form) => {
    const { up, engine, router } = await started(searchesOnce, { form });
    const answer = await streamed(router);
    expect(answer.blocks.map(({ type }) => type)).toEqual([
      "text",
      "server_tool_use",
      "web_search_tool_result",
      "text",
    ]);
    const [, call, result, last] = answer.blocks;
    expect(call).toMatchObject({ name: "web_search", input: { query: "newest node" } });
    expect(call!.id).toMatch(/^srvtoolu_[A-Za-z0-9_]+$/);
    expect(result!.start).toMatchObject({ tool_use_id: call!.id });
    expect((result!.start["content"] as object[])[0]).toEqual({
      type: "web_search_result",
      url: nodePage,
      title: "Node.js 24",
      encrypted_content: expect.stringMatching(/^switchyard\.page:/) as unknown,
      page_age: null,
    });
    expect(last!.text).toBe(`Node 24, see [Node.js 24](${nodePage}).`);
    const citations = answer.frames
      .map(({ data }) => data["delta"] as { type?: string; citation?: object } | undefined)
      .filter((delta) => delta?.type === "citations_delta");
    expect(citations.map((delta) => delta?.citation)).toEqual([
      {
        type: "web_search_result_location",
        url: nodePage,
        title: "Node.js 24",
        encrypted_index: "",
        cited_text: "Node.js 24 is out.",
      },
    ]);
    expect(answer.stopReason).toBe("end_turn");
    expect(engine.queries()).toEqual(["newest node"]);
    // What the model was sent: an ordinary function, then its results.
    expect(JSON.stringify(up.requests[0]!.body)).not.toContain("web_search_20250305");
    expect(JSON.stringify(up.requests[1]!.body)).toContain("Node.js 24 is out.");
    expect(up.requests).toHaveLength(2);
  },
);

test("tokens of all calls are counted, each once, and the searches with them", async () => {
  const { router } = await started(searchesOnce);
  const { usage } = await streamed(router);
  expect(usage).toMatchObject({
    input_tokens: 60 + 200,
    cache_read_input_tokens: 140,
    output_tokens: 40,
    server_tool_use: { web_search_requests: 1 },
  });
});

test("a client that wants no stream gets the same as one message", async () => {
  const { router } = await started(searchesOnce);
  const res = await router.ask(searchRequest);
  const message = (await res.json()) as { content: { type: string; citations?: unknown[] }[]; usage: object };
  expect(message.content.map(({ type }) => type)).toEqual([
    "text",
    "server_tool_use",
    "web_search_tool_result",
    "text",
  ]);
  expect(message.content[3]!.citations).toHaveLength(1);
  expect(message.usage).toMatchObject({ output_tokens: 40, server_tool_use: { web_search_requests: 1 } });
});

test.each([
  ["tavily", "Node.js 24 is out."],
  ["brave", "Node.js 24 is out. & more\nA second excerpt."],
  ["searxng", "Node.js 24 is out."],
] as const)("the model reads what %s found", async (kind, excerpt) => {
  const { up, router } = await started(searchesOnce, { kind });
  await streamed(router);
  const result = up.requests[1]!.body.messages!.at(-1) as { role: string; content: string };
  expect(result.role).toBe("tool");
  for (const part of ["Node.js 24", nodePage, excerpt]) expect(result.content).toContain(part);
});

test("only pages of allowed domains come back, and the engine is told", async () => {
  const { engine, router } = await started(searchesOnce);
  const tools = [{ ...searchRequest.tools[0], allowed_domains: ["example.com"] }];
  const { blocks } = await streamed(router, { ...searchRequest, tools });
  const found = blocks.find(({ type }) => type === "web_search_tool_result")!.start["content"];
  expect((found as { url: string }[]).map(({ url }) => url)).toEqual(["https://docs.example.com/node"]);
  expect(engine.requests[0]!.body["include_domains"]).toEqual(["example.com"]);
});

test("pages of blocked domains never come back; engines without a field for it get it in the query", async () => {
  const { engine, router } = await started(searchesOnce, { kind: "brave" });
  const tools = [{ ...searchRequest.tools[0], blocked_domains: ["spam.example.net", "nodejs.org/en/blog"] }];
  const { blocks } = await streamed(router, { ...searchRequest, tools });
  const found = blocks.find(({ type }) => type === "web_search_tool_result")!.start["content"];
  expect((found as { url: string }[]).map(({ url }) => url)).toEqual(["https://docs.example.com/node"]);
  expect(engine.queries()).toEqual(["newest node -site:spam.example.net -site:nodejs.org/en/blog"]);
});

test("the user's place reaches the engine", async () => {
  const place = { type: "approximate", city: "Lyon", country: "FR", timezone: "Europe/Paris" };
  const body = { ...searchRequest, tools: [{ ...searchRequest.tools[0], user_location: place }] };
  const tavily = await started(searchesOnce);
  await streamed(tavily.router, body);
  expect(tavily.engine.requests[0]!.body["country"]).toBe("france");
  const brave = await started(searchesOnce, { kind: "brave" });
  await streamed(brave.router, body);
  expect(brave.engine.requests[0]!.url.searchParams.get("country")).toBe("FR");
  expect(brave.engine.requests[0]!.headers["x-loc-city"]).toBe("Lyon");
});

test("a model that never stops searching is stopped at max_uses, and the turn ends", async () => {
  const insatiable: Script = () => ({ tools: [{ name: "web_search", input: { query: "more" } }] });
  const { up, engine, router } = await started(insatiable);
  const tools = [{ ...searchRequest.tools[0], max_uses: 2 }];
  const { blocks, stopReason } = await streamed(router, { ...searchRequest, tools });
  expect(engine.requests).toHaveLength(2);
  const results = blocks
    .filter(({ type }) => type === "web_search_tool_result")
    .map(({ start }) => start["content"]);
  expect(results.at(-1)).toEqual({ type: "web_search_tool_result_error", error_code: "max_uses_exceeded" });
  expect(stopReason).toBe("end_turn");
  expect(up.requests.length).toBeLessThanOrEqual(4);
  expect(up.requests.at(-1)!.body["tool_choice"]).toBe("none");
});

test("two searches of one answer are both made and answered in their order", async () => {
  const script: Script = ({ body }) =>
    asked(body) === 0
      ? {
          tools: [
            { name: "web_search", input: { query: "one" } },
            { name: "web_search", input: { query: "two" } },
          ],
        }
      : { text: "Both." };
  const { engine, router, up } = await started(script);
  const { blocks } = await streamed(router);
  expect(engine.queries().toSorted()).toEqual(["one", "two"]);
  expect(blocks.filter(({ type }) => type === "server_tool_use").map(({ input }) => input)).toEqual([
    { query: "one" },
    { query: "two" },
  ]);
  const tools = (up.requests[1]!.body.messages ?? []).filter(({ role }) => role === "tool");
  expect(tools).toHaveLength(2);
});

test("a search beside a call of the client's own tool is made, and the call goes to the client", async () => {
  const script: Script = () => ({
    tools: [
      { name: "web_search", input: { query: "one" } },
      { name: "Bash", input: { command: "ls" } },
    ],
  });
  const { up, router } = await started(script);
  const bash = {
    name: "Bash",
    input_schema: { type: "object", properties: { command: { type: "string" } } },
  };
  const answer = await streamed(router, { ...searchRequest, tools: [...searchRequest.tools, bash] });
  expect(answer.tools).toMatchObject([{ name: "Bash", input: { command: "ls" } }]);
  expect(answer.blocks.map(({ type }) => type)).toContain("web_search_tool_result");
  expect(answer.stopReason).toBe("tool_use");
  expect(up.requests).toHaveLength(1);
});

test("a function of the user's own that is called web_search stays theirs", async () => {
  const script: Script = () => ({ tools: [{ name: "web_search", input: { query: "mine" } }] });
  const { engine, router } = await started(script);
  const own = { name: "web_search", description: "mine", input_schema: { type: "object", properties: {} } };
  const answer = await streamed(router, { ...searchRequest, tools: [own] });
  expect(answer.tools).toMatchObject([{ name: "web_search", input: { query: "mine" } }]);
  expect(engine.requests).toHaveLength(0);
});

test("a search that was demanded is demanded once", async () => {
  const { up, router } = await started(searchesOnce);
  await streamed(router, { ...searchRequest, tool_choice: { type: "tool", name: "web_search" } });
  expect(up.requests[0]!.body["tool_choice"]).toEqual({ type: "function", function: { name: "web_search" } });
  expect(up.requests[1]!.body["tool_choice"]).toBeUndefined();
});

test("thinking and its signature go back to the model with its search", async () => {
  const script: Script = ({ body }): ScriptedAnswer =>
    asked(body) === 0
      ? { reasoning: "I should look.", tools: [{ name: "web_search", input: { query: "q" } }] }
      : { text: "Done." };
  const { up, router } = await started(script, { form: "anthropic" });
  await streamed(router, {
    ...searchRequest,
    thinking: { type: "enabled", budget_tokens: 1024 },
    max_tokens: 4096,
  });
  const assistant = up.requests[1]!.body.messages!.find(({ role }) => role === "assistant")!;
  expect((assistant.content as object[])[0]).toEqual({
    type: "thinking",
    thinking: "I should look.",
    signature: "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=",
  });
});

test.each(Object.keys(forms) as (keyof typeof forms)[])(
  "every call of %s is one that the provider takes, the next turn's too",
  async (form) => {
    const { up, router } = await started(searchesOnce, { form });
    const res = await router.ask({ ...searchRequest, tool_choice: { type: "tool", name: "web_search" } });
    const { content } = (await res.json()) as { content: unknown };
    const messages = [
      ...searchRequest.messages,
      { role: "assistant", content },
      { role: "user", content: "And before that?" },
    ];
    expect((await router.ask({ ...searchRequest, messages })).status).toBe(200);
    expect(up.requests.length).toBeGreaterThanOrEqual(3);
    const options = { issued: new Set<string>(), model: "m" };
    for (const { body } of up.requests) expect(strict[form]!(body, options)).toEqual([]);
    // What was found stays known, and nothing that only the router understands goes out.
    const last = JSON.stringify(up.requests[2]!.body);
    expect(last).toContain("And before that?");
    expect(last).toContain(nodePage);
    expect(last).toContain("Node.js 24 is out.");
    expect(last).not.toContain("switchyard.page");
  },
);

test("clients of OpenAI's forms get the search in their form", async () => {
  const { engine, router } = await started(searchesOnce, { form: "anthropic" });
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const res = await fetch(router.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "a,m", ...body }),
    });
    expect(res.status).toBe(200);
    return (await res.json()) as Record<string, unknown>;
  };
  const answer = await post("/v1/responses", { input: "newest node", tools: [{ type: "web_search" }] });
  const output = answer["output"] as { type: string; action?: object }[];
  expect(output.map(({ type }) => type)).toEqual(["message", "web_search_call", "message"]);
  expect(output[1]!.action).toMatchObject({ type: "search", query: "newest node" });
  const messages = [{ role: "user", content: "newest node" }];
  const chat = await post("/v1/chat/completions", { messages, web_search_options: {} });
  const { message } = (chat["choices"] as { message: { annotations: { url_citation: object }[] } }[])[0]!;
  expect(message.annotations[0]!.url_citation).toMatchObject({ url: nodePage, title: "Node.js 24" });
  expect(engine.queries()).toEqual(["newest node", "newest node"]);
});
