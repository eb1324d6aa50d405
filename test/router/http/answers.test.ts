/** What stands on every answer of the router, and what never does. */
import { connect } from "node:net";
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { anthropicMessage, anthropicStream } from "../../support/provider/anthropic-stream.ts";
import { rawProvider, type RawAnswer, type RawProvider } from "../../support/provider/raw.ts";
import { eventsOf, smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

const key = "sk-live-0123456789";
const json = { "content-type": "application/json" };
const sse = { "content-type": "text/event-stream" };
const provider = async (answer: RawAnswer): Promise<RawProvider> => closing(await rawProvider(answer));
const router = async (yaml: string): Promise<TestRouter> => closing(await testRouter(yaml));
const anthropic = (url: string, more = `auth: key, keys: ["${key}"]`): string =>
  `providers: { anthropic: { preset: anthropic, baseUrl: "${url}", ${more} } }\nroutes: { default: "anthropic,*" }`;
const like = (url: string): string =>
  `providers: { a: { dialect: anthropic, baseUrl: "${url}", keys: ["${key}"] } }\nroutes: { default: "a,m" }`;
const errorBody = (type: string, message: string): string =>
  JSON.stringify({ type: "error", error: { type, message }, request_id: "req_theirs" });

describe("every answer", () => {
  it.each([
    ["GET", "/health", 200],
    ["GET", "/ready", 200],
    ["HEAD", "/api/hello", 200],
    ["GET", "/v1/models?limit=1000", 200],
    ["HEAD", "/v1/models", 200],
    ["GET", "/v1/messages", 405],
    ["HEAD", "/v1/messages", 405],
    ["OPTIONS", "/v1/messages", 405],
    ["DELETE", "/v1/messages", 405],
    ["GET", "/nowhere", 404],
    ["OPTIONS", "/nowhere", 404],
    ["PROPFIND", "/v1/messages", 405],
    ["POST", "/v1/messages", 400],
    ["POST", "/v1/messages/count_tokens", 400],
    ["POST", "/api/route", 401],
    ["GET", "/%zz", 400],
  ])("%s %s is %i and carries a request-id", async (method, path, status) => {
    const r = await router("log: { level: info }");
    const answer = await new Promise<{ status?: number; id: unknown; location: unknown; body: string }>(
      (resolve, reject) => {
        const req = request(`${r.url}${path}`, { method }, (res) => {
          let body = "";
          res.on("data", (chunk: Buffer) => (body += chunk.toString()));
          res.on("end", () =>
            resolve({
              status: res.statusCode!,
              id: res.headers["request-id"],
              location: res.headers.location,
              body,
            }),
          );
        });
        req.on("error", reject);
        req.end();
      },
    );
    expect(answer.status).toBe(status);
    expect(answer.id).toMatch(/^req_/);
    expect(answer.location).toBeUndefined();
    if (status >= 400 && method !== "HEAD")
      expect(JSON.parse(answer.body)).toMatchObject({
        type: "error",
        error: { message: expect.any(String) },
      });
  });

  it("carries a request-id where the key is missing, the body too long or the bytes no HTTP", async () => {
    const r = await router('server: { clientKeys: ["router-key-0123456789"], bodyLimit: 1kb }');
    const refused = await r.ask();
    expect([refused.status, refused.headers.get("request-id")]).toEqual([
      401,
      expect.stringMatching(/^req_/),
    ]);
    const long = await r.ask({ system: "x".repeat(5000) }, { "x-api-key": "router-key-0123456789" });
    expect([long.status, long.headers.get("request-id")]).toEqual([413, expect.stringMatching(/^req_/)]);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(r.url).port), "127.0.0.1", () =>
        socket.write("nonsense\r\n\r\n"),
      );
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(answer.toLowerCase()).toMatch(/request-id: req_/);
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error" },
    });
  });

  it("names a model of any alphabet in its headers, and nothing hangs", async () => {
    const up = await provider((res) => res.writeHead(200, json).end(anthropicMessage({ text: "hi" }, "m")));
    const r = await router(like(up.url));
    for (const model of ["a,模型-1", "a,x\ny", "a,\ud800"]) {
      for (const path of ["/v1/messages", "/v1/messages/count_tokens"]) {
        const res = await fetch(`${r.url}${path}`, {
          method: "POST",
          headers: json,
          body: JSON.stringify({ ...smallRequest, model }),
        });
        expect(res.status).toBe(200);
        expect(res.headers.get("x-switchyard-target")).toMatch(/^a,[\x20-\x7e]+$/);
      }
    }
  });

  it("comes in order where a client sends several requests at once on one connection", async () => {
    const up = await provider((res, { number }) => {
      // The first takes longest.
      setTimeout(
        () => res.writeHead(200, sse).end(anthropicStream({ text: `answer ${number}` }, "m")),
        90 - number * 30,
      );
    });
    const r = await router(like(up.url));
    const body = JSON.stringify({ ...smallRequest, stream: true });
    const one = `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(r.url).port), "127.0.0.1", () =>
        socket.write(`${one}\r\n${body}${one}\r\n${body}${one}connection: close\r\n\r\n${body}`),
      );
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
    });
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    expect(answer.match(/event: message_stop/g)).toHaveLength(3);
  });

  it("comes for a body of no content type or another one", async () => {
    const r = await router("log: { level: info }");
    for (const headers of [
      {},
      { "content-type": "text/plain" },
      { "content-type": "application/json; charset=utf-8" },
    ]) {
      const res = await new Promise<number>((resolve) => {
        const req = request(`${r.url}/v1/messages`, { method: "POST", headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode!);
        });
        req.end(JSON.stringify(smallRequest));
      });
      expect(res).toBe(200);
    }
  });
});

describe("a provider's key", () => {
  it("is not in an error body that the provider sent in Anthropic's form", async () => {
    const up = await provider((res) =>
      res.writeHead(401, json).end(errorBody("authentication_error", `invalid x-api-key: ${key}`)),
    );
    for (const yaml of [anthropic(up.url), like(up.url)]) {
      const r = await router(yaml);
      const text = await (await r.ask()).text();
      expect(text).toContain("invalid x-api-key");
      expect(text).toContain("req_theirs");
      expect(text + r.logs.join("")).not.toContain(key);
    }
  });

  it.each([
    ["Anthropic", anthropic],
    ["a provider like it", like],
  ])("is not in an error event in the middle of a stream of %s", async (_name, yaml) => {
    const stream = anthropicStream({ text: "some text" }, "m");
    const half = stream.slice(0, stream.indexOf("event: content_block_stop"));
    const event = `event: error\ndata: ${errorBody("api_error", `bad key ${key} – ✓`)}\n\n`;
    const up = await provider((res) => res.writeHead(200, sse).end(half + event));
    const r = await router(yaml(up.url));
    const text = await (await r.ask({ stream: true })).text();
    expect(eventsOf(text).at(-1)?.event).toBe("error");
    expect(text).toContain("– ✓");
    expect(text + r.logs.join("")).not.toContain(key);
  });

  it("of the user's own is not in the log when the provider quotes it", async () => {
    const own = "sk-ant-oat01-users-own-login";
    const up = await provider((res) =>
      res.writeHead(403, json).end(errorBody("permission_error", `no: ${own}`)),
    );
    const r = await router(
      `server: { clientKeys: ["router-key-0123456789"] }\n${anthropic(up.url, "auth: passthrough")}`,
    );
    const res = await r.ask(
      {},
      { "x-switchyard-key": "router-key-0123456789", authorization: `Bearer ${own}` },
    );
    expect(res.status).toBe(403);
    expect((await res.text()) + r.logs.join("")).not.toContain(own);
  });

  it("with a character that no header can carry is named as the cause", async () => {
    const up = await provider((res) => res.end());
    const r = await router(
      `providers: { a: { dialect: openai-chat, baseUrl: "${up.url}", keys: ["“sk-copied-with-quotes”"] } }\nroutes: { default: "a,m" }`,
    );
    const res = await r.ask();
    expect(res.status).toBe(401);
    const text = await res.text();
    expect(text).toContain("header");
    expect(text).not.toContain("sk-copied");
  });
});

describe("Anthropic's own answers", () => {
  const limits = {
    "anthropic-ratelimit-unified-status": "rejected",
    "anthropic-ratelimit-unified-reset": "1800000000",
    "x-should-retry": "false",
    "retry-after": "33",
    "request-id": "req_theirs",
    "set-cookie": "session=1",
  };

  it("an error keeps its body byte for byte, its status and the limits that the client shows", async () => {
    const body = `{ "type":"error",\n "error":{"type":"rate_limit_error","message":"five-hour limit \\u2013 reached","details":{"x":1}},"request_id":"req_theirs"}`;
    const up = await provider((res) => res.writeHead(429, { ...json, ...limits }).end(body));
    const r = await router(anthropic(up.url));
    const res = await r.ask({ stream: true });
    expect(res.status).toBe(429);
    expect(await res.text()).toBe(body);
    expect(Object.fromEntries(res.headers)).toMatchObject({
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-reset": "1800000000",
      "x-should-retry": "false",
      "retry-after": "33",
    });
    expect(res.headers.get("request-id")).not.toBe("req_theirs");
    expect(res.headers.get("set-cookie")).toBeNull();
    expect(r.logs.join("")).toContain("req_theirs");
  });

  it("a stream and a whole answer carry the limits too", async () => {
    const up = await provider((res, { body }) => {
      const streamed = (JSON.parse(body) as { stream?: boolean }).stream === true;
      if (streamed) res.writeHead(200, { ...sse, ...limits }).end(anthropicStream({ text: "hi" }, "m"));
      else res.writeHead(200, { ...json, ...limits }).end(anthropicMessage({ text: "hi" }, "m"));
    });
    const r = await router(anthropic(up.url));
    for (const stream of [true, false]) {
      const res = await r.ask({ stream });
      expect(res.headers.get("anthropic-ratelimit-unified-reset")).toBe("1800000000");
      expect(res.headers.get("x-switchyard-target")).toBe("anthropic,*");
    }
  });

  it("limits of another provider's account are not shown as Anthropic's", async () => {
    const up = await provider((res) =>
      res.writeHead(200, { ...json, ...limits }).end(anthropicMessage({ text: "hi" }, "m")),
    );
    const r = await router(like(up.url));
    expect((await r.ask()).headers.get("anthropic-ratelimit-unified-reset")).toBeNull();
  });
});

describe("failover", () => {
  const two = async (first: RawAnswer, second: RawAnswer): Promise<TestRouter> => {
    const [a, b] = [await provider(first), await provider(second)];
    return router(
      `providers:\n  anthropic: { preset: anthropic, baseUrl: "${a.url}", auth: key, keys: ["${key}"] }\n  b: { dialect: anthropic, baseUrl: "${b.url}", keys: ["${key}"] }\nroutes: { default: ["anthropic,*", "b,m"] }`,
    );
  };

  it("a context-length error of the second target is not masked, so that the client compacts", async () => {
    const r = await two(
      (res) => res.writeHead(529, json).end(errorBody("overloaded_error", "Overloaded")),
      (res) =>
        res
          .writeHead(400, json)
          .end(errorBody("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")),
    );
    const res = await r.ask({ stream: true });
    expect(res.status).toBe(400);
    const { error } = (await res.json()) as { error: { type: string; message: string } };
    expect(error.type).toBe("invalid_request_error");
    expect(error.message).toContain("prompt is too long: 210000 tokens > 200000 maximum");
    expect(error.message).toContain("Overloaded");
  });

  it("headers of a target that failed do not stand on the answer of the next", async () => {
    const r = await two(
      (res) =>
        res
          .writeHead(529, { ...json, "anthropic-ratelimit-unified-status": "rejected", "retry-after": "9" })
          .end("{}"),
      (res) => res.writeHead(200, sse).end(anthropicStream({ text: "second" }, "m")),
    );
    const res = await r.ask({ stream: true });
    expect(res.status).toBe(200);
    expect(res.headers.get("x-switchyard-attempts")).toBe("2");
    expect(res.headers.get("anthropic-ratelimit-unified-status")).toBeNull();
    expect(res.headers.get("retry-after")).toBeNull();
  });

  it("a provider that quotes the whole request in its error does not fill the log with it", async () => {
    const r = await two(
      (res) =>
        res
          .writeHead(500, json)
          .end(errorBody("api_error", `cannot read ${"the user's words ".repeat(5000)}`)),
      (res) => res.writeHead(200, json).end(anthropicMessage({ text: "second" }, "m")),
    );
    expect((await r.ask()).status).toBe(200);
    expect(r.logs.join("").length).toBeLessThan(5000);
  });
});

describe("count_tokens", () => {
  const count = async (r: TestRouter): Promise<{ input_tokens: number }> => {
    const res = await fetch(`${r.url}/v1/messages/count_tokens`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ ...smallRequest, max_tokens: undefined }),
    });
    expect(res.status).toBe(200);
    return (await res.json()) as { input_tokens: number };
  };

  it("is Anthropic's own count, and an estimate where Anthropic refuses or answers something else", async () => {
    const counting = await provider((res) => res.writeHead(200, json).end('{"input_tokens":4711}'));
    expect(await count(await router(anthropic(counting.url)))).toEqual({ input_tokens: 4711 });
    for (const [status, body] of [
      [404, "{}"],
      [200, "<html>"],
      [200, "null"],
      [200, '{"type":"error"}'],
    ] as const) {
      const up = await provider((res) => res.writeHead(status).end(body));
      const { input_tokens: estimate } = await count(await router(anthropic(up.url)));
      expect(estimate).toBeGreaterThan(0);
      expect(estimate).toBeLessThan(100);
    }
  });
});
