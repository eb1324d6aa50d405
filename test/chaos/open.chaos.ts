/** Ten thousand turns that are all open at the same moment, over two routers of one user: neither tokens nor a budget lose one. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { accessDir, adminHeader, readMachineSecret } from "../../src/shared/access-files.ts";
import type { UsageAnswer } from "../../src/shared/usage.ts";
import { sandbox, until, untilPrinted, type Sandbox } from "../support/cli.ts";
import { tenthsOfTurn, usageOfTurn } from "./support/open-usage.ts";

/** Each is a connection of the client, and two of its router: a process may have 20,000 files open on most machines. */
const wide = 10_000;
const narrow = 1_000;
/** US dollars. */
const limit = 0.5;

let user: Sandbox | undefined;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  user?.remove();
});

const configuration = (provider: string): string => `
providers:
  wide: { dialect: openai-chat, baseUrl: "${provider}/v1", keys: [sk-wide-0123456789], failures: { tries: 1 } }
  narrow: { dialect: openai-chat, baseUrl: "${provider}/v1", keys: [sk-narrow-0123456789], failures: { tries: 1 } }
routes: { default: "wide,m", background: , think: , longContext: , webSearch: }
models:
  "wide,m": { price: { input: 3, output: 15 } }
  "narrow,m": { price: { input: 3, output: 15 } }
budgets:
  - { name: everything, limit: 1000000, per: month }
  - { name: narrow, scope: provider, which: narrow, limit: ${limit}, per: month }
`;

interface BudgetRow {
  readonly budget: string;
  readonly spent: number;
  readonly held: number;
}

it("ten thousand turns open at once: each token is counted once, and a budget holds back what it has no room for", async () => {
  user = sandbox();
  const own = user;
  const held = spawn(process.execPath, [join(import.meta.dirname, "support/held-provider.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(held);
  const [, provider] = await untilPrinted(held, "stdout", /^(http:\S+)/m);
  const config = join(own.folder, "switchyard.yaml");
  writeFileSync(config, configuration(provider!));
  const start = async (): Promise<string> => {
    const router = own.start(["router", "--config", config, "--port", "0"]);
    children.push(router);
    router.stderr?.resume();
    const [, url] = await untilPrinted(router, "stdout", /^listening on (\S+)/m);
    return url!;
  };
  const urls = [await start(), await start()] as const;
  const get = async <Answer>(path: string, url: string = urls[0]): Promise<Answer> => {
    const headers = { [adminHeader]: readMachineSecret(accessDir(own.state)) ?? "" };
    return (await (await fetch(`${url}${path}`, { headers })).json()) as Answer;
  };
  const budget = async (name: string, url?: string): Promise<BudgetRow> => {
    const { budgets } = await get<{ budgets: BudgetRow[] }>("/api/budgets", url);
    return budgets.find((each) => each.budget === name)!;
  };

  const statuses = new Map<number, number>();
  const served: { wide: number[]; narrow: number[] } = { wide: [], narrow: [] };
  const ask = async (turn: number): Promise<void> => {
    const name = turn < wide ? "wide" : "narrow";
    const answer = await fetch(`${urls[turn % 2]!}/v1/messages`, {
      method: "POST",
      body: JSON.stringify({
        model: `${name},m`,
        max_tokens: 64,
        stream: turn % 4 < 2,
        messages: [{ role: "user", content: `TURN:${turn}` }],
      }),
    });
    const text = await answer.text();
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status !== 200) return;
    expect(text).toContain("Held.");
    served[name].push(turn);
  };
  const turns: Promise<void>[] = [];
  for (let turn = 0; turn < wide + narrow; turn++) {
    turns.push(ask(turn));
    if (turn % 250 === 249) await sleep(20);
  }
  const all = Promise.all(turns);
  const holds = async (): Promise<number> => Number(await (await fetch(`${provider!}/held`)).text());
  const refused = (): number => [...statuses.values()].reduce((sum, each) => sum + each, 0);
  let there = 0;
  await until(
    async () => {
      there = await holds();
      return there + refused() === wide + narrow;
    },
    () => `every turn at the provider: ${there} are, and ${JSON.stringify([...statuses])} were answered`,
    120_000,
  );
  const open = await holds();
  expect(open).toBeGreaterThanOrEqual(wide);
  expect(served).toEqual({ wide: [], narrow: [] });
  // Nobody was let in any more once as much was held as there is.
  const standing = await budget("narrow", urls[1]);
  const letIn = open - wide;
  expect(letIn).toBeGreaterThan(0);
  expect(letIn).toBeLessThan(narrow);
  expect(standing.spent).toBe(0);
  expect(standing.held).toBeGreaterThanOrEqual(limit);
  expect(standing.held).toBeLessThan(limit + (1.5 * standing.held) / letIn);
  const peaks = children
    .slice(1)
    .map(({ pid }) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]));

  await fetch(`${provider!}/go`);
  await all;
  expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([200, 429]);
  expect([served.wide.length, served.narrow.length]).toEqual([wide, letIn]);
  const sumOf = (of: readonly number[], by: (turn: number) => number): number =>
    of.reduce((sum, turn) => sum + by(turn), 0);
  const { rows, total } = await get<UsageAnswer>("/api/usage?by=model");
  expect(total).toMatchObject({ turns: open, failed: 0, unpriced: 0, unreported: 0 });
  for (const [name, of] of Object.entries(served)) {
    const row = rows.find((each) => each.name === `${name},m`);
    expect(row).toMatchObject({
      turns: of.length,
      input: sumOf(of, (turn) => usageOfTurn(turn).prompt),
      output: sumOf(of, (turn) => usageOfTurn(turn).completion),
    });
  }
  // The last turns of the one are still on their way to the other, and held until they are counted.
  for (const url of urls)
    await expect.poll(async () => (await budget("everything", url)).held, { timeout: 30_000 }).toBe(0);
  for (const url of urls) {
    expect((await budget("everything", url)).spent).toBeCloseTo(total.cost!, 6);
    expect((await budget("narrow", url)).spent).toBeCloseTo(sumOf(served.narrow, tenthsOfTurn) / 1e7, 6);
  }
  await ask(wide + narrow);
  expect(statuses.get(402)).toBe(1);
  process.stderr.write(
    `${open} turns open at once over two routers, ${letIn} of ${narrow} let in by the budget; peak memory ${peaks.map((kb) => `${Math.round(kb / 1024)} MB`).join(" and ")}\n`,
  );
});
