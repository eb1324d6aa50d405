/** Keys in every place where they could come out again. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessOf } from "../../../src/router/admin/guard.ts";
import type { RouterContext } from "../../../src/router/endpoints/context.ts";
import { endpoints } from "../../../src/router/endpoints/index.ts";
import { makeAdminToken } from "../../../src/shared/admin-token.ts";
import { startProvider, type ScriptedProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";

const canary = {
  provider: "sk-canary-provider-01234567",
  written: "sk-canary-written-76543210",
  search: "tvly-canary-search-0123456",
  proxy: "canary-proxy-password",
  header: "canary-header-0123456789",
  configured: "canary-client-key-0123456",
};

let provider: ScriptedProvider;
let router: TestRouter;
let made = "";
let token = "";
let cookie = "";

beforeAll(async () => {
  // A provider that repeats the key it was sent in the words of its refusal.
  provider = await startProvider(({ headers }) => ({
    error: {
      status: 401,
      body: JSON.stringify({ error: { message: `no such key: ${headers.authorization ?? ""}` } }),
    },
  }));
  router = await testRouter(
    `
server: { clientKeys: ["\${CLIENT}"] }
providers:
  one: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: ["\${ONE}"], headers: { x-team-key: "\${HEADER}" } }
  two: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [${canary.written}] }
  off: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [], proxy: "http://user:\${PROXY}@127.0.0.1:9" }
routes: { default: ["one,m", "two,m"], background: , think: , longContext: , webSearch: , image: }
search: { provider: tavily, key: "\${SEARCH}" }
log: { level: trace }
`,
    {
      ONE: canary.provider,
      CLIENT: canary.configured,
      SEARCH: canary.search,
      PROXY: canary.proxy,
      HEADER: canary.header,
    },
  );
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${router.url}${path}`, {
      method: "POST",
      headers: { ...router.admin, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  ({ key: made } = (await (await post("/api/keys", { name: "alice", requestsPerMinute: 3 })).json()) as {
    key: string;
  });
  const fresh = makeAdminToken();
  token = fresh.token;
  await post("/api/admin/token", { hash: fresh.hash });
  const login = await post("/api/login", { token });
  cookie = login.headers.get("set-cookie")!.split(";")[0]!.split("=")[1]!;
});
afterAll(async () => {
  await router.close();
  await provider.close();
});

const secrets = (): Record<string, string> => ({
  ...canary,
  made,
  token,
  cookie,
  machine: Object.values(router.admin)[0]!,
});
const leaks = (text: string, but: readonly string[] = []): string[] =>
  Object.entries(secrets()).flatMap(([name, secret]) =>
    !but.includes(name) && text.includes(secret) ? [name] : [],
  );

describe("no key comes out", () => {
  it("of any answer under /api/, right or wrong", async () => {
    const all = endpoints({} as RouterContext).filter(
      // Never ends; its events are the turns'.
      (each) => accessOf(each) === "admin" && each.path !== "/api/live",
    );
    for (const { methods, path } of all) {
      for (const method of methods) {
        const answer = await fetch(`${router.url}${path.replace("*", canary.provider)}`, {
          method,
          headers: { ...router.admin, "x-echo": canary.provider },
          ...(method !== "GET" &&
            method !== "HEAD" && { body: `{"text": ": ${canary.provider}", "name": "nobody"}` }),
        });
        const text = `${await answer.text()} ${JSON.stringify([...answer.headers])}`;
        // The path itself was of our making.
        expect(leaks(text), `${method} ${path}: ${text.slice(0, 300)}`).toEqual([]);
      }
    }
  });

  it("of the errors of turns, limits and wrong keys", async () => {
    for (const key of [made, made, made, made, canary.configured, "wrong"]) {
      const answer = await router.ask({}, { "x-api-key": key });
      expect(answer.ok).toBe(false);
      expect(leaks(`${await answer.text()} ${JSON.stringify([...answer.headers])}`)).toEqual([]);
    }
  });

  it("of the log, at its finest", () => {
    expect(router.logs.length).toBeGreaterThan(5);
    expect(leaks(router.logs.join(""))).toEqual([]);
  });

  it("of the files that the router writes, but this machine's own secret", () => {
    const files = readdirSync(router.access, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const text = files.map((each) => readFileSync(join(each.parentPath, each.name), "utf8")).join("\n");
    expect(files.length).toBeGreaterThanOrEqual(3);
    expect(leaks(text)).toEqual(["machine"]);
  });

  it("to a provider: neither the client's key nor the administrator's", () => {
    expect(provider.requests.length).toBeGreaterThan(0);
    const sent = JSON.stringify(provider.requests.map(({ headers, raw }) => [headers, raw]));
    expect(leaks(sent, ["provider", "written", "header"])).toEqual([]);
  });
});
