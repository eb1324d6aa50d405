/** Budgets of a router with workers, which tell what turns have cost a moment after these have ended. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startProvider } from "../../support/provider/server.ts";
import { smallRequest, testRouter } from "../../support/router.ts";
import "./patience.ts";

it("a limit that is changed while turns end has none of them counted twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-budgets-"));
  const provider = await startProvider(() => ({ text: "Spent.", usage: { prompt: 1_000, completion: 0 } }));
  // A turn costs a dollar.
  const yaml = (limit: number): string => `
server: { workers: 2 }
providers: { p: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [sk-0123456789] } }
routes: { default: "p,m", background: , think: , longContext: , webSearch: }
models: { "p,m": { price: { input: 1000, output: 0 } } }
budgets: [{ name: all, limit: 100000, per: month }, { name: other, limit: ${limit}, per: day }]
`;
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
