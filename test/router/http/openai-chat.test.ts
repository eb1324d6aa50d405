/** Clients of OpenAI's Chat Completions over real HTTP. */
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { always, chat, entry, post, provider, router } from "../../support/openai-router.ts";
import { chatSummary } from "../../support/openai-streams.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();

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
