/** Client keys that are made: what each may do, and how it ends. */
import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClientRegistry } from "../../../src/router/clients/registry.ts";
import { takeAllowance } from "../../../src/router/clients/allowance.ts";
import { accessFiles } from "../../../src/shared/access-files.ts";
import { until } from "../../support/cli.ts";
import { testConfig } from "../../support/config.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { startProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";
import { minute, noon, second, TestState } from "../../support/state.ts";

const yaml = `
routes: { default: ["demo,echo"], background: , think: , longContext: , webSearch: , image: }
aliases: { other: "demo,other" }
profiles: { night: { models: { sonnet: "demo,night" } } }
`;

closeAfterEach();

let router: TestRouter;
beforeEach(async () => void (router = await testRouter(yaml)));
afterEach(() => router.close());

const api = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${router.url}${path}`, {
    method,
    headers: { ...router.admin, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, unknown>;
};
const make = async (name: string, terms: object = {}): Promise<string> => {
  const { key } = await api("POST", "/api/keys", { name, ...terms });
  expect(key).toMatch(/^swk-[\w-]{43}$/);
  return key as string;
};
const ask = (key: string, body: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  router.ask(body, { "x-api-key": key, ...headers });
const errorOf = async (answer: Response): Promise<{ status: number; type: string; message: string }> => {
  const { error } = (await answer.json()) as { error: { type: string; message: string } };
  return { status: answer.status, ...error };
};

describe("a client key", () => {
  it("opens the router in each of the three headers, and from the first one on nobody comes in without", async () => {
    expect((await router.ask()).status).toBe(200);
    const key = await make("alice");
    for (const headers of [
      { "x-api-key": key },
      { "x-switchyard-key": key },
      { authorization: `Bearer ${key}` },
    ])
      expect((await router.ask({}, headers)).status).toBe(200);
    expect(await errorOf(await router.ask())).toMatchObject({ status: 401, type: "authentication_error" });
    expect((await ask(`${key.slice(0, -1)}x`)).status).toBe(401);
  });

  it("is kept as a hash alone, in a file for its owner", async () => {
    const key = await make("alice");
    const file = join(router.access, accessFiles.clientKeys);
    expect(readFileSync(file, "utf8")).not.toContain(key.slice(4, 30));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const listed = JSON.stringify(await api("GET", "/api/keys"));
    expect(listed).toContain("alice");
    expect(listed).not.toContain(key.slice(4, 30));
    expect(listed).not.toMatch(/[0-9a-f]{64}/);
  });

  it("that is revoked opens nothing, and the router does not stand open when it was the last", async () => {
    const key = await make("alice");
    await api("POST", "/api/keys/revoke", { name: "alice" });
    expect(await errorOf(await ask(key))).toMatchObject({
      status: 401,
      message: expect.stringContaining("no longer valid: x-api-key: revoked"),
    });
    expect((await router.ask()).status).toBe(401);
  });

  it("that is rotated goes over to the new one, the old one for as long as it was said", async () => {
    const first = await make("alice");
    const { key: second_ } = await api("POST", "/api/keys/rotate", { name: "alice", grace: 60_000 });
    expect((await ask(first)).status).toBe(200);
    expect((await ask(second_ as string)).status).toBe(200);
    const { key: third } = await api("POST", "/api/keys/rotate", { name: "alice" });
    expect((await ask(second_ as string)).status).toBe(401);
    expect((await ask(first)).status).toBe(401);
    expect((await ask(third as string)).status).toBe(200);
  });

  it.each([
    ["one that is not known", { "x-api-key": "swk-of-nobody" }],
    ["none", {}],
  ])("%s is refused for good: a client that tries again waits for nothing", async (_, headers) => {
    await make("alice");
    const res = await fetch(`${router.url}/v1/messages`, { method: "POST", headers, body: "{}" });
    expect([res.status, res.headers.get("x-should-retry")]).toEqual([401, "false"]);
  });

  it("may use its models alone: others are refused, fallbacks left out, and the list of models says so", async () => {
    // As an alias and as the client's own list name it.
    for (const [name, model] of [
      ["by-alias", "other"],
      ["as-listed", "claude-via/demo,other"],
    ] as const) {
      const named = await make(name, { models: [model] });
      expect((await ask(named, { model: "claude-via/demo,other" })).status).toBe(200);
      expect((await ask(named)).status).toBe(403);
    }
    const key = await make("alice", { models: ["demo,oth*"] });
    expect(await errorOf(await ask(key))).toMatchObject({
      status: 403,
      type: "permission_error",
      message: expect.stringContaining("alice may not use demo,echo. It may use: demo,oth*."),
    });
    const other = await ask(key, { model: "other" });
    expect([other.status, other.headers.get("x-switchyard-target")]).toEqual([200, "demo,other"]);
    const { data } = (await (
      await fetch(`${router.url}/v1/models`, { headers: { "x-api-key": key } })
    ).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["claude-via/demo,other"]);
    const counted = await fetch(`${router.url}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "x-api-key": key },
      body: JSON.stringify({ model: "claude-sonnet-4-5", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(counted.status).toBe(403);
  });

  it("for `up,claude-haiku*` is served by `up,*` with a model of that name, and with no other", async () => {
    const up = closing(await startProvider(() => ({ text: "hi" })));
    const own = closing(
      await testRouter(`
providers: { up: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: [] } }
routes: { default: ["up,*"], background: , think: , longContext: , webSearch: , image: }
`),
    );
    for (const models of [["up,claude-haiku*"], ["claude-haiku*"]]) {
      const made = await fetch(`${own.url}/api/keys`, {
        method: "POST",
        headers: { ...own.admin, "content-type": "application/json" },
        body: JSON.stringify({ name: `of-${models[0]!.length}`, models }),
      });
      const { key } = (await made.json()) as { key: string };
      const statusOf = async (model: string) => (await own.ask({ model }, { "x-api-key": key })).status;
      expect(await statusOf("claude-haiku-4-5")).toBe(200);
      expect(up.requests.at(-1)!.body.model).toBe("claude-haiku-4-5");
      const refused = await own.ask({ model: "claude-opus-4-5" }, { "x-api-key": key });
      expect(await errorOf(refused)).toMatchObject({
        status: 403,
        message: expect.stringContaining("may not use up,claude-opus-4-5."),
      });
    }
    expect(up.requests).toHaveLength(2);
  });

  it("is not made for a profile that there is not: the nearest name is told", async () => {
    expect(await api("POST", "/api/keys", { name: "alice", profiles: ["nigth"] })).toMatchObject({
      error: { type: "not_found_error", message: expect.stringContaining('Did you mean "night"?') },
    });
    expect(await api("GET", "/api/keys")).toMatchObject({ keys: [] });
  });

  it("may use its profiles alone", async () => {
    const key = await make("alice", { profiles: ["night"] });
    expect(await errorOf(await ask(key))).toMatchObject({
      status: 403,
      message: expect.stringContaining("without a profile. It may use: night."),
    });
    const models = await fetch(`${router.url}/v1/models`, { headers: { "x-api-key": key } });
    expect(models.status).toBe(403);
  });

  it("of two requests a minute gets 429 for the third, with the time to wait", async () => {
    const key = await make("alice", { requestsPerMinute: 2 });
    expect([(await ask(key)).status, (await ask(key)).status]).toEqual([200, 200]);
    // The wait is told in whole seconds: both that are told of it ask in the same one.
    await until(() => Date.now() % 1_000 < 300, "the beginning of a second");
    const third = await ask(key);
    const wait = Number(third.headers.get("retry-after"));
    expect(third.status).toBe(429);
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(61);
    expect((await errorOf(third)).type).toBe("rate_limit_error");
    // OpenAI's clients read it in their own form.
    const chat = await fetch(`${router.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "other", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(chat.status).toBe(429);
    expect(chat.headers.get("retry-after")).toBe(String(wait));
    expect(await chat.json()).toMatchObject({ error: { message: expect.stringContaining("alice: ") } });
    // A bucket for each: another key is not held up.
    expect((await ask(await make("bob"))).status).toBe(200);
  });

  it("of few tokens a minute is stopped by a large request after another", async () => {
    const key = await make("alice", { tokensPerMinute: 5_000 });
    const large = { messages: [{ role: "user", content: "word ".repeat(3_000) }] };
    expect((await ask(key, large)).status).toBe(200);
    const next = await ask(key, large);
    expect(next.status).toBe(429);
    expect((await errorOf(next)).message).toContain("of 5000 tokens");
  });

  it.each([
    [{ name: "a b" }, "name"],
    [{ name: "x", models: "demo" }, "models: expected a list"],
    [{ name: "x", budget: { limit: -1, per: "day" } }, "budget"],
    [{ name: "x", requestsPerMinute: 0.5 }, "requestsPerMinute"],
    [{ name: "x", expiresAt: "2001-01-01" }, "a time to come"],
    [{ name: "x", admin: true }, "admin: a key has no such field"],
  ])("cannot be made as %j", async (body, words) => {
    expect(await api("POST", "/api/keys", body)).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining(words) },
    });
  });
});

describe("the retry-after of a limit", () => {
  it("is the time at which the next request is let through, to the second", async () => {
    const s = new TestState();
    const take = () =>
      s.state.call(takeAllowance, { client: "a", requestsPerMinute: 2, tokens: 10, longest: minute });
    await take();
    s.now += 20 * second;
    await take();
    const limited = await take();
    if (limited.kind !== "limited") throw new Error("it was let through");
    s.now = limited.until - 1;
    expect((await take()).kind).toBe("limited");
    s.now = limited.until;
    expect((await take()).kind).toBe("allowed");
    // The second of the two still counts.
    expect((await take()).kind).toBe("limited");
  });
});

describe("the file of keys", () => {
  it("is read anew within a second of a change by somebody else", async () => {
    const key = await make("alice");
    const file = join(router.access, accessFiles.clientKeys);
    const text = readFileSync(file, "utf8");
    let now = noon;
    const registry = new ClientRegistry({
      folder: router.access,
      log: { error: () => undefined },
      now: () => now,
    });
    const config = testConfig(yaml);
    expect(registry.find(key, config)).toMatchObject({ client: { name: "alice" } });
    writeFileSync(file, text.replace('"revokedAt": null', '"revokedAt": "2026-11-01T00:00:00.000Z"'));
    utimesSync(file, 1, 1);
    now += second;
    expect(registry.find(key, config)).toEqual({ refused: "revoked" });
  });

  it("of a version before is understood: what it does not say sets no limit, and opens nothing more", async () => {
    const key = await make("alice", { metrics: true });
    const file = join(router.access, accessFiles.clientKeys);
    writeFileSync(file, readFileSync(file, "utf8").replace(/ *"metrics": true,\n/, ""));
    const registry = new ClientRegistry({ folder: router.access, log: { error: () => undefined } });
    expect(registry.find(key, testConfig(yaml))).toMatchObject({ client: { terms: { metrics: false } } });
  });

  it("that is damaged opens nothing, and is told", async () => {
    const key = await make("alice");
    writeFileSync(join(router.access, accessFiles.clientKeys), "{");
    const errors: unknown[] = [];
    const registry = new ClientRegistry({
      folder: router.access,
      log: { error: (fields: unknown) => void errors.push(fields) },
    });
    const config = testConfig(yaml);
    expect(registry.needed(config)).toBe(true);
    expect(registry.find(key, config)).toEqual({ refused: "unknown" });
    expect(errors).toEqual([{ code: "state.unusable" }]);
    expect(() => registry.list()).toThrow("is no file of client keys");
  });

  it("has a key that ends at its time", async () => {
    const key = await make("alice", { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    let now = Date.now();
    const registry = new ClientRegistry({
      folder: router.access,
      log: { error: () => undefined },
      now: () => now,
    });
    expect(registry.find(key, testConfig(yaml))).toMatchObject({ client: { name: "alice" } });
    now += 60_000;
    expect(registry.find(key, testConfig(yaml))).toEqual({ refused: "expired" });
  });
});
