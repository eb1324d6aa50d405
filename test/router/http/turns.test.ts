/** Turns over real HTTP: a scripted provider on one side, a client on the other. */
import { afterEach, describe, expect, it } from "vitest";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { startProvider, type ScriptedProvider, type Script } from "../../support/provider/server.ts";
import { eventsOf, testRouter, type TestRouter } from "../../support/router.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const provider = async (script: Script): Promise<ScriptedProvider> => {
  const started = await startProvider(script);
  open.push(started);
  return started;
};

const router = async (yaml: string, env: Record<string, string> = {}): Promise<TestRouter> => {
  const started = await testRouter(yaml, env);
  open.push(started);
  return started;
};

const always =
  (answer: ScriptedAnswer): Script =>
  () =>
    answer;
const chat = (name: string, url: string, more = ""): string =>
  `  ${name}: { dialect: openai-chat, baseUrl: "${url}/v1", keys: ["sk-${name}-0123456789"]${more} }`;
/** What is retried is not what these tests are about. */
const once = ", failures: { tries: 1 }";

describe("a turn", () => {
  it("streams what an OpenAI Chat provider says as a valid Anthropic stream, and names rule and target", async () => {
    const up = await provider(always({ text: "Grüße ✓ 🎉" }));
    const r = await router(`providers:\n${chat("a", up.url)}\nroutes: { default: "a,model-x" }`);
    const res = await r.ask({ stream: true });
    expect(res.status).toBe(200);
    expect(res.headers.get("x-switchyard-rule")).toBe("default");
    expect(res.headers.get("x-switchyard-target")).toBe("a,model-x");
    expect(res.headers.get("x-switchyard-attempts")).toBe("1");
    expect(res.headers.get("request-id")).toMatch(/^req_/);
    const events = eventsOf(await res.text());
    expect(events.at(0)?.event).toBe("message_start");
    expect(events.at(-1)?.event).toBe("message_stop");
    const text = events
      .filter((e) => e.event === "content_block_delta")
      .map((e) => (e.data["delta"] as { text: string }).text)
      .join("");
    expect(text).toBe("Grüße ✓ 🎉");
    expect(up.requests[0]?.headers.authorization).toBe("Bearer sk-a-0123456789");
    expect(up.requests[0]?.body.model).toBe("model-x");
  });

  it("answers without a stream where none was asked for", async () => {
    const up = await provider(always({ text: "hi", usage: { prompt: 100, completion: 7, cached: 30 } }));
    const r = await router(`providers:\n${chat("a", up.url)}\nroutes: { default: "a,m" }`);
    const body = (await (await r.ask()).json()) as { content: unknown; usage: object; stop_reason: string };
    expect(body.content).toEqual([{ type: "text", text: "hi" }]);
    expect(body.stop_reason).toBe("end_turn");
    expect(body.usage).toMatchObject({ input_tokens: 70, cache_read_input_tokens: 30, output_tokens: 7 });
  });

  it("passes Anthropic's bytes through, unknown fields and betas included", async () => {
    const up = await provider(always({ text: "raw" }));
    const r = await router(
      `providers: { anthropic: { preset: anthropic, baseUrl: "${up.url}", auth: key, keys: ["sk-ant-0123456789"] } }\nroutes: { default: "anthropic,*" }`,
    );
    const res = await r.ask(
      { stream: true, brand_new_field: { a: [1] } },
      { "anthropic-beta": "future-2027-01-01", "x-new-header": "kept" },
    );
    const sent = up.requests[0]!;
    expect(sent.body).toMatchObject({ model: "claude-sonnet-4-5", brand_new_field: { a: [1] } });
    expect(sent.headers).toMatchObject({
      "anthropic-beta": "future-2027-01-01",
      "x-new-header": "kept",
      "x-api-key": "sk-ant-0123456789",
    });
    expect(sent.url).toBe("/v1/messages?beta=true");
    expect(eventsOf(await res.text()).map((e) => e.event)).toContain("message_stop");
  });

  it("gives the user's own login to the passthrough provider and to nobody else", async () => {
    const own = await provider(always({ text: "own" }));
    const other = await provider(always({ text: "other" }));
    const yaml = [
      'server: { clientKeys: ["router-key-0123456789"] }',
      `providers:\n${chat("a", other.url)}\n  anthropic: { preset: anthropic, baseUrl: "${own.url}", auth: passthrough }`,
      'routes: { default: "anthropic,*", background: "a,small" }',
    ].join("\n");
    const r = await router(yaml);
    const login = { "x-switchyard-key": "router-key-0123456789", authorization: "Bearer sk-ant-oat01-mine" };
    expect((await r.ask({}, login)).status).toBe(200);
    expect((await r.ask({ model: "claude-haiku-4-5" }, login)).status).toBe(200);
    expect(own.requests[0]?.headers.authorization).toBe("Bearer sk-ant-oat01-mine");
    expect(own.requests[0]?.headers["x-switchyard-key"]).toBeUndefined();
    expect(JSON.stringify(other.requests[0])).not.toContain("sk-ant-oat01-mine");
    expect(r.logs.join("")).not.toContain("sk-ant-oat01-mine");
  });

  it("never sends the router's own key to a provider, in whichever header it came", async () => {
    const own = await provider(always({ text: "own" }));
    const yaml = `server: { clientKeys: ["router-key-0123456789"] }\nproviders: { anthropic: { preset: anthropic, baseUrl: "${own.url}", auth: passthrough } }\nroutes: { default: "anthropic,*" }`;
    const r = await router(yaml);
    const key = "router-key-0123456789";
    await r.ask({}, { "x-switchyard-key": key, authorization: `Bearer ${key}`, "x-api-key": key });
    await r.ask({}, { "x-api-key": key });
    await r.ask({}, { authorization: `Bearer ${key}` });
    expect(own.requests).toHaveLength(3);
    expect(JSON.stringify(own.requests)).not.toContain(key);
  });

  it("refuses a client without the key, or with a wrong one", async () => {
    const r = await router('server: { clientKeys: ["router-key-0123456789"] }');
    const none = await r.ask();
    expect(none.status).toBe(401);
    expect(await none.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    expect((await r.ask({}, { "x-api-key": "router-key-012345678" })).status).toBe(401);
    expect((await r.ask({}, { authorization: "Bearer router-key-0123456789" })).status).toBe(200);
  });
});

describe("when a provider fails", () => {
  const two = async (
    first: Script,
    second: Script,
  ): Promise<{ a: ScriptedProvider; b: ScriptedProvider; r: TestRouter }> => {
    const a = await provider(first);
    const b = await provider(second);
    const r = await router(
      `providers:\n${chat("a", a.url, once)}\n${chat("b", b.url)}\nroutes: { default: ["a,m1", "b,m2"] }`,
    );
    return { a, b, r };
  };

  it.each([401, 402, 403, 404, 408, 429, 500, 502, 503, 529])(
    "a status %i moves on to the next target unseen",
    async (status) => {
      const { r } = await two(
        always({ error: { status, body: '{"error":{"message":"no"}}' } }),
        always({ text: "second" }),
      );
      const res = await r.ask({ stream: true });
      expect(res.status).toBe(200);
      expect(res.headers.get("x-switchyard-target")).toBe("b,m2");
      expect(res.headers.get("x-switchyard-attempts")).toBe("2");
      expect(await res.text()).toContain("message_stop");
    },
  );

  it("a refused connection falls back too", async () => {
    const up = await provider(always({ text: "second" }));
    const r = await router(
      `providers:\n${chat("gone", "http://127.0.0.1:9")}\n${chat("b", up.url)}\nroutes: { default: ["gone,m", "b,m2"] }`,
    );
    const res = await r.ask();
    expect(res.headers.get("x-switchyard-target")).toBe("b,m2");
  });

  it("a server on this machine is not asked by way of the user's proxy", async () => {
    const up = await provider(always({ text: "direct" }));
    const before = process.env["HTTP_PROXY"];
    process.env["HTTP_PROXY"] = "http://127.0.0.1:9";
    try {
      const r = await router(`providers:\n${chat("a", up.url)}\nroutes: { default: "a,m" }`);
      expect((await r.ask()).status).toBe(200);
    } finally {
      if (before === undefined) delete process.env["HTTP_PROXY"];
      else process.env["HTTP_PROXY"] = before;
    }
  });

  it("a fallback to a provider of another protocol gets a body of its own protocol", async () => {
    const a = await provider(always({ error: { status: 500, body: "{}" } }));
    const b = await provider(always({ text: "from anthropic" }));
    const r = await router(
      `providers:\n${chat("a", a.url)}\n  anthropic: { preset: anthropic, baseUrl: "${b.url}", auth: key, keys: ["sk-ant-0123456789"] }\nroutes: { default: ["a,m1", "anthropic,claude-x"] }`,
    );
    expect((await r.ask({ system: "be brief" })).status).toBe(200);
    expect(a.requests[0]?.body.messages?.[0]?.role).toBe("system");
    expect(b.requests[0]?.body).toMatchObject({ system: "be brief", model: "claude-x" });
  });

  it("a stream that is cut before its first content moves on unseen", async () => {
    const { r } = await two(always({ text: "never", cutAfter: 20 }), always({ text: "second" }));
    const text = await (await r.ask({ stream: true })).text();
    expect(text).toContain("second");
    expect(text.match(/event: message_start/g)).toHaveLength(1);
    expect(text).not.toContain("event: error");
  });

  it("a stream that is cut in the middle ends with an error event, and is not logged as done", async () => {
    const { r } = await two(
      always({ text: "a longer text that is cut somewhere", cutAfter: 900 }),
      always({ text: "second" }),
    );
    const events = eventsOf(await (await r.ask({ stream: true })).text());
    expect(events.at(-1)).toMatchObject({
      event: "error",
      data: { type: "error", error: { type: "api_error" } },
    });
    expect(events.map((e) => e.event)).not.toContain("message_stop");
    expect(r.logs.join("")).toContain('"outcome":"cut"');
    expect(r.logs.join("")).not.toContain('"outcome":"done"');
  });

  it("Anthropic's own stream, cut in the middle of an event, is closed by a blank line and an error event", async () => {
    const up = await provider(always({ text: "some text", cutAfter: 400 }));
    const r = await router(
      `providers: { anthropic: { preset: anthropic, baseUrl: "${up.url}", auth: key, keys: ["sk-ant-0123456789"] } }\nroutes: { default: "anthropic,*" }`,
    );
    const text = await (await r.ask({ stream: true })).text();
    expect(text).toMatch(/\n\nevent: error\ndata: \{"type":"error".*\}\n\n$/);
    expect(r.logs.join("")).toContain('"outcome":"cut"');
  });

  it("a request that is at fault itself goes back at once, in the provider's words", async () => {
    const { r, b } = await two(
      always({
        error: { status: 400, body: '{"error":{"message":"tools.0 is bad","type":"invalid_request_error"}}' },
      }),
      always({ text: "second" }),
    );
    const res = await r.ask();
    expect(res.status).toBe(400);
    expect(await res.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: expect.stringContaining("tools.0 is bad") },
    });
    expect(b.requests).toHaveLength(0);
  });

  it("a wrong provider key is said plainly, to the client and in the log, and the key is in neither", async () => {
    const up = await provider(
      always({
        error: { status: 401, body: '{"error":{"message":"Incorrect API key provided: sk-a-0123456789"}}' },
      }),
    );
    const r = await router(`providers:\n${chat("a", up.url)}\nroutes: { default: "a,m" }`);
    const res = await r.ask();
    expect(res.status).toBe(401);
    // Otherwise the client repeats the request in silence for minutes.
    expect(res.headers.get("x-should-retry")).toBe("false");
    const text = await res.text();
    expect(text).toContain("Incorrect API key provided");
    expect(text).not.toContain("sk-a-0123456789");
    expect(r.logs.join("")).toContain("upstream.keyRejected");
    expect(r.logs.join("")).not.toContain("sk-a-0123456789");
  });

  it("a provider that answers HTML is said to do so", async () => {
    const up = await provider(
      always({
        error: {
          status: 200,
          body: "<html><body>Welcome</body></html>",
          headers: { "content-type": "text/html" },
        },
      }),
    );
    const r = await router(`providers:\n${chat("a", up.url)}\nroutes: { default: "a,m" }`);
    const res = await r.ask({ stream: true });
    expect(res.status).toBe(502);
    expect(await res.text()).toContain("HTML page");
  });

  it("retry-after of the last provider reaches the client", async () => {
    const up = await provider(
      always({
        error: { status: 429, body: '{"error":{"message":"slow down"}}', headers: { "retry-after": "17" } },
      }),
    );
    const r = await router(`providers:\n${chat("a", up.url)}\nroutes: { default: "a,m" }`);
    const res = await r.ask();
    expect(res.status).toBe(429);
    expect(res.headers.get("retry-after")).toBe("17");
    expect(await res.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
  });

  it("the client's abort reaches the provider at once", async () => {
    let aborted: Promise<void> | undefined;
    const up = await provider(async (request) => {
      aborted = new Promise((resolve) => {
        const look = setInterval(() => {
          if (!request.aborted) return;
          clearInterval(look);
          resolve();
        }, 5);
      });
      await aborted;
      return { text: "too late" };
    });
    const r = await router(`providers:\n${chat("a", up.url)}\nroutes: { default: "a,m" }`);
    const controller = new AbortController();
    const asked = fetch(`${r.url}/v1/messages`, {
      method: "POST",
      signal: controller.signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "claude-x",
        max_tokens: 1,
        stream: true,
        messages: [{ role: "user", content: "x" }],
      }),
    });
    await expect.poll(() => up.requests.length).toBe(1);
    controller.abort();
    await expect(asked).rejects.toThrow();
    await aborted;
    expect(up.requests[0]?.aborted).toBe(true);
  });

  it("pings go out while a provider is silent, and failover stays possible until the message starts", async () => {
    const yaml = "server: { headerHold: 50ms, pingInterval: 50ms }";
    const a = await provider(always({ delay: 400, error: { status: 500, body: "{}" } }));
    const b = await provider(always({ text: "second" }));
    const patient = await router(
      `${yaml}\nproviders:\n${chat("a", a.url)}\n${chat("b", b.url)}\nroutes: { default: ["a,m1", "b,m2"] }`,
    );
    const text = await (await patient.ask({ stream: true })).text();
    const events = eventsOf(text).map((e) => e.event);
    expect(events.filter((e) => e === "ping").length).toBeGreaterThan(1);
    expect(events.indexOf("ping")).toBeLessThan(events.indexOf("message_start"));
    expect(text).toContain("second");
  });
});
