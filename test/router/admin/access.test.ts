/** Who may administrate the router, and who may not. */
import { statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminAccess } from "../../../src/router/admin/access.ts";
import { accessOf } from "../../../src/router/admin/guard.ts";
import type { RouterContext } from "../../../src/router/endpoints/context.ts";
import { endpoints } from "../../../src/router/endpoints/index.ts";
import { accessFiles } from "../../../src/shared/access-files.ts";
import { makeAdminToken } from "../../../src/shared/admin-token.ts";
import { testConfig } from "../../support/config.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";
import { minute, second, TestState } from "../../support/state.ts";

const clientKey = "a-client-key-0123456789";
let router: TestRouter;
beforeEach(async () => {
  router = await testRouter(`server: { clientKeys: ["${clientKey}"] }\nroutes: { default: ["demo,echo"] }`);
});
afterEach(() => router.close());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly json: { csrf?: string; signedIn?: boolean; error?: { message: string; type: string } };
}

/** `fetch` sets Host and Origin as it likes. */
const send = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(`${router.url}${path}`, { method, headers }, (res) => {
      let text = "";
      res.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      res.on("end", () => {
        const json = (text.startsWith("{") ? JSON.parse(text) : {}) as Answer["json"];
        resolve({ status: res.statusCode ?? 0, headers: res.headers, json });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });

const json = { "content-type": "application/json" };
const newToken = async (): Promise<string> => {
  const { token, hash } = makeAdminToken();
  const { status } = await send(
    "POST",
    "/api/admin/token",
    { ...router.admin, ...json },
    JSON.stringify({ hash }),
  );
  expect(status).toBe(200);
  return token;
};
const signIn = async (): Promise<{ cookie: string; csrf: string; header: string; token: string }> => {
  const token = await newToken();
  const answer = await send("POST", "/api/login", json, JSON.stringify({ token }));
  expect(answer.status).toBe(200);
  const [header] = answer.headers["set-cookie"] as string[];
  return { cookie: header!.split(";")[0]!, csrf: answer.json.csrf!, header: header!, token };
};

/** Every endpoint as the router has it: a new one is tested by itself. */
const nothing = {} as RouterContext;
const closed = endpoints(nothing).filter((each) => accessOf(each) === "admin");
const paths = closed.flatMap(({ methods, path }) =>
  methods.map((method) => [method, path.replace("*", "x")] as const),
);

describe("without the administrator's token", () => {
  it("everything under /api/ is closed but three", () => {
    const open = endpoints(nothing).filter(({ path }) => path.startsWith("/api/"));
    expect(open.filter((each) => accessOf(each) !== "admin").map(({ path }) => path)).toEqual([
      "/api/hello",
      "/api/login",
      "/api/session",
    ]);
    expect(paths.length).toBeGreaterThan(15);
  });

  it.each(paths)(
    "%s %s is refused to nobody's, a client's, a wrong and a forged credential",
    async (method, path) => {
      for (const headers of [
        {},
        { "x-switchyard-key": clientKey },
        { authorization: `Bearer ${clientKey}` },
        { cookie: `switchyard_${new URL(router.url).port}=${"a".repeat(43)}` },
      ]) {
        const { status, json: answer } = await send(method, path, headers);
        expect([status, method === "HEAD" || answer.error?.type]).toEqual([
          401,
          method === "HEAD" || "authentication_error",
        ]);
      }
    },
  );

  it("another spelling of a path leads around nothing", async () => {
    for (const path of [
      "/%61pi/keys",
      "/api/%6beys",
      "//api/keys",
      "/api//keys",
      "/api/v1/../keys",
      "/openai/../api/keys",
    ])
      expect([401, 404, 400], path).toContain((await send("GET", path)).status);
  });
});

describe("the secret of this machine", () => {
  it("opens the administration, lies in a file for its owner, and is no client's key", async () => {
    expect((await send("GET", "/api/state", router.admin)).status).toBe(200);
    expect(statSync(join(router.access, accessFiles.machineSecret)).mode & 0o777).toBe(0o600);
    const [secret] = Object.values(router.admin);
    expect((await router.ask({}, { "x-api-key": secret! })).status).toBe(401);
  });
});

describe("the dashboard's session", () => {
  it("has a cookie that no script reads and no other site sends", async () => {
    const { header } = await signIn();
    expect(header).toMatch(/^switchyard_\d+=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  });

  it("reads with the cookie, and changes with the cookie and the header alone", async () => {
    const { cookie, csrf } = await signIn();
    expect((await send("GET", "/api/keys", { cookie })).status).toBe(200);
    expect(await send("GET", "/api/session", { cookie })).toMatchObject({ json: { signedIn: true, csrf } });
    const body = JSON.stringify({ name: "made" });
    const without = await send("POST", "/api/keys", { cookie, ...json }, body);
    expect([without.status, without.json.error?.message]).toEqual([
      403,
      expect.stringContaining("x-switchyard-csrf"),
    ]);
    const wrong = await send("POST", "/api/keys", { cookie, ...json, "x-switchyard-csrf": `${csrf}x` }, body);
    expect(wrong.status).toBe(403);
    expect(
      (await send("POST", "/api/keys", { cookie, ...json, "x-switchyard-csrf": csrf }, body)).status,
    ).toBe(200);
  });

  it("cannot be used by a form or a page of another site, nor of another port of this machine", async () => {
    const { cookie, csrf } = await signIn();
    const form = { cookie, "content-type": "application/x-www-form-urlencoded" };
    expect((await send("POST", "/api/reload", { ...form, origin: "https://evil.example" })).status).toBe(403);
    for (const foreign of [
      { origin: "http://127.0.0.1:1" },
      { origin: "null" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
    ])
      for (const method of ["GET", "POST"]) {
        const path = method === "GET" ? "/api/state" : "/api/reload";
        const answer = await send(method, path, { cookie, "x-switchyard-csrf": csrf, ...foreign });
        expect([answer.status, foreign]).toEqual([403, foreign]);
      }
    const own = { origin: router.url, "sec-fetch-site": "same-origin" };
    expect((await send("POST", "/api/reload", { cookie, "x-switchyard-csrf": csrf, ...own })).status).toBe(
      200,
    );
  });

  it("is found behind a cookie of its name that is old or forged", async () => {
    const { cookie, csrf } = await signIn();
    const [name] = cookie.split("=");
    const both = `${name}=${"a".repeat(43)}; ${name}=; ${cookie}`;
    expect((await send("GET", "/api/keys", { cookie: both })).status).toBe(200);
    expect(await send("GET", "/api/session", { cookie: both })).toMatchObject({ json: { csrf } });
    await send("POST", "/api/logout", { cookie: both, "x-switchyard-csrf": csrf });
    expect((await send("GET", "/api/keys", { cookie })).status).toBe(401);
  });

  it.each(["GET", "POST"])("does not matter to a %s with the right token in a header", async (method) => {
    const { cookie: old } = await signIn();
    const token = await newToken();
    const path = method === "GET" ? "/api/keys" : "/api/reload";
    for (const headers of [
      { "x-switchyard-admin": token },
      { authorization: `Bearer ${token}` },
      // What a script sends whose variable is empty, and one that was left from before.
      { "x-switchyard-admin": "", authorization: `Bearer ${token}` },
      { "x-switchyard-admin": makeAdminToken().token, authorization: `Bearer ${token}` },
    ])
      for (const cookie of [old, old.replace(/=.*/, `=${"a".repeat(43)}`)])
        expect([(await send(method, path, { cookie, ...headers })).status, headers]).toEqual([200, headers]);
    expect((await send(method, path, { cookie: old, "x-switchyard-admin": "swa-no" })).status).toBe(401);
  });

  it("cannot be begun by a form of another site", async () => {
    const token = await newToken();
    const body = JSON.stringify({ token });
    expect((await send("POST", "/api/login", { "content-type": "text/plain" }, body)).status).toBe(400);
    expect((await send("POST", "/api/login", { ...json, origin: "https://evil.example" }, body)).status).toBe(
      403,
    );
  });

  it("ends with a logout, and with a new token", async () => {
    const first = await signIn();
    const out = await send("POST", "/api/logout", { cookie: first.cookie, "x-switchyard-csrf": first.csrf });
    expect(String(out.headers["set-cookie"])).toContain("Max-Age=0");
    expect((await send("GET", "/api/state", { cookie: first.cookie })).status).toBe(401);
    const second_ = await signIn();
    await newToken();
    expect((await send("GET", "/api/state", { cookie: second_.cookie })).status).toBe(401);
    expect((await send("GET", "/api/state", { "x-switchyard-admin": second_.token })).status).toBe(401);
  });

  it("has answers that no page of another site can frame, read or keep", async () => {
    const { cookie } = await signIn();
    const { headers } = await send("GET", "/api/state", { cookie });
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
    });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  });
});

describe("a foreign name in the Host header", () => {
  it.each(["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "localhost.evil.example"])(
    "%s is refused, whatever else is right (DNS rebinding)",
    async (host) => {
      const { cookie, token } = await signIn();
      for (const headers of [router.admin, { cookie }, { "x-switchyard-admin": token }])
        expect((await send("GET", "/api/configs", { ...headers, host })).status).toBe(403);
      expect((await send("POST", "/api/login", { ...json, host }, JSON.stringify({ token }))).status).toBe(
        403,
      );
      expect((await send("GET", "/", { host })).status).toBe(403);
    },
  );

  it("that the configuration names is taken; so are loopback and addresses", async () => {
    await router.change(`admin: { hosts: ["Box.lan"] }\nroutes: { default: ["demo,echo"] }`);
    for (const host of [
      "box.lan:3000",
      "localhost:9",
      "[::1]:3000",
      "192.168.1.5:3000",
      "switchyard.localhost",
    ])
      expect((await send("GET", "/api/state", { ...router.admin, host })).status, host).toBe(200);
  });
});

describe("whoever guesses at the token", () => {
  it("is slowed after a few, and refused even the right one until then", async () => {
    const token = await newToken();
    const login = (guess: string): Promise<Answer> =>
      send("POST", "/api/login", json, JSON.stringify({ token: guess }));
    const statuses = [];
    for (let i = 0; i < 8; i++) statuses.push((await login(`swa-${i}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const right = await login(token);
    expect(right.status).toBe(429);
    expect(Number(right.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect((await send("GET", "/api/state", { "x-switchyard-admin": token })).status).toBe(429);
    // The CLI of this machine goes on.
    expect((await send("GET", "/api/state", router.admin)).status).toBe(200);
  });

  it("gets no more by trying many at once", async () => {
    await newToken();
    const tries = Array.from({ length: 50 }, (_, i) =>
      send("POST", "/api/login", json, JSON.stringify({ token: `swa-${i}` })),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(45);
  });

  it("waits longer each time, up to a minute; another address does not, and a right one is forgiven", async () => {
    const s = new TestState();
    const { token, hash } = makeAdminToken();
    const admin = new AdminAccess({
      folder: undefined,
      state: s.state,
      log: { error: () => undefined, warn: () => undefined, info: () => undefined },
      now: () => s.now,
    });
    admin.replaceToken(hash);
    const config = testConfig("");
    const codeOf = (guess: string, address = "1.2.3.4"): Promise<string> =>
      admin.login(guess, { method: "POST", headers: { host: "localhost" }, address }, config).then(
        () => "in",
        (error: { code: string }) => error.code,
      );
    const waits: number[] = [];
    for (let tries = 0; tries < 14; tries++) {
      let waited = 0;
      while ((await codeOf("wrong")) === "admin.slow") {
        s.now += second;
        waited += 1;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(await codeOf(token, "5.6.7.8")).toBe("in");
    expect(await codeOf(token)).toBe("admin.slow");
    s.now += minute;
    expect(await codeOf(token)).toBe("in");
    expect(await codeOf("wrong")).toBe("admin.wrong");
    expect(await codeOf(token)).toBe("in");
  });
});
