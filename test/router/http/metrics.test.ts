/** `GET /metrics` over HTTP: who may read it, and what stands in it. */
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { collector, plainAttributes, spansIn } from "../../support/collector.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { readExposition } from "../../support/prometheus.ts";
import { smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

const router = async (yaml: string): Promise<TestRouter> => closing(await testRouter(yaml));
const key = "router-key-0123456789";
const providerKey = "sk-live-canary-0123456789";
const withKeys = `providers: { a: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: ["${providerKey}"] } }`;

describe("GET /metrics", () => {
  it("is the text format, with the state of keys, the process and the turns", async () => {
    const r = await router(`${withKeys}\nroutes: { default: "a,m" }`);
    const answer = await fetch(`${r.url}/metrics`);
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "no-store",
    ]);
    const text = await answer.text();
    const families = readExposition(text);
    expect(
      families
        .get("switchyard_breakers")
        ?.samples.get('switchyard_breakers{provider="a",scope="key",state="well"}'),
    ).toBe(1);
    expect(families.get("switchyard_requests_in_flight")?.samples.get("switchyard_requests_in_flight")).toBe(
      0,
    );
    expect(
      families.get("process_resident_memory_bytes")?.samples.get("process_resident_memory_bytes"),
    ).toBeGreaterThan(1e6);
    expect(families.get("switchyard_turn_duration_seconds")?.kind).toBe("histogram");
    expect(text).not.toContain(providerKey.slice(-4));
  });

  it("asks for a client key of the configuration where there is one", async () => {
    const r = await router(`server: { clientKeys: ["${key}"] }`);
    expect((await fetch(`${r.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${r.url}/metrics`, { headers: { authorization: "Bearer wrong" } })).status).toBe(
      401,
    );
    expect((await fetch(`${r.url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(
      200,
    );
  });

  it("opens to a made key that may read it and to the administrator, to no other key and to nobody without one", async () => {
    const r = await router(`routes: { default: "demo,echo" }`);
    const make = async (body: object): Promise<string> => {
      const answer = await fetch(`${r.url}/api/keys`, {
        method: "POST",
        headers: r.admin,
        body: JSON.stringify(body),
      });
      return ((await answer.json()) as { key: string }).key;
    };
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${r.url}/metrics`, { headers })).status;
    expect(await status({})).toBe(200);
    const alice = await make({ name: "alice" });
    const prometheus = await make({ name: "prometheus", metrics: true, models: ["none"] });
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Bearer ${alice}` })).toBe(401);
    expect(await status({ authorization: `Bearer ${prometheus}` })).toBe(200);
    expect(await status(r.admin)).toBe(200);
    expect((await r.ask({}, { "x-api-key": prometheus })).status).toBe(403);
    const revoked = { method: "POST", headers: r.admin, body: '{"name":"prometheus"}' };
    await fetch(`${r.url}/api/keys/revoke`, revoked);
    expect(await status({ authorization: `Bearer ${prometheus}` })).toBe(401);
  });

  it("and the log tell of turns that were refused: why, and of whose key", async () => {
    const r = await router(
      'routes: { default: "demo,echo" }\nserver: { clientKeys: ["router-key-0123456789"] }',
    );
    const answer = await fetch(`${r.url}/api/keys`, {
      method: "POST",
      headers: r.admin,
      body: JSON.stringify({ name: "alice", requestsPerMinute: 1, models: ["demo,*"] }),
    });
    const { key: alice } = (await answer.json()) as { key: string };
    const ask = async (headers: Record<string, string>, body: object = {}): Promise<Response> =>
      r.ask(body, headers);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ "x-api-key": alice }, { messages: "none" })).status).toBe(400);
    expect((await ask({ "x-api-key": alice })).status).toBe(200);
    const limited = await ask({ "x-api-key": alice });
    expect(limited.status).toBe(429);
    // Not a turn.
    expect((await fetch(`${r.url}/v1/models`)).status).toBe(401);
    const families = readExposition(
      await (await fetch(`${r.url}/metrics`, { headers: { "x-api-key": key } })).text(),
    );
    expect(Object.fromEntries(families.get("switchyard_refused_turns_total")!.samples)).toEqual({
      'switchyard_refused_turns_total{code="auth.missing"}': 1,
      'switchyard_refused_turns_total{code="request.malformed"}': 1,
      'switchyard_refused_turns_total{code="limit.client"}': 1,
    });
    const lines = r.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ code }) => code === "limit.client")).toMatchObject({
      requestId: limited.headers.get("request-id"),
      client: "alice",
      status: 429,
      msg: expect.stringContaining("a turn was refused: The limit of the client key is reached: alice"),
    });
    expect(r.logs.join("")).not.toContain(alice);
  });

  it("counts every one of a thousand refusals, and the log is not washed out by them", async () => {
    const r = await router('server: { clientKeys: ["router-key-0123456789"] }');
    for (let n = 0; n < 10; n++) await Promise.all(Array.from({ length: 100 }, () => r.ask()));
    const text = await (await fetch(`${r.url}/metrics`, { headers: { "x-api-key": key } })).text();
    expect(text).toContain('switchyard_refused_turns_total{code="auth.missing"} 1000');
    const lines = r.logs.filter((line) => line.includes("a turn was refused"));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(100);
  });

  it("counts a turn once, and the collector gets its trace without what was said", async () => {
    const to = closing(await collector());
    const r = await router(
      `routes: { default: "demo,echo" }\ntelemetry: { endpoint: "${to.url}", metrics: false }`,
    );
    const said = "a secret of the conversation";
    const answer = await r.ask({ messages: [{ role: "user", content: said }], stream: true });
    await answer.text();
    const families = readExposition(await (await fetch(`${r.url}/metrics`)).text());
    expect(Object.fromEntries(families.get("switchyard_turns_total")!.samples)).toEqual({
      'switchyard_turns_total{provider="demo",model="echo",rule="default",outcome="done"}': 1,
    });
    await r.end();
    const [trace] = await to.got("/v1/traces", 1);
    const spans = spansIn(trace!.body);
    expect(spans.map(({ name }) => name)).toEqual([`chat ${smallRequest.model}`, "call demo,echo"]);
    expect(plainAttributes(spans[0]!.attributes)["switchyard.request_id"]).toBe(
      answer.headers.get("request-id"),
    );
    expect(JSON.stringify(trace!.body)).not.toContain("secret of");
  });

  it("is no page's to read by a name that leads here", async () => {
    const r = await router("");
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${r.url}/metrics`, { headers: { host: "rebound.example" } }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });
});
