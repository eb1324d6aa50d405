/** What a client that does something wrong is told. */
import { connect } from "node:net";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

let router: TestRouter;
beforeAll(async () => {
  router = await testRouter("server: { bodyLimit: 32mb }");
});
afterAll(() => router.close());

const post = (path: string, body: string | Buffer): Promise<Response> =>
  fetch(`${router.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body,
  });

const errorOf = async (res: Response): Promise<{ type: string; message: string }> => {
  const body = (await res.json()) as { type: string; error: { type: string; message: string } };
  expect(body.type).toBe("error");
  expect(body.error.message).not.toMatch(/\bat .*\.ts:\d+/); // no stack
  return body.error;
};

describe("bad input", () => {
  it.each([
    ["malformed JSON", "{invalid", "it is not JSON"],
    ["an empty body", "", "the body is empty"],
    ["a body that is no object", "[1]", "a JSON object was expected"],
    ["no model", JSON.stringify({ ...smallRequest, model: undefined }), "model"],
    ["no messages", JSON.stringify({ ...smallRequest, messages: [] }), "messages"],
    ["no max_tokens", JSON.stringify({ ...smallRequest, max_tokens: undefined }), "max_tokens"],
    [
      "a role nobody knows",
      JSON.stringify({ ...smallRequest, messages: [{ role: "robot", content: "x" }] }),
      "messages.0.role",
    ],
    [
      "a tool_use without an id",
      JSON.stringify({
        ...smallRequest,
        messages: [{ role: "assistant", content: [{ type: "tool_use", name: "x", input: {} }] }],
      }),
      "messages.0.content.0.id",
    ],
  ])("%s is a 400 that says where", async (_name, body, where) => {
    const res = await post("/v1/messages", body);
    expect(res.status).toBe(400);
    const error = await errorOf(res);
    expect(error.type).toBe("invalid_request_error");
    expect(error.message).toContain(where);
  });

  it("an unknown endpoint is a 404 in Anthropic's shape that says what there is", async () => {
    const res = await post("/v1/complete", "{}");
    expect(res.status).toBe(404);
    expect((await errorOf(res)).message).toContain("POST /v1/complete");
  });

  it("a wrong method is a 405 that says the right one", async () => {
    const res = await fetch(`${router.url}/v1/messages`);
    expect(res.status).toBe(405);
    expect(res.headers.get("allow")).toBe("POST");
    await errorOf(res);
  });

  it("a body of 50 MB is a 413, said while it is being sent", async () => {
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const url = new URL(`${router.url}/v1/messages`);
      const req = request(url, {
        method: "POST",
        headers: { "content-type": "application/json", "content-length": 50 * 1024 * 1024 },
      });
      req.on("response", (res) => {
        let body = "";
        res.on("data", (chunk: Buffer) => (body += chunk.toString()));
        res.on("end", () => resolve({ status: res.statusCode ?? 0, body }));
      });
      req.on("error", reject);
      const megabyte = Buffer.alloc(1024 * 1024, 32);
      let sent = 0;
      const send = (): void => {
        while (sent < 50) {
          sent++;
          if (!req.write(megabyte)) {
            req.once("drain", send);
            return;
          }
        }
        req.end();
      };
      send();
    });
    expect(answer.status).toBe(413);
    expect(answer.body).toContain("request_too_large");
    expect(answer.body).toContain("32 MB");
  });

  it("a body of 30 MB is taken", async () => {
    const text = "word ".repeat((30 * 1024 * 1024) / 5);
    const res = await post(
      "/v1/messages",
      JSON.stringify({ ...smallRequest, messages: [{ role: "user", content: text }] }),
    );
    expect(res.status).toBe(200);
  });

  it("bytes that are no HTTP are answered and the router lives on", async () => {
    const { port } = new URL(router.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.write("nonsense\r\n\r\n"));
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect((await fetch(`${router.url}/health`)).status).toBe(200);
  });
});

describe("a router without a client key", () => {
  const asked = (headers: Record<string, string>): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const req = request(`${router.url}/v1/messages`, { method: "POST", headers }, (res) => {
        let body = "";
        res.on("data", (chunk: Buffer) => (body += chunk.toString()));
        res.on("end", () => resolve({ status: res.statusCode ?? 0, body }));
      });
      req.on("error", reject);
      req.end(JSON.stringify(smallRequest));
    });
  it.each([
    ["by a name that leads here (DNS rebinding)", { host: "attacker.example:3000" }],
    ["from a web page, by a form", { origin: "https://attacker.example", "content-type": "text/plain" }],
    ["from a page without an origin", { origin: "null" }],
  ])("is not asked %s", async (_how, headers) => {
    const { status, body } = await asked(headers);
    expect(status).toBe(403);
    expect(body).toContain("permission_error");
  });
  it.each([
    { host: "localhost:3000" },
    { host: "127.0.0.1" },
    { host: "[::1]:3000" },
    { origin: "http://localhost:5173" },
  ])("is asked by this machine: %j", async (headers) => expect((await asked(headers)).status).toBe(200));
});

describe("a route without a usable provider", () => {
  it("names each target and the variable that is not set, and the client need not repeat it", async () => {
    const keyless = await testRouter('routes: { default: "openrouter,x" }');
    const res = await keyless.ask();
    await keyless.close();
    expect(res.status).toBe(503);
    expect(res.headers.get("x-should-retry")).toBe("false");
    expect((await errorOf(res)).message).toContain("openrouter,x (OPENROUTER_API_KEY is not set)");
  });
});

describe("endpoints that the client asks for", () => {
  it.each([
    "/v1/messages",
    "/v1/v1/messages",
    "/api/v1/messages",
    "/api/anthropic/v1/messages",
    "/openai/v1/messages",
  ])("%s is the Messages API", async (path) => {
    const res = await post(`${path}?beta=true`, JSON.stringify(smallRequest));
    expect(res.status).toBe(200);
    expect(await res.json()).toMatchObject({ type: "message", role: "assistant" });
  });

  it("health, ready, hello and models answer", async () => {
    expect(await (await fetch(`${router.url}/health`)).json()).toMatchObject({ status: "healthy" });
    expect((await fetch(`${router.url}/ready`)).status).toBe(200);
    expect((await fetch(`${router.url}/api/hello`, { method: "HEAD" })).status).toBe(200);
    const models = (await (await fetch(`${router.url}/v1/models?limit=1000`)).json()) as {
      data: { id: string }[];
    };
    expect(models.data.map((model) => model.id)).toContain("claude-via/demo,echo");
  });

  it("count_tokens is estimated where the provider has none", async () => {
    const count = async (content: string): Promise<number> => {
      const res = await post(
        "/v1/messages/count_tokens",
        JSON.stringify({ model: "claude-x", messages: [{ role: "user", content }] }),
      );
      expect(res.status).toBe(200);
      return ((await res.json()) as { input_tokens: number }).input_tokens;
    };
    const short = await count("one two three");
    const long = await count("one two three ".repeat(100));
    expect(short).toBeGreaterThan(2);
    expect(short).toBeLessThan(20);
    expect(long).toBeGreaterThan(290);
    expect(long).toBeLessThan(450);
  });

  it("POST /api/route says which rule decides and why, and calls nobody", async () => {
    const res = await fetch(`${router.url}/api/route`, {
      method: "POST",
      headers: router.admin,
      body: JSON.stringify({ ...smallRequest, model: "claude-haiku-4-5" }),
    });
    const body = (await res.json()) as {
      rule: string;
      targets: string[];
      tokens: number;
      why: { rule: string; matched: boolean; reason: string }[];
    };
    expect(body.rule).toBe("background");
    expect(body.targets).toEqual(["demo,echo"]);
    expect(body.tokens).toBeGreaterThan(0);
    expect(body.why.find((each) => each.matched)?.rule).toBe("background");
  });
});
