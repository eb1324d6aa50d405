/** Budgets as a client meets them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { periodOf } from "../../../src/router/budgets/period.ts";
import { startProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";
import { heldProvider } from "../reload/held.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanups.splice(0).toReversed()) await each();
});

const lines = (url: string, budget: string): string => `
providers:
  up: { dialect: openai-chat, baseUrl: "${url}/v1", keys: [] }
routes: { default: ["up,m"], background: , think: , longContext: , webSearch: , image: }
models: { "up,m": { price: { input: 1000, output: 1000 } } }
budgets: [${budget}]
`;

type Spent = readonly [budget: string, of: string, per: "day" | "month", spent: number];

/** A router that remembers 6 dollars of this day, and what else is given. */
const spentRouter = async (budget: string, more: readonly Spent[] = []): Promise<TestRouter> => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-spent-"));
  const stateFile = join(folder, "state.json");
  const rows = [["all-day", null, "day", 6] as const, ...more].map(([name, of, per, spent]) => {
    const { start, end } = periodOf(per, "UTC", Date.now());
    return [JSON.stringify([name, of, per, String(start)]), { spent, unpriced: 0, warned: [] }, end];
  });
  writeFileSync(stateFile, JSON.stringify({ version: 1, tables: { spendings: rows } }));
  const router = await testRouter(lines("http://127.0.0.1:9", budget), {}, { stateFile });
  cleanups.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => router.close(),
  );
  return router;
};

describe("a client whose budget", () => {
  it("is used up reads which, how much, and until when, and is told not to ask again", async () => {
    const router = await spentRouter("{ limit: 5, per: day, timezone: UTC }");
    const answer = await router.ask({ stream: true });
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([402, "false"]);
    expect(await answer.json()).toMatchObject({
      type: "error",
      error: {
        type: "billing_error",
        message: expect.stringMatching(
          /The budget is used up: all-day: \$6\.00 of \$5\.00\. It begins anew at \d{4}-.*Z/,
        ),
      },
    });
    const rows = await fetch(`${router.url}/api/budgets`, { headers: router.admin });
    expect(await rows.json()).toMatchObject({ budgets: [{ budget: "all-day", spent: 6, limit: 5 }] });
  });

  it("is used up stays so when the router is killed and its state is lost: the ledger knows", async () => {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-spent-"));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const stateFile = join(folder, "state.json");
    const up = await startProvider(() => ({ text: "hi", usage: { prompt: 100, completion: 7 } }));
    const budget = "{ limit: 0.1, per: day, timezone: UTC }";
    const start = async (): Promise<TestRouter> => {
      const router = await testRouter(lines(up.url, budget), {}, { stateFile });
      cleanups.push(() => router.close());
      return router;
    };
    cleanups.push(() => up.close());
    const first = await start();
    expect((await first.ask()).status).toBe(200);
    await first.end();
    rmSync(stateFile);
    const second = await start();
    const spent = async (): Promise<unknown> =>
      (await fetch(`${second.url}/api/budgets`, { headers: second.admin })).json();
    await expect
      .poll(spent, { timeout: 10_000 })
      .toMatchObject({ budgets: [{ budget: "all-day", spent: 0.107 }] });
    expect((await second.ask()).status).toBe(402);
  });

  it("is new in a changed configuration, or begins at another time by it, knows what was spent before, and what ends later", async () => {
    const up = await heldProvider("begun", { prompt_tokens: 100, completion_tokens: 7 });
    const all = (more: string): string => lines(up.url, more);
    const router = await testRouter(all("{ name: team, limit: 100, per: month, timezone: UTC }"));
    cleanups.push(
      () => up.close(),
      () => router.close(),
    );
    const spent = async (): Promise<unknown[]> => {
      const answer = await fetch(`${router.url}/api/budgets`, { headers: router.admin });
      const { budgets } = (await answer.json()) as { budgets: { budget: string; spent: number }[] };
      return budgets.map((each) => [each.budget, each.spent]);
    };
    const first = await router.ask({ stream: true });
    up.finish();
    await first.text();
    const cost = 0.107;
    await expect.poll(spent, { timeout: 10_000 }).toEqual([["team", cost]]);
    const open = await router.ask({ stream: true });
    await router.change(
      all(
        `{ name: team, limit: 100, per: day, timezone: UTC }, { name: fresh, limit: ${cost * 2}, per: day }`,
      ),
    );
    expect(await spent()).toEqual([
      ["team", cost],
      ["fresh", cost],
    ]);
    up.finish();
    await open.text();
    await expect.poll(spent, { timeout: 10_000 }).toEqual([
      ["team", cost * 2],
      ["fresh", cost * 2],
    ]);
    expect((await router.ask()).status).toBe(402);
  });

  it("names another route whose budget is used up as well reads both, and the nearer end", async () => {
    const router = await spentRouter(
      `{ limit: 5, per: day, timezone: UTC, onExceeded: { use: "up,m" } },
      { name: up-month, scope: provider, which: [up], limit: 0.002, per: month, timezone: UTC }`,
      [["up-month", "up", "month", 0.0031]],
    );
    const answer = await router.ask();
    expect(answer.status).toBe(402);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toContain("all-day: $6.00 of $5.00; up-month of up: $0.0031 of $0.0020.");
    const { end } = periodOf("day", "UTC", Date.now());
    expect(error.message).toContain(`The first of them begins anew at ${new Date(end).toISOString()}`);
  });

  it("names another route is served by that, and its answer says for which budget's sake", async () => {
    const router = await spentRouter(
      '{ limit: 5, per: day, timezone: UTC, onExceeded: { use: "demo,spare" } }',
    );
    const answer = await router.ask();
    expect([answer.status, answer.headers.get("x-switchyard-target")]).toEqual([200, "demo,spare"]);
    expect(answer.headers.get("x-switchyard-budget")).toBe("all-day");
  });

  it("has room is served, and what the provider reported is counted by its price, to the cent", async () => {
    const up = await startProvider(() => ({ text: "hi", usage: { prompt: 100, completion: 7 } }));
    const router = await testRouter(lines(up.url, "{ limit: 0.15, per: day }"));
    cleanups.push(
      () => up.close(),
      () => router.close(),
    );
    for (const stream of [true, false]) {
      const answer = await router.ask({ stream });
      expect(answer.status).toBe(200);
      await answer.text();
    }
    // Twice 107 tokens at 1,000 US dollars a million.
    const answer = await fetch(`${router.url}/api/budgets`, { headers: router.admin });
    const { budgets } = (await answer.json()) as { budgets: { spent: number; held: number }[] };
    expect(budgets[0]!.spent).toBeCloseTo(0.214, 10);
    expect(budgets[0]!.held).toBe(0);
    expect((await router.ask()).status).toBe(402);
    expect(router.logs.join("")).toContain("budget.reached");
  });

  it("is held by a turn under way is asked to come back, and is served once that has ended", async () => {
    const up = await heldProvider();
    const router = await testRouter(lines(up.url, "{ limit: 0.01, per: day }"));
    cleanups.push(
      () => up.close(),
      () => router.close(),
    );
    const open = await router.ask({ stream: true });
    const refused = await router.ask({ stream: true });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
    expect(await refused.text()).toContain("held by turns under way");
    up.finish();
    await open.text();
    const spent = (): Promise<{ budgets: { held: number }[] }> =>
      fetch(`${router.url}/api/budgets`, { headers: router.admin }).then(
        (answer) => answer.json() as Promise<{ budgets: { held: number }[] }>,
      );
    await expect.poll(async () => (await spent()).budgets[0]!.held).toBe(0);
  });
});
