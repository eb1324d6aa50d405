/** Profiles under /p/NAME/ and as the default, as a client and an administrator meet them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accessFiles } from "../../../src/shared/access-files.ts";
import { startRouter } from "../../../src/router/main.ts";
import { testConfig } from "../../support/config.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { smallRequest, testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

const yaml = `
routes: { default: ["demo,usual"], background: , think: , longContext: , webSearch: , image: }
rules: [{ name: night-owls, when: { profile: owl }, use: "demo,owl" }]
profiles:
  blue: { models: { opus: "demo,blue-o", sonnet: "demo,blue-s", haiku: "demo,blue-h" } }
  green: { models: { sonnet: "demo,green-s" } }
  owl: { models: { sonnet: "demo,unused" } }
  off: { models: { sonnet: "zai,glm-4.6" } }
`;
const start = async (more = ""): Promise<TestRouter> => closing(await testRouter(yaml + more));

const post = (router: TestRouter, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${router.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const targetAt = async (router: TestRouter, path: string, body: object = smallRequest) => {
  const answer = await post(router, path, body);
  return [answer.status, answer.headers.get("x-switchyard-target")];
};
const use = (router: TestRouter, name: unknown) =>
  fetch(`${router.url}/api/profile`, {
    method: "PUT",
    headers: router.admin,
    body: JSON.stringify({ name }),
  });
const health = async (router: TestRouter) =>
  (await (await fetch(`${router.url}/health`)).json()) as { profile: string | null };

describe("below /p/NAME/", () => {
  it("each profile is served by its own models, at once and beside what is asked without one", async () => {
    const router = await start();
    expect(await targetAt(router, "/p/blue/v1/messages?beta=true")).toEqual([200, "demo,blue-s"]);
    expect(await targetAt(router, "/p/green/v1/messages")).toEqual([200, "demo,green-s"]);
    expect(await targetAt(router, "/v1/messages")).toEqual([200, "demo,usual"]);
    const opus = { ...smallRequest, model: "claude-opus-5-5[1m]" };
    expect(await targetAt(router, "/p/blue/v1/messages", opus)).toEqual([200, "demo,blue-o"]);
    expect(await targetAt(router, "/p/green/v1/messages", opus)).toEqual([200, "demo,green-s"]);
  });

  it("a name may be percent-encoded, what is no encoding is an unknown name", async () => {
    const router = await start();
    expect(await targetAt(router, "/p/bl%75e/v1/messages")).toEqual([200, "demo,blue-s"]);
    expect((await post(router, "/p/bl%E0%A4%A/v1/messages", smallRequest)).status).toBe(404);
    expect((await post(router, "/p/x%2Fblue/v1/messages", smallRequest)).status).toBe(404);
  });

  it.each(["/v1/messages", "/v1/v1/messages", "/api/anthropic/v1/messages", "/v1/messages/count_tokens"])(
    "%s is what it is without",
    async (path) => {
      expect(await targetAt(await start(), `/p/blue${path}`)).toEqual([200, "demo,blue-s"]);
    },
  );

  describe("in a header, for clients whose base URL cannot say it", () => {
    const asked = async (headers: Record<string, string>, path = "/v1/messages") => {
      const answer = await post(await start(), path, smallRequest, headers);
      return [answer.status, answer.headers.get("x-switchyard-target")];
    };

    it("a profile, a target or none is what is asked; the path goes before", async () => {
      expect(await asked({ "x-switchyard-profile": "blue" })).toEqual([200, "demo,blue-s"]);
      expect(await asked({ "x-switchyard-profile": "Demo,one/of:mine" })).toEqual([200, "demo,one/of:mine"]);
      expect(await asked({ "x-switchyard-profile": "none" })).toEqual([200, "demo,usual"]);
      expect(await asked({ "x-switchyard-profile": "blue" }, "/p/green/v1/messages")).toEqual([
        200,
        "demo,green-s",
      ]);
    });

    it("default is the default profile, none is the routes of the configuration", async () => {
      const router = await start();
      await use(router, "blue");
      const target = async (name: string) => {
        const headers = { "x-switchyard-profile": name };
        return (await post(router, "/v1/messages", smallRequest, headers)).headers.get("x-switchyard-target");
      };
      expect(await target("default")).toBe("demo,blue-s");
      expect(await target("none")).toBe("demo,usual");
      await use(router, null);
      expect(await target("default")).toBe("demo,usual");
    });

    it("that of agents counts for them alone, also below a path", async () => {
      const both = { "x-switchyard-profile": "blue", "x-switchyard-agent-profile": "green" };
      const agent = { "x-claude-code-agent-id": "a1" };
      expect(await asked(both)).toEqual([200, "demo,blue-s"]);
      expect(await asked({ ...both, ...agent })).toEqual([200, "demo,green-s"]);
      expect(await asked({ ...both, ...agent }, "/p/blue/v1/messages")).toEqual([200, "demo,green-s"]);
      expect(await asked({ "x-switchyard-profile": "blue", ...agent })).toEqual([200, "demo,blue-s"]);
    });

    it.each([
      ["bleu", 404, 'Did you mean \\"blue\\"?'],
      ["dmo,model", 404, 'Did you mean \\"demo\\"?'],
      ["demo,", 404, "no model behind the comma"],
      ["off", 503, "ZAI_API_KEY is not set"],
    ])("%s is refused with %i, and says why", async (name, status, words) => {
      const answer = await post(await start(), "/v1/messages", smallRequest, {
        "x-switchyard-profile": name,
      });
      expect(answer.status).toBe(status);
      expect(await answer.text()).toContain(words);
    });
  });

  it.each(["/v1/chat/completions", "/openai/v1/chat/completions"])(
    "OpenAI's clients are served at %s",
    async (path) => {
      const router = await start();
      const asked = { model: "gpt-5.5", messages: [{ role: "user", content: "hi" }] };
      expect(await targetAt(router, `/p/blue${path}`, asked)).toEqual([200, "demo,blue-s"]);
    },
  );

  it("the Responses API, the list of models, the decision and the greeting are those of the profile", async () => {
    const router = await start();
    expect(await targetAt(router, "/p/blue/v1/responses", { model: "gpt-5.5", input: "hi" })).toEqual([
      200,
      "demo,blue-s",
    ]);
    const models = await (await fetch(`${router.url}/p/green/v1/models`)).text();
    expect(models).toContain("demo,green-s");
    expect(models).not.toContain("blue");
    const decision = await post(router, "/p/blue/api/route", smallRequest, router.admin);
    expect(await decision.json()).toMatchObject({ rule: "sonnet", targets: ["demo,blue-s"] });
    const asked = await post(router, "/api/route?profile=blue", smallRequest, router.admin);
    expect(await asked.json()).toMatchObject({ targets: ["demo,blue-s"] });
    const hello = await fetch(`${router.url}/p/blue/api/hello`, { method: "HEAD" });
    expect(hello.status).toBe(200);
  });

  it("rules of one's own see the profile", async () => {
    const router = await start();
    const answer = await post(router, "/p/owl/v1/messages", smallRequest);
    expect(answer.headers.get("x-switchyard-rule")).toBe("custom:night-owls");
  });

  it("the administration is as closed as without", async () => {
    const router = await start();
    expect((await fetch(`${router.url}/p/blue/api/config`)).status).toBe(401);
  });

  it.each([
    ["/v1/messages", smallRequest, { type: "error", error: { type: "not_found_error" } }],
    ["/v1/messages/count_tokens", smallRequest, { type: "error", error: { type: "not_found_error" } }],
    [
      "/v1/chat/completions",
      { model: "m", messages: [{ role: "user", content: "x" }] },
      { error: { type: expect.any(String), message: expect.stringContaining("bleu") } },
    ],
    ["/v1/responses", { model: "m", input: "x" }, { error: { message: expect.stringContaining("bleu") } }],
  ])("a name that is no profile's is 404 in the form of %s, with the nearest", async (path, body, shape) => {
    const router = await start();
    const answer = await post(router, `/p/bleu${path}`, body);
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([404, "false"]);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject(shape);
    expect(text).toContain('Did you mean \\"blue\\"?');
    expect(text).toContain("blue, green, owl, off");
    expect((await fetch(`${router.url}/p/bleu/api/hello`, { method: "HEAD" })).status).toBe(404);
  });

  it.each(["/health", "/ready", "/metrics", "/sessions/one", "/api/state", "/api/nothing", "/", ""])(
    "nor is %j served under a name that is no profile's: 404, and no word of the others",
    async (path) => {
      const router = await start();
      const answer = await fetch(`${router.url}/p/bleu${path}`);
      expect(answer.status).toBe(404);
      const text = await answer.text();
      expect(JSON.parse(text)).toMatchObject({
        error: { message: expect.stringContaining("There is no profile of this name") },
      });
      expect(text).not.toContain("green");
      expect((await fetch(`${router.url}/p/blue/health`)).status).toBe(200);
    },
  );

  it("a profile whose key is not set says which, and nobody else answers for it", async () => {
    const answer = await post(await start(), "/p/off/v1/messages", smallRequest);
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "false"]);
    expect(await answer.text()).toContain("off: ZAI_API_KEY is not set");
  });

  it("whoever has no key is not told which profiles there are", async () => {
    const router = await start('server: { clientKeys: ["a-client-key"] }\n');
    for (const path of ["/p/bleu/v1/messages", "/p/bleu/api/hello"]) {
      const answer = await post(router, path, smallRequest);
      expect(await answer.text()).not.toContain("green");
    }
  });
});

describe("the default profile", () => {
  it("serves what is asked without one, at once, and back; sessions on a profile keep theirs", async () => {
    const router = await start();
    expect(await (await use(router, "blue")).json()).toEqual({ profile: "blue", before: null });
    expect(await targetAt(router, "/v1/messages")).toEqual([200, "demo,blue-s"]);
    expect(await targetAt(router, "/p/green/v1/messages")).toEqual([200, "demo,green-s"]);
    expect(await health(router)).toMatchObject({ profile: "blue" });
    expect(await (await use(router, null)).json()).toEqual({ profile: null, before: "blue" });
    expect(await targetAt(router, "/v1/messages")).toEqual([200, "demo,usual"]);
  });

  it.each([
    ["bleu", 404, "Did you mean"],
    ["off", 503, "ZAI_API_KEY"],
    [7, 400, "expected {name}"],
  ])("cannot be %s", async (name, status, words) => {
    const router = await start();
    const answer = await use(router, name);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(words)]);
    expect(await health(router)).toMatchObject({ profile: null });
  });

  it("is not a client's to choose", async () => {
    const router = await start();
    const answer = await fetch(`${router.url}/api/profile`, { method: "PUT", body: '{"name":"blue"}' });
    expect(answer.status).toBe(401);
  });

  it("counts as the profile of the turn, in the ledger as for a client key", async () => {
    const router = await start();
    await use(router, "blue");
    const made = await post(router, "/api/keys", { name: "alice", profiles: ["green"] }, router.admin);
    const { key } = (await made.json()) as { key: string };
    expect((await router.ask({}, { "x-api-key": key })).status).toBe(403);
    await use(router, "green");
    expect((await router.ask({}, { "x-api-key": key })).status).toBe(200);
    const turns = await fetch(`${router.url}/api/turns`, { headers: router.admin });
    expect(await turns.json()).toMatchObject({ turns: [{ profile: "green", target: "demo,green-s" }] });
  });

  it("is none where the profile is gone from the configuration, and again when it is back", async () => {
    const router = await start();
    await use(router, "green");
    await router.change(yaml.replace("  green:", "  moon:"));
    expect(await health(router)).toMatchObject({ profile: null });
    expect(await targetAt(router, "/v1/messages")).toEqual([200, "demo,usual"]);
    expect(router.logs.filter((line) => line.includes("is not in the configuration"))).toEqual([
      expect.stringContaining("green"),
    ]);
    await router.change(yaml);
    expect(await targetAt(router, "/v1/messages")).toEqual([200, "demo,green-s"]);
  });

  it("follows a reload of the profile itself", async () => {
    const router = await start();
    await use(router, "green");
    await router.change(yaml.replace("demo,green-s", "demo,newer"));
    expect(await targetAt(router, "/v1/messages")).toEqual([200, "demo,newer"]);
  });
});

it("the default profile is kept over a restart, and a file that is damaged names none, which the log tells", async () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-profile-"));
  const logs: string[] = [];
  const write = (line: string): void => void logs.push(line);
  const router = async () =>
    closing(await startRouter({ config: testConfig(yaml), accessFolder: folder, port: 0, write }));
  const profileOf = async (url: string) =>
    ((await (await fetch(`${url}/health`)).json()) as { profile: string | null }).profile;
  try {
    writeFileSync(join(folder, accessFiles.profile), '{"profile":"blue"}');
    const first = await router();
    expect(await profileOf(first.url)).toBe("blue");
    writeFileSync(join(folder, accessFiles.profile), "{{{");
    expect(logs.join("")).not.toContain("damaged");
    const second = await router();
    expect(await profileOf(second.url)).toBeNull();
    await profileOf(second.url);
    expect(
      logs.filter((line) => line.includes("is damaged") && line.includes("switchyard use")),
    ).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
