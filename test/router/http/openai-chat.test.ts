/** Clients of OpenAI's Chat Completions over real HTTP. */
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { always, chat, entry, post, provider, router } from "../../support/openai-router.ts";
import { chatSummary } from "../../support/openai-streams.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();

interface Completion {
  choices: { message: Record<string, unknown>; finish_reason: string }[];
  usage: Record<string, unknown>;
  [field: string]: unknown;
}

const image = "data:image/png;base64,iVBORw0KGgo=";

describe("a chat client on a provider of Anthropic's form", () => {
  it("gets a valid stream with its calls, its reasoning and usage that counts the cache once", async () => {
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
    const r = await router(
      "providers:",
      entry.anthropic("up", up.url),
      'routes: { default: "up,claude-sonnet-4-5" }',
    );
    const tools = ["a", "b"].map((name) => ({ type: "function", function: { name } }));
    const res = await chat(r, { stream: true, stream_options: { include_usage: true }, tools });
    expect(res.headers.get("content-type")).toContain("text/event-stream");
    expect(res.headers.get("x-switchyard-target")).toBe("up,claude-sonnet-4-5");
    const seen = chatSummary(await res.text(), { includeUsage: true });
    expect(seen.problems).toEqual([]);
    expect([seen.content, seen.reasoning_content, seen.finish_reason]).toEqual([
      "Grüße ✓",
      "hmm",
      "tool_calls",
    ]);
    expect(seen.tool_calls.map((call) => [call.name, call.arguments])).toEqual([
      ["a", '{"x":"ü"}'],
      ["b", "{}"],
    ]);
    expect(seen.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 });
  });

  it("is not sent usage that it did not ask for", async () => {
    const up = await provider(always({ text: "hi" }));
    const r = await router("providers:", entry.anthropic("up", up.url), 'routes: { default: "up,claude-x" }');
    expect(
      chatSummary(await (await chat(r, { stream: true })).text(), { includeUsage: false }).problems,
    ).toEqual([]);
  });

  it("can send images, results with images, and its system prompt", async () => {
    const up = await provider(always({ text: "seen" }));
    const r = await router(
      "providers:",
      entry.anthropic("up", up.url),
      'routes: { default: "up,claude-sonnet-4-5" }',
    );
    await chat(r, {
      messages: [
        { role: "developer", content: "be brief" },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: image } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "done" }] },
      ],
    });
    const { body } = up.requests[0]!;
    expect(body["system"]).toEqual([{ type: "text", text: "be brief" }]);
    expect(body["max_tokens"]).toBeGreaterThan(1000);
    expect(body.messages).toMatchObject([
      {
        role: "user",
        content: [{ type: "text" }, { type: "image", source: { type: "base64", media_type: "image/png" } }],
      },
      { role: "assistant", content: [{ type: "tool_use", id: "c1" }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1" }] },
    ]);
  });

  it("brings Claude's signed thinking back when it sends its messages as it got them", async () => {
    const up = await provider(always({ reasoning: "step one", tools: [{ name: "f", input: {} }] }));
    const r = await router(
      "providers:",
      entry.anthropic("up", up.url),
      'routes: { default: "up,claude-sonnet-4-5" }',
    );
    const tools = [{ type: "function", function: { name: "f" } }];
    const seen = chatSummary(await (await chat(r, { stream: true, tools })).text(), { includeUsage: false });
    const call = seen.tool_calls[0]!;
    await chat(r, {
      tools,
      reasoning_effort: "high",
      messages: [
        { role: "user", content: "say hi" },
        {
          role: "assistant",
          reasoning_details: seen.reasoning_details,
          tool_calls: [
            { id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } },
          ],
        },
        { role: "tool", tool_call_id: call.id, content: "ok" },
      ],
    });
    expect(up.requests[1]?.body.messages?.[1]?.content).toEqual([
      { type: "thinking", thinking: "step one", signature: "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=" },
      { type: "tool_use", id: call.id, name: "f", input: {} },
    ]);
  });

  it.each([
    ["claude-sonnet-4-5", { type: "enabled", budget_tokens: 16_000 }, 1],
    ["claude-opus-5-5", { type: "adaptive", display: "summarized" }, undefined],
  ])(
    "with the suffix -thinking thinks as %s can, at a temperature that it takes",
    async (model, thinking, temperature) => {
      const up = await provider(always({ text: "hi" }));
      const r = await router(
        "providers:",
        entry.anthropic("up", up.url),
        `routes: { default: "up,${model}" }`,
        `aliases: { gpt-5: "up,${model}" }`,
      );
      await chat(r, { model: "gpt-5-thinking", temperature: 0.2, top_p: 0.5 });
      const { body } = up.requests[0]!;
      expect(body.model).toBe(model);
      expect([body["thinking"], body["temperature"], body["top_p"]]).toEqual([
        thinking,
        temperature,
        undefined,
      ]);
    },
  );

  it("keeps a suffix that belongs to the model's name", async () => {
    const up = await provider(always({ text: "hi" }));
    const r = await router(
      "providers:",
      entry.chat("up", up.url),
      'routes: { default: "up,m", think: "up,kimi-k2-thinking" }',
    );
    await chat(r, { model: "kimi-k2-thinking" });
    expect(up.requests[0]?.body.model).toBe("kimi-k2-thinking");
    expect(up.requests[0]?.body["temperature"]).toBeUndefined();
  });
});

describe("a chat client on a provider of its own protocol", () => {
  it("has its bytes passed on, all but model and key, and gets the provider's bytes", async () => {
    const answer =
      '{"id":"x","object":"chat.completion", "model":"real","choices":[{"index":0,"message":{"role":"assistant","content":"hi","brand_new":1.0},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}';
    let key: string | undefined;
    const up = closing(
      await rawProvider((res, { req }) => {
        key = req.headers.authorization;
        res.writeHead(200, { "content-type": "application/json" }).end(answer);
      }),
    );
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,real" }');
    const sent =
      '{ "messages":[{"role":"user","content":"h\\u00e9"}],"model":"gpt-5", "new_field":{"a":1.0},"logprobs":true }';
    const res = await post(r, "/v1/chat/completions", sent, { authorization: "Bearer whatever" });
    expect(await res.text()).toBe(answer);
    expect(up.bodies[0]).toBe(sent.replace('"gpt-5"', '"real"'));
    expect(key).toBe("Bearer sk-up-0123456789");
    expect(res.headers.get("x-switchyard-ignored")).toBeNull();
    expect(r.logs.join("")).toContain('"output":2');
  });

  it("gets the stream as bytes, without the usage that only the router asked for", async () => {
    const up = await provider(
      always({ reasoning: "hm", text: "Grüße ✓", tools: [{ name: "f", input: { a: 1 } }] }),
    );
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const seen = chatSummary(await (await chat(r, { stream: true })).text(), { includeUsage: false });
    expect(seen.problems).toEqual([]);
    expect([seen.content, seen.reasoning_content, seen.model]).toEqual(["Grüße ✓", "hm", "m"]);
    expect(up.requests[0]?.body["stream_options"]).toEqual({ include_usage: true });
    expect(r.logs.join("")).toContain('"output":20');
    const asked = await chat(r, { stream: true, stream_options: { include_usage: true } });
    expect(chatSummary(await asked.text(), { includeUsage: true }).usage).toMatchObject({
      prompt_tokens: 100,
    });
  });

  it.each(["openai", "openrouter"])(
    "gets several choices and log probabilities of %s, as it is set up here",
    async (preset) => {
      const answer =
        '{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"logprobs":{"content":[]},"finish_reason":"stop"},' +
        '{"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"stop"}]}';
      const up = closing(
        await rawProvider((res) => {
          res.writeHead(200, { "content-type": "application/json" }).end(answer);
        }),
      );
      const r = await router(
        `providers: { up: { preset: ${preset}, baseUrl: "${up.url}", keys: ["sk-up-0123456789"] } }`,
        'routes: { default: "up,gpt-4.1" }',
      );
      const res = await chat(r, { n: 2, logprobs: true });
      expect([res.status, await res.text()]).toEqual([200, answer]);
      expect(res.headers.get("x-switchyard-ignored")).toBeNull();
      expect(JSON.parse(up.bodies[0]!)).toMatchObject({ n: 2, logprobs: true });
    },
  );

  it("gets the provider's own error body", async () => {
    const body =
      '{"error":{"message":"bad tools","type":"invalid_request_error","param":"tools","code":"odd"}}';
    const up = await provider(always({ error: { status: 400, body } }));
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const res = await chat(r);
    expect([res.status, await res.text()]).toEqual([400, body]);
  });

  it("may ask for what only such a provider can do", async () => {
    const a = await provider(always({ text: "one" }));
    const b = await provider(always({ text: "two" }));
    const r = await router(
      "providers:",
      entry.anthropic("a", a.url),
      entry.chat("b", b.url),
      'routes: { default: ["a,claude-x", "b,m"] }',
    );
    expect((await chat(r, { n: 2 })).headers.get("x-switchyard-target")).toBe("b,m");
    expect(a.requests).toHaveLength(0);
  });

  it("keeps its other fields where the provider's flags change the body", async () => {
    const up = await provider(always({ text: "hi" }));
    const r = await router(
      "providers:",
      entry.chat(
        "up",
        up.url,
        ", quirks: { toolIdLength: 9, toolIdAlphanumeric: true, maxTokensField: max_completion_tokens }",
      ),
      'routes: { default: "up,m" }',
    );
    const res = await chat(r, {
      seed: 7,
      logprobs: true,
      max_tokens: 50,
      messages: [
        { role: "user", content: "go" },
        {
          role: "assistant",
          tool_calls: [
            { id: "call_too_long_for_it", type: "function", function: { name: "f", arguments: "{}" } },
          ],
        },
        { role: "tool", tool_call_id: "call_too_long_for_it", content: "ok" },
      ],
    });
    const { body } = up.requests[0]!;
    expect(body).toMatchObject({ seed: 7, max_completion_tokens: 50 });
    expect(res.headers.get("x-switchyard-ignored")).toBe("logprobs");
    const [, called, result] = body.messages as { tool_calls?: { id: string }[]; tool_call_id?: string }[];
    expect(called?.tool_calls?.[0]?.id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(result?.tool_call_id).toBe(called?.tool_calls?.[0]?.id);
  });

  it("sends no reasoning of another provider's to one that does not take it", async () => {
    const up = await provider(always({ text: "hi" }));
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const messages = [
      { role: "user", content: "x" },
      {
        role: "assistant",
        content: "y",
        reasoning_content: "thoughts",
        reasoning_details: [{ type: "reasoning.text", text: "t" }],
      },
      { role: "user", content: "z" },
    ];
    await chat(r, { messages });
    expect(up.requests[0]?.body.messages?.[1]).toEqual({ role: "assistant", content: "y" });
  });
});

describe("when a provider fails, a chat client", () => {
  it("is answered by the next target, unseen", async () => {
    const a = await provider(always({ error: { status: 503, body: "{}" } }));
    const b = await provider(always({ text: "second" }));
    const r = await router(
      "providers:",
      entry.chat("a", a.url, ", failures: { tries: 1 }"),
      entry.anthropic("b", b.url),
      'routes: { default: ["a,m", "b,claude-x"] }',
    );
    const res = await chat(r, { stream: true });
    expect(res.headers.get("x-switchyard-attempts")).toBe("2");
    expect(chatSummary(await res.text(), { includeUsage: false }).content).toBe("second");
  });

  it("is answered by the next target too where a stream of its own protocol broke before its first word", async () => {
    const a = await provider(always({ text: "never", cutAfter: 150 }));
    const b = await provider(always({ text: "second" }));
    const r = await router(
      "providers:",
      entry.chat("a", a.url),
      entry.chat("b", b.url),
      'routes: { default: ["a,m", "b,m"] }',
    );
    const seen = chatSummary(await (await chat(r, { stream: true })).text(), { includeUsage: false });
    expect([seen.problems, seen.content]).toEqual([[], "second"]);
  });

  it.each([
    ["chat", 900],
    ["anthropic", 560],
  ] as const)("gets an error of OpenAI's form in a stream of %s that is cut", async (kind, cutAfter) => {
    const up = await provider(
      always({ text: "a longer text that is cut somewhere in the middle", cutAfter }),
    );
    const r = await router("providers:", entry[kind]("up", up.url), 'routes: { default: "up,m" }');
    const seen = chatSummary(await (await chat(r, { stream: true })).text(), { includeUsage: false });
    expect(seen.error).toMatchObject({
      type: "server_error",
      message: expect.stringContaining("ended the answer"),
    });
    expect(seen.done).toBe(false);
    expect(r.logs.join("")).toContain('"outcome":"cut"');
  });

  it("gets its last line where a provider of its own protocol leaves that out, and an error where it fails in words that no client reads", async () => {
    const chunk = (delta: object, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const begun = chunk({ role: "assistant", content: "" }) + chunk({ content: "some" });
    const ends = [chunk({}, "stop"), 'error: {"message":"failed to decode"}\n\n'];
    const up = closing(
      await rawProvider((res, { number }) =>
        res.writeHead(200, { "content-type": "text/event-stream" }).end(begun + ends[number - 1]!),
      ),
    );
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const whole = chatSummary(await (await chat(r, { stream: true })).text(), { includeUsage: false });
    expect([whole.problems, whole.content, whole.done]).toEqual([[], "some", true]);
    expect(await (await chat(r, { stream: true })).text()).toContain(
      'data: {"error":{"message":"failed to decode"',
    );
  });

  it.each([
    [429, "rate_limit_error", 429, "rate_limit_error", "rate_limit_exceeded"],
    [529, "overloaded_error", 503, "server_error", "server_is_overloaded"],
    [401, "authentication_error", 401, "invalid_request_error", "invalid_api_key"],
  ])("gets a status %i of Anthropic's, %s, as %i, %s", async (status, said, told, type, code) => {
    const body = JSON.stringify({ type: "error", error: { type: said, message: "no more of that" } });
    const up = await provider(always({ error: { status, body, headers: { "retry-after": "17" } } }));
    const r = await router("providers:", entry.anthropic("up", up.url), 'routes: { default: "up,claude-x" }');
    const res = await chat(r);
    expect([res.status, res.headers.get("retry-after")]).toEqual([told, "17"]);
    expect(await res.json()).toEqual({ error: { message: "no more of that", type, param: null, code } });
  });

  it("hears comments while it waits, and the provider hears when it goes", async () => {
    let gone = false;
    const a = await provider(async (request) => {
      await expect.poll(() => request.aborted).toBe(true);
      gone = true;
      return { text: "late" };
    });
    const r = await router(
      "server: { headerHold: 20ms, pingInterval: 20ms }",
      "providers:",
      entry.anthropic("a", a.url),
      'routes: { default: "a,claude-x" }',
    );
    const stop = new AbortController();
    const res = await fetch(`${r.url}/v1/chat/completions`, {
      method: "POST",
      signal: stop.signal,
      body: JSON.stringify({ model: "x", stream: true, messages: [{ role: "user", content: "x" }] }),
    });
    const first = await res.body!.getReader().read();
    expect(Buffer.from(first.value ?? []).toString()).toBe(": ping\n\n");
    stop.abort();
    await expect.poll(() => gone).toBe(true);
  });
});

describe("what a chat client asks for wrongly", () => {
  it.each([
    [{ n: 3 }, "n: 3"],
    [{ response_format: { type: "grammar" } }, "json_schema"],
    [{ functions: [{ name: "f" }] }, "use tools"],
    [{ messages: [{ role: "user", content: [{ type: "input_audio", input_audio: {} }] }] }, "input_audio"],
    [{ messages: [] }, "at least one message"],
    [{ messages: [{ role: "tool", content: "x" }] }, "tool_call_id"],
    [{ tool_choice: { type: "function", function: { name: "none_such" } } }, "none_such"],
  ])("%j is refused, and it is said why", async (fields, words) => {
    const up = await provider(always({ text: "hi" }));
    const r = await router("providers:", entry.anthropic("up", up.url), 'routes: { default: "up,claude-x" }');
    const res = await chat(r, fields);
    expect(res.status).toBe(400);
    const { error } = (await res.json()) as { error: { message: string; type: string } };
    expect(error).toMatchObject({ type: "invalid_request_error", message: expect.stringContaining(words) });
    expect(up.requests).toHaveLength(0);
  });

  it("what is left out without harm is named in the answer", async () => {
    const up = await provider(always({ text: "hi" }));
    const r = await router("providers:", entry.anthropic("up", up.url), 'routes: { default: "up,claude-x" }');
    const res = await chat(r, {
      logprobs: true,
      seed: 1,
      presence_penalty: 0,
      service_tier: "flex",
      store: true,
    });
    expect(res.headers.get("x-switchyard-ignored")).toBe("logprobs, seed, service_tier, store");
    expect(((await res.json()) as Completion).choices[0]?.message["content"]).toBe("hi");
  });

  it("a missing key, an unknown endpoint and a wrong method are told in OpenAI's shape", async () => {
    const r = await router('server: { clientKeys: ["router-key-0123456789"] }');
    const key = { authorization: "Bearer router-key-0123456789" };
    const answers = [
      await chat(r),
      await post(r, "/v1/embeddings", {}, key),
      await fetch(`${r.url}/v1/chat/completions`, { headers: key }),
      await post(r, "/v1/chat/completions", "not json", key),
    ];
    expect(answers.map((res) => res.status)).toEqual([401, 404, 405, 400]);
    for (const res of answers)
      expect(await res.json()).toEqual({
        error: {
          message: expect.any(String),
          type: "invalid_request_error",
          param: null,
          code: res.status === 401 ? "invalid_api_key" : res.status === 404 ? "model_not_found" : null,
        },
      });
    expect((await chat(r, {}, key)).status).toBe(200);
  });
});

describe("the list of models", () => {
  const yaml = [
    "providers:",
    entry.chat("up", "http://127.0.0.1:9"),
    'routes: { default: "up,x/y:free" }',
    'aliases: { gpt-5: "up,x/y:free", qwen-coder: }',
  ];
  const read = async (url: string, headers: Record<string, string>) =>
    (await fetch(url, { headers })).json() as Promise<{ object?: string; data: { id: string }[] }>;

  it("has OpenAI's form for its clients, aliases included, and Anthropic's for Claude Code", async () => {
    const r = await router(...yaml);
    const openAi = await read(`${r.url}/v1/models`, { authorization: "Bearer x" });
    expect(openAi.object).toBe("list");
    expect(openAi.data.map(({ id }) => id)).toEqual(expect.arrayContaining(["up,x/y:free", "gpt-5"]));
    for (const [query, headers] of [
      ["", { authorization: "Bearer x", "anthropic-version": "2023-06-01" }],
      ["?limit=1000", { authorization: "Bearer x" }],
    ] as const) {
      const anthropic = await read(`${r.url}/v1/models${query}`, headers);
      expect(anthropic.object).toBeUndefined();
      expect(anthropic.data.map(({ id }) => id)).toContain("claude-via/up,x/y:free");
    }
  });

  it("tells of one model by its id, slashes and all", async () => {
    const r = await router(...yaml);
    const at = (id: string) => fetch(`${r.url}/v1/models/${id}`, { headers: { authorization: "Bearer x" } });
    expect(await (await at(encodeURIComponent("up,x/y:free"))).json()).toMatchObject({
      id: "up,x/y:free",
      object: "model",
    });
    expect((await at("gpt-5")).status).toBe(200);
    expect((await at("none")).status).toBe(404);
  });
});

it.each([
  "/v1/chat/completions",
  "/v1/v1/chat/completions",
  "/openai/v1/chat/completions",
  "/openai/chat/completions",
  "/v1/responses",
  "/openai/responses",
  "/openai/v1/responses",
  "/v1/v1/responses",
])("%s is served", async (path) => {
  const r = await router("log: { level: info }");
  const res = await post(r, path, {
    model: "gpt-5",
    messages: [{ role: "user", content: "hi" }],
    input: "hi",
  });
  expect(await res.json()).toMatchObject({
    object: path.endsWith("responses") ? "response" : "chat.completion",
  });
});
