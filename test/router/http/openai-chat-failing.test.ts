/** Clients of OpenAI's Chat Completions where a provider fails, or where they ask for something wrongly. */
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { always, chat, entry, post, provider, router } from "../../support/openai-router.ts";
import { chatSummary } from "../../support/openai-streams.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();

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
    ["is torn in it", '{"id":"1","choices":[],"usage":{"prompt_tokens":100,"completion_tok', undefined],
    [
      "ends without a blank line",
      '{"id":"1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}',
      9,
    ],
  ])("gets a whole stream where its provider has said all but the usage, and %s", async (_, last, tokens) => {
    const chunk = { id: "1", object: "chat.completion.chunk", model: "m" };
    const said = { ...chunk, choices: [{ index: 0, delta: { content: "all" }, finish_reason: "stop" }] };
    const up = closing(
      await rawProvider((res) => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        res.end(`data: ${JSON.stringify(said)}\n\ndata: ${last}`);
      }),
    );
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const asked = await chat(r, { stream: true, stream_options: { include_usage: true } });
    const events = (await asked.text()).split("\n\n").filter((event) => event !== "");
    expect(events.at(-1)).toBe("data: [DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)) as typeof said);
    expect(chunks[0]).toEqual(said);
    expect(chunks.slice(1)).toMatchObject(tokens === undefined ? [] : [{ usage: { prompt_tokens: tokens } }]);
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
    expect(
      ((await res.json()) as { choices: { message: Record<string, unknown> }[] }).choices[0]?.message[
        "content"
      ],
    ).toBe("hi");
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
