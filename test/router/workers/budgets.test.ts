/** Budgets of a router with workers, which tell what turns have cost a moment after these have ended. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startProvider } from "../../support/provider/server.ts";
import { smallRequest, testRouter } from "../../support/router.ts";
import "./patience.ts";

const settings = (url: string, budgets: string): string => `
server: { workers: 2 }
providers: { p: { dialect: openai-chat, baseUrl: "${url}/v1", keys: [sk-0123456789] } }
routes: { default: "p,m", background: , think: , longContext: , webSearch: }
models: { "p,m": { price: { input: 1000, output: 0 } } }
budgets: [${budgets}]
`;

it("a limit that is changed while turns end has none of them counted twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-budgets-"));
  const provider = await startProvider(() => ({ text: "Spent.", usage: { prompt: 1_000, completion: 0 } }));
  // A turn costs a dollar.
  const yaml = (limit: number): string =>
    settings(
      provider.url,
      `{ name: all, limit: 100000, per: month }, { name: other, limit: ${limit}, per: day }`,
    );
  const router = await testRouter(yaml(90_000), {}, { stateFile: join(folder, "router-state.json") });
  try {
    const turns = (count: number): Promise<unknown> =>
      Promise.all(Array.from({ length: count }, async () => (await router.ask(smallRequest)).text()));
    const of = async (path: string): Promise<unknown> =>
      (await fetch(`${router.url}${path}`, { headers: router.admin })).json();
    for (let round = 1; round <= 3; round++) {
      await turns(20);
      await turns(40);
      expect((await router.change(yaml(90_000 + round))).outcome).toBe("reloaded");
      const { total } = (await of("/api/usage")) as { total: { cost: number } };
      expect(total.cost).toBe(60 * round);
      const { budgets } = (await of("/api/budgets")) as { budgets: { spent: number }[] };
      expect(budgets.map(({ spent }) => spent)).toEqual([60 * round, 60 * round]);
    }
  } finally {
    await router.close();
    await provider.close();
    rmSync(folder, { recursive: true });
  }
});

it("a budget that comes into force while turns end counts each of them once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-budgets-"));
  const provider = await startProvider(() => ({ text: "Spent.", usage: { prompt: 1_000, completion: 0 } }));
  const names = ["one", "two", "three", "four"];
  const yaml = (count: number): string =>
    settings(
      provider.url,
      names
        .slice(0, count)
        .map((name) => `{ name: ${name}, limit: 100000, per: month }`)
        .join(", "),
    );
  const router = await testRouter(yaml(1), {}, { stateFile: join(folder, "router-state.json") });
  const atOnce = 6;
  try {
    const enough = new AbortController();
    const client = async (): Promise<void> => {
      while (!enough.signal.aborted) await (await router.ask(smallRequest)).text();
    };
    const clients = Promise.all(Array.from({ length: atOnce }, client));
    for (let count = 2; count <= names.length; count++)
      expect((await router.change(yaml(count))).outcome).toBe("reloaded");
    enough.abort();
    await clients;
    const of = async (path: string): Promise<unknown> =>
      (await fetch(`${router.url}${path}`, { headers: router.admin })).json();
    const { total } = (await of("/api/usage")) as { total: { cost: number } };
    const { budgets } = (await of("/api/budgets")) as { budgets: { budget: string; spent: number }[] };
    expect(budgets.map(({ budget }) => budget)).toEqual(names);
    expect(budgets[0]!.spent).toBe(total.cost);
    for (const { spent } of budgets.slice(1)) {
      expect(spent).toBeLessThanOrEqual(total.cost);
      // A turn that began before belongs to the budgets that were in force.
      expect(spent).toBeGreaterThanOrEqual(total.cost - atOnce);
    }
  } finally {
    await router.close();
    await provider.close();
    rmSync(folder, { recursive: true });
  }
});
