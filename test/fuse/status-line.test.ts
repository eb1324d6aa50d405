/** The status line of Claude Code: the words for what a router told, and the script as it runs, against real routers. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { statusLineName, statusLineScript } from "../../src/fuse/status-line-copy.ts";
import { statusLine, type ClientSays } from "../../src/fuse/status-line.ts";
import type { SessionAnswer, SessionBudget, SessionTurn } from "../../src/shared/session-answer.ts";
import { finished, sandbox } from "../support/cli.ts";
import { closeAfterEach, closing } from "../support/open.ts";
import { testRouter } from "../support/router.ts";

closeAfterEach();

const turn = (fields: Partial<SessionTurn> = {}): SessionTurn => ({
  at: "2026-11-21T10:00:00.000Z",
  asked: "claude-opus-5-5",
  rule: "think",
  target: "openrouter,x-ai/grok-4.1-fast",
  outcome: "done",
  error: null,
  ...fields,
});
const budget = (fields: Partial<SessionBudget> = {}): SessionBudget => ({
  budget: "all",
  of: null,
  limit: 5,
  left: 3.889,
  unpriced: 0,
  per: "day",
  until: "2026-11-22T00:00:00.000Z",
  ...fields,
});
const session = (fields: Partial<SessionAnswer> = {}): SessionAnswer => ({
  session: "s1",
  turns: 12,
  failed: 0,
  input: 100,
  output: 50,
  cacheWrite: 0,
  cacheRead: 700,
  reasoning: 0,
  unreported: 0,
  cost: 0.42,
  unpriced: 0,
  cacheShare: 0.875,
  last: turn(),
  budgets: [budget()],
  ...fields,
});
const says: ClientSays = {
  session_id: "s1",
  model: { id: "claude-opus-5-5", display_name: "Opus 5.5" },
  context_window: { used_percentage: 12 },
};
const line = (answer: SessionAnswer, width = 200): string =>
  statusLine(says, { kind: "session", answer }, width, false);

describe("the line", () => {
  it("says target and rule, cost, cache share, budget and context", () => {
    expect(line(session())).toBe(
      "openrouter,x-ai/grok-4.1-fast (think) · $0.42 · 87% cached · $3.88 of $5 left today · context 12%",
    );
  });

  it.each<[string, Partial<SessionAnswer>, string]>([
    ["known", { cost: 12.3 }, "$12.30"],
    ["small", { cost: 0.0123 }, "$0.012"],
    ["hardly anything", { cost: 0.0002 }, "$0.00020"],
    ["known in part", { unpriced: 2 }, "$0.42+?"],
    ["of turns that reported nothing", { unreported: 1 }, "$0.42+?"],
    ["of a turn that failed", { unreported: 1, failed: 1 }, "$0.42"],
    ["not known at all", { cost: null, unpriced: 12 }, "cost ?"],
    ["nothing, where all failed", { cost: null, unreported: 12, failed: 12 }, "$0"],
  ])("a cost that is %s", (_, fields, shown) => {
    expect(line(session(fields)).split(" · ")[1]).toBe(shown);
  });

  it.each<[string, readonly SessionBudget[], string | undefined]>([
    [
      "the nearest to its limit",
      [budget(), budget({ limit: 100, left: 10, per: "month" })],
      "$10 of $100 left this month",
    ],
    [
      "one of less than a cent",
      [budget({ limit: 0.005, left: 0.002, per: "day" })],
      "$0.0020 of $0.0050 left today",
    ],
    ["one that is used up", [budget({ left: 0, per: "week" })], "budget used up this week"],
    ["one with turns of unknown price", [budget({ unpriced: 3 })], "≤$3.88 of $5 left today"],
    ["none", [], undefined],
  ])("of the budgets, %s", (_, budgets, shown) => {
    const parts = line(session({ budgets })).split(" · ");
    expect(parts.find((each) => each.includes("left") || each.includes("budget"))).toBe(shown);
  });

  it("says that a turn failed, and that one broke off", () => {
    const failed = turn({ outcome: "failed", error: "overloaded_error" });
    expect(line(session({ last: failed }))).toContain("(think) · failed: overloaded_error · $0.42");
    expect(line(session({ last: turn({ outcome: "cut" }) }))).toContain("(think) · broke off · $0.42");
  });

  it("before the first turn claims no cost and no target", () => {
    const none = session({ turns: 0, cost: null, cacheShare: null, last: null });
    expect(line(none)).toBe("Switchyard · no turn yet · $3.88 of $5 left today · context 12%");
  });

  it.each([
    [76, "openrouter,x-ai/grok-4.1-fast (think) · $0.42 · 87% cached · $3.88 left"],
    [60, "grok-4.1-fast (think) · $0.42 · 87% cached · $3.88 left"],
    [48, "grok-4.1-fast · $0.42 · 87% cached · $3.88 left"],
    [36, "grok-4.1-fast · $0.42 · $3.88 left"],
    [30, "grok-4.1… · $0.42 · $3.88 left"],
    [20, "grok-4.1-fa… · $0.42"],
    [8, "grok-4.…"],
  ])("in %i columns is shorter, the target and the cost last", (width, shown) => {
    expect(line(session(), width)).toBe(shown);
  });

  it("never is wider than it may be, whatever it is told", () => {
    const hostile = turn({ target: `up,${"x".repeat(500)}`, outcome: "failed", error: "e".repeat(300) });
    for (let width = 8; width <= 120; width++) {
      expect(line(session({ last: hostile }), width).length).toBeLessThanOrEqual(width);
      const problem = statusLine(says, { kind: "problem", problem: "p".repeat(300) }, width, false);
      expect(problem.length).toBeLessThanOrEqual(width);
    }
  });

  it("no name of a model steers the terminal", () => {
    const last = turn({ target: "up,\u001B]0;title\u0007\u001B[2Jm\n\u202Enext" });
    expect(line(session({ last }))).toMatch(/^up,\]0;title\[2Jmnext \(think\) · /);
  });

  it("has colours where they are taken, and the same words", () => {
    const low = session({ budgets: [budget({ left: 0.5 })] });
    const coloured = statusLine(says, { kind: "session", answer: low }, 76, true);
    // oxlint-disable-next-line no-control-regex -- the colours are what is looked at
    expect(coloured.replaceAll(/\u001B\[\d+m/g, "")).toBe(line(low, 76));
    expect(coloured).toContain("\u001B[33m$0.50 left\u001B[0m");
  });

  it("behind another target says what the client knows, and that nobody counts", () => {
    const shown = (width: number): string =>
      statusLine(says, { kind: "other", name: "litellm" }, width, false);
    expect(shown(76)).toBe("litellm · Opus 5.5 · cost not counted here · context 12%");
    expect(shown(20)).toBe("litellm · Opus 5.5");
  });
});

/** A folder with the script alone, as the client has it. */
const copy = (more: Readonly<Record<string, string>> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-status-"));
  closing({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  for (const [name, text] of Object.entries({ [statusLineName]: statusLineScript(), ...more }))
    writeFileSync(join(folder, name), text);
  return join(folder, statusLineName);
};

/** What the script prints in an environment that holds nothing else. */
const shown = async (
  env: Readonly<Record<string, string>>,
  { file = copy(), input = JSON.stringify(says) } = {},
): Promise<string> => {
  const child = spawn(process.execPath, [file], { env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(input);
  const { status, stdout, stderr } = await finished(child);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.endsWith("\n")).toBe(true);
  return stdout.slice(0, -1);
};

const key = "key-of-the-client-0123456789";
const yaml = `
server: { clientKeys: ["${key}"] }
routes: { default: "demo,echo" }
models: { "demo,echo": { price: { input: 1000, output: 1000 } } }
budgets: [{ limit: 10, per: day }]`;

/** A router with one turn of the session. */
const routed = async (config = yaml): Promise<string> => {
  const r = closing(await testRouter(config));
  const answer = await r.ask({}, { "x-claude-code-session-id": "s1", "x-api-key": key });
  expect(answer.status).toBe(200);
  await answer.text();
  return r.url;
};
const line1 = /^demo,echo \(default\) · \$0\.\d\d\d? · 0% cached · \$9\.\d\d left · context 12%$/;

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing({ close: async () => void server.close() });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe("the script, alone in its folder", () => {
  it.each<[string, Record<string, string>]>([
    ["a token", { ANTHROPIC_AUTH_TOKEN: key }],
    ["an API key", { ANTHROPIC_API_KEY: key }],
    [
      "a header of its own beside the user's login",
      { ANTHROPIC_AUTH_TOKEN: "of the user", ANTHROPIC_CUSTOM_HEADERS: `x-switchyard-key: ${key}` },
    ],
  ])("asks the router with %s, as the client does", async (_, credentials) => {
    const url = await routed();
    expect(await shown({ ANTHROPIC_BASE_URL: url, ...credentials })).toMatch(line1);
  });

  it("goes where the managed settings beside it lead, whatever its environment says", async () => {
    const env = { ANTHROPIC_BASE_URL: await routed(), ANTHROPIC_AUTH_TOKEN: key };
    const file = copy({
      "managed-settings.json": JSON.stringify({ env }),
      "target.env": "# target: router\n",
    });
    const elsewhere = { ANTHROPIC_BASE_URL: "http://127.0.0.1:1", ANTHROPIC_AUTH_TOKEN: "of before" };
    expect(await shown(elsewhere, { file })).toMatch(line1);
  });

  it("shows the budget of the profile that the session is on", async () => {
    const url = await routed(`
server: { clientKeys: ["${key}"] }
routes: { default: "demo,echo" }
models: { "demo,echo": { price: { input: 1000, output: 1000 } } }
profiles: { blue: { routes: { default: "demo,echo" } } }
budgets: [{ limit: 7, per: day, scope: profile }]`);
    const env = { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key };
    expect(await shown(env)).not.toMatch(/left/);
    expect(await shown({ ...env, ANTHROPIC_BASE_URL: `${url}/p/blue` })).toMatch(/\$7 left/);
    expect(await shown({ ...env, ANTHROPIC_CUSTOM_HEADERS: "x-switchyard-profile: blue" })).toMatch(
      /\$7 left/,
    );
  });

  it("takes an address that ends in /v1, and one with a slash", async () => {
    const url = await routed();
    for (const end of ["/", "/v1", "/v1/"])
      expect(await shown({ ANTHROPIC_BASE_URL: `${url}${end}`, ANTHROPIC_AUTH_TOKEN: key })).toMatch(line1);
  });

  it("fits the columns that the client names, four of which it needs itself", async () => {
    const env = { ANTHROPIC_BASE_URL: await routed(), ANTHROPIC_AUTH_TOKEN: key };
    expect(await shown({ ...env, COLUMNS: "40" })).toMatch(/^echo · \$0\.\d+ · \$9\.\d\d left$/);
    expect(await shown({ ...env, COLUMNS: "none" })).toMatch(line1);
  });

  it("has colours for the client alone, and none where NO_COLOR is set or the terminal has none", async () => {
    const env = { ANTHROPIC_BASE_URL: await routed(), ANTHROPIC_AUTH_TOKEN: key, CLAUDECODE: "1" };
    expect(await shown(env)).toContain("\u001B[36mdemo,echo (default)\u001B[0m");
    expect(await shown({ ...env, NO_COLOR: "1" })).toMatch(line1);
    expect(await shown({ ...env, TERM: "dumb" })).toMatch(line1);
    expect(await shown({ ...env, CLAUDECODE: "" })).toMatch(line1);
  });

  it("says that no router answers, that it takes the key for none, that its ledger is off", async () => {
    expect(await shown({ ANTHROPIC_BASE_URL: "http://127.0.0.1:1" })).toBe(
      "Switchyard: the router at 127.0.0.1:1 does not answer",
    );
    expect(await shown({})).toBe("Switchyard: no router: ANTHROPIC_BASE_URL is not set");
    expect(await shown({ ANTHROPIC_BASE_URL: "nowhere" })).toBe(
      "Switchyard: ANTHROPIC_BASE_URL is no address",
    );
    const url = await routed();
    const refused = await shown({ ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: "wrong-0123456789" });
    expect(refused).toMatch(/^Switchyard: .*key/);
    expect(refused).not.toContain("0123456789");
    const without = await routed(`${yaml}\nledger: { enabled: false }`);
    expect(await shown({ ANTHROPIC_BASE_URL: without, ANTHROPIC_AUTH_TOKEN: key })).toContain(
      "Switchyard: The ledger is switched off",
    );
  });

  it("waits for no router that says nothing", async () => {
    const url = await listening(createServer(() => undefined));
    expect(await shown({ ANTHROPIC_BASE_URL: url })).toMatch(/does not answer$/);
  });

  it("takes whatever comes on stdin", async () => {
    const env = { ANTHROPIC_BASE_URL: await routed(), ANTHROPIC_AUTH_TOKEN: key };
    for (const input of ["", "{", "[1]", "null", '{"session_id":7,"model":3,"context_window":"x"}'])
      expect(await shown(env, { input })).toMatch(/^Switchyard(?: ·|:) no /);
    expect(await shown({ ...env, CLAUDE_CODE_SESSION_ID: "s1" }, { input: "" })).toContain("demo,echo");
  });

  it("prints a line where a router of another version answers with something else", async () => {
    const strange = createServer((_request, response) => response.end('{"budgets":[7],"turns":1,"last":3}'));
    const url = await listening(strange);
    expect(await shown({ ANTHROPIC_BASE_URL: url })).toBe("Switchyard: its answer cannot be understood");
  });

  it("names LiteLLM, or whoever else answers there, and what the client knows", async () => {
    const server = (status: number, body: string): Server =>
      createServer((_request, response) =>
        response.writeHead(status, { "content-type": "application/json" }).end(body),
      );
    const gate = '{"type":"error","error":{"type":"permission_error","message":"this path is LiteLLM\'s"}}';
    const litellm = await listening(server(403, gate));
    expect(await shown({ ANTHROPIC_BASE_URL: litellm })).toBe(
      "LiteLLM · Opus 5.5 · cost not counted here · context 12%",
    );
    const other = await listening(server(404, '{"detail":"Not Found"}'));
    expect(await shown({ ANTHROPIC_BASE_URL: other })).toMatch(/^127\.0\.0\.1:\d+ · Opus 5\.5 · /);
  });

  it("asks nothing of a target of the stack that is no router", async () => {
    const asked: string[] = [];
    const url = await listening(
      createServer((request, response) => response.end(asked.push(request.url ?? ""))),
    );
    const file = copy({
      "managed-settings.json": JSON.stringify({ env: { ANTHROPIC_BASE_URL: url } }),
      "target.env": "# target: litellm\nexport ANTHROPIC_BASE_URL=x\n",
    });
    expect(await shown({}, { file })).toBe("litellm · Opus 5.5 · cost not counted here · context 12%");
    expect(await shown({ ANTHROPIC_BASE_URL: url, SWITCHYARD_TARGET: "litellm" })).toMatch(/^litellm · /);
    expect(asked).toEqual([]);
  });
});

it("switchyard statusline prints the same line", async () => {
  const own = sandbox();
  closing({ close: async () => own.remove() });
  const env = { ANTHROPIC_BASE_URL: await routed(), ANTHROPIC_AUTH_TOKEN: key, CLAUDECODE: "" };
  const { status, stdout, stderr } = await own.run(["statusline"], { env, input: JSON.stringify(says) });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.trimEnd()).toMatch(/^demo,echo \(default\) · \$0\.\d/);
});
