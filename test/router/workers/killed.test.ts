/** A worker is killed under load: the router goes on, and has counted every turn whose end a client saw, once, to the cent. */
import { expect, it } from "vitest";
import { killWorkers } from "../../chaos/support/killed-workers.ts";

it("a worker that is killed is replaced, no turn whose end a client saw is lost, and the budget is what the ledger says", async () => {
  const { seen, kept, ledger, budget, killed, serving, status } = await killWorkers(4);
  expect([...seen].filter((session) => kept.get(session) !== 1)).toEqual([]);
  expect(seen.size).toBeGreaterThan(4);
  expect(budget.toFixed(2)).toBe(ledger.toFixed(2));
  expect(serving).toHaveLength(2);
  expect(serving.filter((pid) => killed.includes(pid))).toEqual([]);
  expect(status).toBe(0);
}, 120_000);
