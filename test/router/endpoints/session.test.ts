/** `GET /sessions/{id}`: what a client is told of its own session. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SessionAnswer } from "../../../src/shared/session-answer.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { startProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";

closeAfterEach();

const haiku = "claude-haiku-4-5";

/** Of each turn: 60 read anew, 40 from the cache, 20 written. $0.00264 at `up,m1`; the price of `up,m2` is not known. */
const answered = { text: "hi", usage: { prompt: 100, cached: 40, completion: 20 } };
const cost = 0.002_64;

const stateFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-session-"));
  closing({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  return folder;
};

const setup = async (
  more = "",
  answer: () => ScriptedAnswer = () => answered,
  folder = stateFolder(),
): Promise<TestRouter> => {
  const provider = closing(await startProvider(answer));
  const yaml = `
providers: { up: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: ["sk-0123456789"] } }
routes: { default: "up,m1", background: "up,m2", subagent: "up,m2" }
models: { "up,m1": { price: { input: 10, output: 100, cacheRead: 1 } } }
${more}`;
  return closing(await testRouter(yaml, {}, { stateFile: join(folder, "router-state.json") }));
};

/** One turn to its end. */
const turn = async (
  r: TestRouter,
  session: string,
  body: object = {},
  headers: Record<string, string> = {},
) => {
  const answer = await r.ask({ stream: true, ...body }, { "x-claude-code-session-id": session, ...headers });
  await answer.text();
  return answer.status;
};

const of = async (
  r: TestRouter,
  session: string,
  headers: Record<string, string> = {},
): Promise<SessionAnswer> => {
  const answer = await fetch(`${r.url}/sessions/${session}`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  return (await answer.json()) as SessionAnswer;
};

describe("a session", () => {
  it("is right as soon as its client has seen the end of a turn, turn by turn", async () => {
    const r = await setup();
    expect(await of(r, "s1")).toMatchObject({ turns: 0, cost: null, cacheShare: null, last: null });
    for (let turns = 1; turns <= 5; turns++) {
      expect(await turn(r, "s1")).toBe(200);
      const told = await of(r, "s1");
      expect(told).toMatchObject({ session: "s1", turns, unpriced: 0, cacheShare: 0.4, budgets: [] });
      expect(told).toMatchObject({ input: 60 * turns, cacheRead: 40 * turns, output: 20 * turns });
      expect(told.cost).toBeCloseTo(turns * cost, 10);
      expect(told.last).toMatchObject({ target: "up,m1", rule: "default", outcome: "done", error: null });
    }
    // Another session has nothing to do with it.
    expect(await of(r, "s2")).toMatchObject({ turns: 0, last: null });
  });

  it("is what it was after the router was started anew, and goes on from there", async () => {
    const folder = stateFolder();
    const before = await setup("", undefined, folder);
    await turn(before, "s1");
    await turn(before, "s1");
    await before.end();
    const after = await setup("", undefined, folder);
    expect(await of(after, "s1")).toMatchObject({ turns: 2, input: 120, last: { target: "up,m1" } });
    await turn(after, "s1");
    const told = await of(after, "s1");
    expect(told.turns).toBe(3);
    expect(told.cost).toBeCloseTo(3 * cost, 10);
  });

  it("shows the conversation's last turn, whatever subagents and small tasks do behind it, and counts what they cost", async () => {
    const r = await setup();
    await turn(r, "s1", { model: haiku });
    expect((await of(r, "s1")).last).toMatchObject({ target: "up,m2", rule: "background" });
    await turn(r, "s1");
    await turn(r, "s1", { model: haiku });
    await turn(r, "s1", {}, { "x-claude-code-agent-id": "agent-1" });
    const told = await of(r, "s1");
    expect(told).toMatchObject({ turns: 4, unpriced: 3, last: { target: "up,m1", rule: "default" } });
    expect(told.cost).toBeCloseTo(cost, 10);
  });

  it("a turn that failed is said as that", async () => {
    let fails = false;
    const r = await setup("", () => (fails ? { error: { status: 400, body: "{}" } } : answered));
    await turn(r, "s1");
    fails = true;
    expect(await turn(r, "s1")).toBe(400);
    expect(await of(r, "s1")).toMatchObject({
      turns: 2,
      failed: 1,
      last: { outcome: "failed", error: "invalid_request_error" },
    });
  });

  it("a router without a ledger says that it has none", async () => {
    const r = await setup("ledger: { enabled: false }");
    const answer = await fetch(`${r.url}/sessions/s1`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("ledger is switched off");
  });
});

describe("a session is told", () => {
  const anna = { "x-api-key": "anna-key-0123456789" };
  const bob = { authorization: "Bearer bob-key-9876543210" };
  const keys = 'server: { clientKeys: ["anna-key-0123456789", "bob-key-9876543210"] }';

  it("to nobody without a key, where one is needed", async () => {
    const r = await setup(keys);
    for (const headers of [{}, { "x-api-key": "wrong" }]) {
      const answer = await fetch(`${r.url}/sessions/s1`, { headers });
      expect(answer.status).toBe(401);
    }
  });

  it("to the client whose turns they are: to another it is a session without turns", async () => {
    const r = await setup(keys);
    await turn(r, "s1", {}, anna);
    expect(await of(r, "s1", anna)).toMatchObject({ turns: 1, last: { target: "up,m1" } });
    const told = await of(r, "s1", bob);
    expect(told).toEqual({ ...(await of(r, "never-seen", bob)), session: "s1" });
    expect(told).toMatchObject({ turns: 0, input: 0, cost: null, last: null });
    // Of a session that both have each sees the own part.
    await turn(r, "s1", {}, bob);
    await turn(r, "s1", {}, bob);
    expect([(await of(r, "s1", anna)).turns, (await of(r, "s1", bob)).turns]).toEqual([1, 2]);
  });
});

describe("budgets of a session", () => {
  const made = async (r: TestRouter, name: string, terms: object): Promise<Record<string, string>> => {
    const answer = await fetch(`${r.url}/api/keys`, {
      method: "POST",
      headers: { ...r.admin, "content-type": "application/json" },
      body: JSON.stringify({ name, ...terms }),
    });
    return { "x-api-key": ((await answer.json()) as { key: string }).key };
  };

  it("are those that its next turn counts for: everybody's, its key's, its provider's, and no other", async () => {
    const r = await setup(`
budgets:
  - { name: team, limit: 5, per: month }
  - { name: each, scope: clientKey, limit: 2, per: day }
  - { name: at up, scope: provider, which: up, limit: 3, per: week }
  - { name: elsewhere, scope: provider, which: demo, limit: 3, per: week }
`);
    const alice = await made(r, "alice", { budget: { limit: 1, per: "day" } });
    const carol = await made(r, "carol", { budget: { limit: 7, per: "day" } });
    await turn(r, "s1", {}, alice);
    await turn(r, "s9", {}, carol);
    const { budgets } = await of(r, "s1", alice);
    expect(budgets.map(({ budget, of: whose, limit, per }) => [budget, whose, limit, per])).toEqual([
      ["team", null, 5, "month"],
      ["each", "alice", 2, "day"],
      ["/key alice", "alice", 1, "day"],
      ["at up", "up", 3, "week"],
    ]);
    // What is everybody's was used by both.
    const left = budgets.map((each) => each.left);
    for (const [i, wanted] of [5 - 2 * cost, 2 - cost, 1 - cost, 3 - 2 * cost].entries())
      expect(left[i]).toBeCloseTo(wanted, 10);
    expect(JSON.stringify(budgets)).not.toContain("carol");
  });

  it("at the limit have nothing left, and name the turns that they do not know the price of", async () => {
    const r = await setup("budgets: [{ limit: 0.001, per: day }]");
    await turn(r, "s1", { model: haiku });
    await turn(r, "s1");
    const { budgets } = await of(r, "s1");
    expect(budgets).toMatchObject([{ limit: 0.001, left: 0, unpriced: 1 }]);
  });
});
