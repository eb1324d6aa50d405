/** Clients of OpenAI Responses over real HTTP, as the Codex CLI is one. */
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { always, entry, post, provider, respond, router } from "../../support/openai-router.ts";
import { responsesSummary } from "../../support/openai-streams.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();

const json = { "content-type": "application/json" };
const sse = { "content-type": "text/event-stream" };

describe("a client of Responses on a provider of another form", () => {
  it("gets a valid stream: reasoning, text and calls as items in order", async () => {
    const up = await provider(
      always({
        reasoning: "hmm",
        text: "Grüße ✓",
        tools: [
          { name: "a", input: { x: "ü" } },
          { name: "b", input: {} },
        ],
      }),
    );
    for (const kind of ["anthropic", "chat"] as const) {
      const r = await router(
        "providers:",
        entry[kind]("up", up.url),
        'routes: { default: "up,claude-sonnet-4-5" }',
      );
      const tools = ["a", "b"].map((name) => ({ type: "function", name, parameters: {}, strict: false }));
      const seen = responsesSummary(await (await respond(r, { stream: true, tools })).text());
      expect(seen.problems).toEqual([]);
      expect(seen.output_types).toEqual(["reasoning", "message", "function_call", "function_call"]);
      expect([seen.text, seen.reasoning, seen.status]).toEqual(["Grüße ✓", "hmm", "completed"]);
      expect(seen.output.slice(2).map((item) => [item["name"], item["arguments"]])).toEqual([
        ["a", '{"x":"ü"}'],
        ["b", "{}"],
      ]);
      expect(seen.usage).toMatchObject({ input_tokens: 100, output_tokens: 20, total_tokens: 120 });
    }
  });

  it("gets a whole answer that repeats what it asked", async () => {
    const up = await provider(always({ text: "hi", finish: "length" }));
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const res = await respond(r, { instructions: "be brief", metadata: { a: "1" }, max_output_tokens: 20 });
    expect(await res.json()).toMatchObject({
      object: "response",
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      instructions: "be brief",
      metadata: { a: "1" },
      output: [{ type: "message", content: [{ type: "output_text", text: "hi" }] }],
    });
    expect(up.requests[0]?.body).toMatchObject({
      max_tokens: 20,
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "say hi" },
      ],
    });
  });

  it("has its turn of tools go round: reasoning, calls and results come back to Claude as they were", async () => {
    const up = await provider(
      always({ reasoning: "step one", text: "I look.", tools: [{ name: "shell", input: { cmd: "ls" } }] }),
    );
    const r = await router(
      "providers:",
      entry.anthropic("up", up.url),
      'routes: { default: "up,claude-sonnet-4-5" }',
    );
    const tools = [{ type: "function", name: "shell", parameters: { type: "object" }, strict: false }];
    const asked = [{ type: "message", role: "user", content: [{ type: "input_text", text: "list" }] }];
    const first = responsesSummary(await (await respond(r, { stream: true, tools, input: asked })).text());
    const call = first.output.at(-1)!;
    const result = { type: "function_call_output", call_id: call["call_id"], output: "a.txt" };
    await respond(r, {
      tools,
      reasoning: { effort: "high" },
      store: false,
      input: [...asked, ...first.output, result],
    });
    expect(up.requests[1]?.body.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "list" }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "step one", signature: "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=" },
          { type: "text", text: "I look." },
          { type: "tool_use", id: call["call_id"], name: "shell", input: { cmd: "ls" } },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call["call_id"], content: "a.txt" }] },
    ]);
    expect(up.requests[1]?.body["thinking"]).toMatchObject({ type: "enabled" });
  });

  it("has tools of plain text and of namespaces, as Codex does, under its own names", async () => {
    const up = await provider(
      always({
        tools: [
          { name: "apply_patch", input: { input: "*** Begin\n+é" } },
          { name: "mcp__docs", input: { q: 1 } },
        ],
      }),
    );
    const r = await router(
      "providers:",
      entry.anthropic("up", up.url),
      'routes: { default: "up,claude-sonnet-4-5" }',
    );
    const tools = [
      {
        type: "custom",
        name: "apply_patch",
        description: "Patches",
        format: { type: "grammar", syntax: "lark", definition: "start: x" },
      },
      { type: "namespace", name: "mcp", tools: [{ type: "function", name: "docs", parameters: {} }] },
      { type: "web_search", external_web_access: false },
      { type: "image_generation" },
    ];
    const res = await respond(r, { stream: true, tools });
    expect(res.headers.get("x-switchyard-ignored")).toContain("image_generation");
    const seen = responsesSummary(await res.text());
    expect(seen.problems).toEqual([]);
    expect(seen.output).toMatchObject([
      { type: "custom_tool_call", name: "apply_patch", input: "*** Begin\n+é" },
      { type: "function_call", name: "docs", namespace: "mcp", arguments: '{"q":1}' },
    ]);
    const sent = up.requests[0]!.body["tools"] as { name: string; description?: string }[];
    expect(sent.map(({ name }) => name)).toEqual(["apply_patch", "mcp__docs"]);
    expect(sent[0]?.description).toContain("start: x");
    await respond(r, {
      tools,
      input: [
        { role: "user", content: "x" },
        ...seen.output,
        { type: "custom_tool_call_output", call_id: seen.output[0]!["call_id"], output: "patched" },
        { type: "function_call_output", call_id: seen.output[1]!["call_id"], output: "found" },
      ],
    });
    expect(up.requests[1]?.body.messages?.slice(1)).toMatchObject([
      {
        content: [
          { name: "apply_patch", input: { input: "*** Begin\n+é" } },
          { name: "mcp__docs", input: { q: 1 } },
        ],
      },
      { content: [{ content: "patched" }, { content: "found" }] },
    ]);
  });

  it("is told of a failure inside of its stream by response.failed, whether words went before or not", async () => {
    const cut = await provider(
      always({ text: "a longer text that is cut somewhere in the middle", cutAfter: 900 }),
    );
    const r = await router("providers:", entry.chat("up", cut.url), 'routes: { default: "up,m" }');
    const seen = responsesSummary(await (await respond(r, { stream: true })).text());
    expect([seen.status, seen.types.at(-1)]).toEqual(["failed", "response.failed"]);
    expect(seen.error).toMatchObject({
      code: "server_error",
      message: expect.stringContaining("ended the answer"),
    });

    const slow = await provider(always({ delay: 150, error: { status: 500, body: "{}" } }));
    const waiting = await router(
      "server: { headerHold: 20ms }",
      "providers:",
      entry.chat("up", slow.url),
      'routes: { default: "up,m" }',
    );
    const late = await (await respond(waiting, { stream: true })).text();
    expect(late.startsWith(": ping\n\n")).toBe(true);
    expect(responsesSummary(late)).toMatchObject({
      types: ["response.failed"],
      status: "failed",
      problems: [],
    });
  });

  it("is told that the conversation is too long by the code that makes Codex compact", async () => {
    const body =
      '{"error":{"message":"This model\'s maximum context length is 8192 tokens","code":"context_length_exceeded"}}';
    const up = await provider(always({ error: { status: 400, body } }));
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const res = await respond(r, { stream: true });
    expect(res.status).toBe(400);
    expect(await res.json()).toMatchObject({ error: { code: "context_length_exceeded" } });
  });
});

describe("a client of Responses on a provider of its own protocol", () => {
  it("has its bytes passed on, all but model and key, and gets the provider's bytes", async () => {
    const answer =
      '{"id":"resp_1", "object":"response","status":"completed","output":[{"type":"brand_new","x":1.0}],"usage":{"input_tokens":5,"output_tokens":7}}';
    const up = closing(await rawProvider((res) => res.writeHead(200, json).end(answer)));
    const r = await router("providers:", entry.responses("up", up.url), 'routes: { default: "up,real" }');
    const sent =
      '{"input":[{"type":"new_item","y":2.50}], "model":"gpt-5","previous_response_id":"resp_0","store":true}';
    const res = await post(r, "/v1/responses", sent);
    expect(await res.text()).toBe(answer);
    expect(up.bodies[0]).toBe(sent.replace('"gpt-5"', '"real"'));
    expect(r.logs.join("")).toContain('"output":7');
  });

  it("gets its events as bytes, those that are not known here too, and an error where the stream is cut", async () => {
    const events = (list: [string, object][]): string =>
      list.map(([type, more]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`).join("");
    const begun = events([
      ["response.created", { response: {} }],
      ["response.brand_new.delta", { delta: "é" }],
    ]);
    const whole =
      begun +
      events([
        [
          "response.completed",
          { response: { status: "completed", usage: { input_tokens: 1, output_tokens: 3 } } },
        ],
      ]);
    const up = closing(
      await rawProvider((res, { number }) => res.writeHead(200, sse).end(number === 1 ? whole : begun)),
    );
    const r = await router("providers:", entry.responses("up", up.url), 'routes: { default: "up,m" }');
    expect(await (await respond(r, { stream: true })).text()).toBe(whole);
    const cut = await (await respond(r, { stream: true })).text();
    expect(cut.startsWith(begun)).toBe(true);
    expect(cut.slice(begun.length)).toMatch(
      /^event: response\.failed\ndata: \{"type":"response\.failed".*\}\n\n$/,
    );
  });

  it("is answered by the next target where the provider fails at once inside of its stream", async () => {
    const failed =
      'event: response.created\ndata: {"type":"response.created","response":{}}\n\nevent: response.failed\ndata: {"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}}\n\n';
    const a = closing(await rawProvider((res) => res.writeHead(200, sse).end(failed)));
    const b = await provider(always({ text: "second" }));
    const r = await router(
      "providers:",
      entry.responses("a", a.url),
      entry.anthropic("b", b.url),
      'routes: { default: ["a,m", "b,claude-x"] }',
    );
    const seen = responsesSummary(await (await respond(r, { stream: true })).text());
    expect([seen.problems, seen.text]).toEqual([[], "second"]);
  });

  it("sends it no reasoning that is carried for another provider", async () => {
    const claude = await provider(always({ reasoning: "mine", text: "hi" }));
    const other = await provider(always({ text: "there" }));
    const r = await router(
      "providers:",
      entry.anthropic("claude", claude.url),
      entry.responses("other", other.url),
      'routes: { default: "claude,claude-x" }',
    );
    const first = responsesSummary(await (await respond(r, { stream: true })).text());
    expect(first.output_types).toEqual(["reasoning", "message"]);
    await respond(r, { model: "other,m", input: [{ role: "user", content: "x" }, ...first.output] });
    expect(other.requests[0]?.raw).not.toContain("switchyard");
    expect((other.requests[0]!.body["input"] as { type?: string }[]).map(({ type }) => type)).toEqual([
      undefined,
      "message",
    ]);
  });
});

describe("what cannot be served", () => {
  it.each([
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [{ input: [{ type: "item_reference", id: "x" }] }, "item_reference"],
    [{ tools: [{ type: "file_search", vector_store_ids: [] }] }, "file_search"],
    [{ background: true }, "background"],
    [{ input: undefined }, "input"],
    [{ input: [{ type: "function_call", call_id: "c", arguments: "{}" }] }, "name"],
  ])("%j is refused, and it is said why", async (fields, words) => {
    const up = await provider(always({ text: "hi" }));
    const r = await router("providers:", entry.anthropic("up", up.url), 'routes: { default: "up,claude-x" }');
    const res = await respond(r, fields);
    expect(res.status).toBe(400);
    expect(await res.json()).toMatchObject({ error: { message: expect.stringContaining(words) } });
    expect(up.requests).toHaveLength(0);
  });
});

it("events without names whose type stands behind other fields, as Bedrock's do, pass and are no error", async () => {
  const response = {
    id: "resp_1",
    error: null,
    status: "completed",
    output: [],
    usage: { input_tokens: 3, output_tokens: 2 },
  };
  const events = [
    { response: { ...response, status: "in_progress" }, sequence_number: 0, type: "response.created" },
    { delta: "Grüße", item_id: "m", output_index: 0, sequence_number: 1, type: "response.output_text.delta" },
    { response, sequence_number: 2, type: "response.completed" },
  ];
  const stream = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  const up = closing(await rawProvider((res) => res.writeHead(200, sse).end(stream)));
  const r = await router("providers:", entry.responses("up", up.url), 'routes: { default: "up,gpt-oss" }');
  const res = await respond(r, { stream: true });
  expect([res.status, await res.text()]).toEqual([200, stream]);
  await expect.poll(() => r.logs.join("")).toContain('"outcome":"done"');
  expect(r.logs.join("")).toContain('"input":3,"output":2');
});
