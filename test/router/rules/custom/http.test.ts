import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { smallRequest, testRouter, type TestRouter } from "../../../support/router.ts";

let folder: string;
let file: string;
let router: TestRouter | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-rules-"));
  file = join(folder, "router.mjs");
});
afterEach(async () => {
  await router?.close();
  router = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const base = 'providers: { demo: { dialect: demo } }\nroutes: { default: "demo,usual" }\n';
const withScript = (text: string): string => {
  writeFileSync(file, text);
  return `${base}rulesScript: ${JSON.stringify(file)}\n`;
};
/** Rule and target of an answer. */
const routed = async (headers: Record<string, string> = {}): Promise<(string | null)[]> => {
  const answer = await router!.ask({}, headers);
  await answer.text();
  return [answer.headers.get("x-switchyard-rule"), answer.headers.get("x-switchyard-target")];
};
const why = async (rule: string, headers: Record<string, string> = {}): Promise<string | undefined> => {
  const answer = await fetch(`${router!.url}/api/route`, {
    method: "POST",
    headers: { "content-type": "application/json", ...router!.admin, ...headers },
    body: JSON.stringify(smallRequest),
  });
  const decision = (await answer.json()) as { why: { rule: string; reason: string }[] };
  return decision.why.find((each) => each.rule === rule)?.reason;
};

describe("a router with rules of one's own", () => {
  test("knows a client by the name that its key was made with, and tells of names that no key has", async () => {
    const own = await testRouter(
      `${base}server: { clientKeys: ["\${TEAM_KEY}"] }
rules: [{ name: made, when: { clientKey: [carol, nobody] }, use: "demo,carol" }]
budgets: [{ scope: clientKey, which: [TEAM_KEY, carol, dora], limit: 5 }]\n`,
      { TEAM_KEY: "team-key-of-a-client" },
    );
    router = own;
    const told = (): string => own.logs.filter((line) => line.includes("config.notice")).join();
    expect(told()).toContain("the rule made names the client key carol, which there is not");
    expect(told()).toContain("the budget clientKey-month names the client key dora, which there is not");
    expect(told()).not.toContain("the client key TEAM_KEY");
    const answer = await fetch(`${router.url}/api/keys`, {
      method: "POST",
      headers: router.admin,
      body: JSON.stringify({ name: "carol" }),
    });
    const { key } = (await answer.json()) as { key: string };
    expect(await routed({ "x-api-key": key })).toEqual(["custom:made", "demo,carol"]);
    expect(await routed({ "x-api-key": "team-key-of-a-client" })).toEqual(["default", "demo,usual"]);
    own.logs.length = 0;
    await own.change(`${readFileSync(own.file, "utf8")}log: { level: warn }\n`);
    expect(told()).toContain("the rule made names the client key nobody");
    expect(told()).not.toContain("the client key carol");
  });

  test("names the rule that decided, and serves count_tokens by it", async () => {
    router = await testRouter(
      `${base}rules: [{ name: blue, when: { header: { x-team: blue } }, use: "demo,blue" }]\n`,
    );
    expect(await routed({ "x-team": "blue" })).toEqual(["custom:blue", "demo,blue"]);
    expect(await routed()).toEqual(["default", "demo,usual"]);
    expect(await why("custom:blue")).toBe("there is no header x-team");
    const counted = await fetch(`${router.url}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-team": "blue" },
      body: JSON.stringify(smallRequest),
    });
    expect(counted.headers.get("x-switchyard-rule")).toBe("custom:blue");
  });

  test("knows clients by their keys, in any header that carries one", async () => {
    router = await testRouter(
      `${base}server: { clientKeys: ["\${ALICE_KEY}", "\${BOB_KEY}"] }
rules: [{ name: alice, when: { clientKey: ALICE_KEY }, use: "demo,alice" }]\n`,
      { ALICE_KEY: "alice-key-of-a-client", BOB_KEY: "bob-key-of-a-client" },
    );
    expect(await routed({ authorization: "Bearer alice-key-of-a-client" })).toEqual([
      "custom:alice",
      "demo,alice",
    ]);
    expect(await routed({ "x-api-key": "alice-key-of-a-client" })).toEqual(["custom:alice", "demo,alice"]);
    expect(await routed({ "x-switchyard-key": "bob-key-of-a-client" })).toEqual(["default", "demo,usual"]);
    // The user's own login beside the key says nothing of the client.
    expect(
      await routed({
        "x-switchyard-key": "alice-key-of-a-client",
        authorization: "Bearer a-login-of-the-user",
      }),
    ).toEqual(["custom:alice", "demo,alice"]);
    expect(await why("custom:alice", { "x-api-key": "bob-key-of-a-client" })).toBe(
      "the client key is not ALICE_KEY",
    );
  });

  test("gives a script no credential", async () => {
    router = await testRouter(
      `${withScript("export default (request) => `demo,${JSON.stringify(request).includes('of-a-client')}-${request.clientKey}`;")}server: { clientKeys: ["\${ALICE_KEY}"] }\n`,
      { ALICE_KEY: "alice-key-of-a-client" },
    );
    expect(await routed({ authorization: "Bearer alice-key-of-a-client" })).toEqual([
      "custom:script",
      "demo,false-ALICE_KEY",
    ]);
  });

  test("falls through where its script names an unknown provider, and says so", async () => {
    router = await testRouter(withScript('export default () => "gone,x";'));
    expect(await routed()).toEqual(["default", "demo,usual"]);
    expect(await why("custom:script")).toBe('the script returned "gone,x": there is no such provider');
    expect(router.logs.filter((line) => line.includes("rules.script"))).toHaveLength(1);
  });

  test("takes a changed script with a reload, and keeps the one before where the new one is broken", async () => {
    router = await testRouter(withScript('export default () => "demo,first";'));
    expect(await routed()).toEqual(["custom:script", "demo,first"]);
    expect(await router.change(withScript('export default () => "demo,second";'))).toMatchObject({
      outcome: "reloaded",
    });
    expect(await routed()).toEqual(["custom:script", "demo,second"]);
    const refused = await router.change(withScript("export default nonsense;"));
    expect(refused.outcome === "refused" && refused.error.detail).toContain("nonsense is not defined");
    expect(await routed()).toEqual(["custom:script", "demo,second"]);
    await router.change(base);
    expect(await routed()).toEqual(["default", "demo,usual"]);
  });

  test("does not start with a script that cannot be loaded", async () => {
    await expect(testRouter(withScript("export default nonsense;"))).rejects.toThrow(
      `rulesScript: ${file} cannot be loaded: ReferenceError: nonsense is not defined`,
    );
  });
});
