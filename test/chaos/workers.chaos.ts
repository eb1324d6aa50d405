/** Workers are killed forty times while turns end. */
import { expect, it } from "vitest";
import { killWorkers } from "./support/killed-workers.ts";
import { tell } from "./support/tell.ts";

it("forty killed workers lose no turn whose end a client saw, and no cent of the budget", async () => {
  const { seen, kept, ledger, budget, serving } = await killWorkers(40);
  tell(
    `${seen.size} turns were seen to end, the ledger has ${kept.size}: ${ledger} dollars, the budget ${budget}`,
  );
  expect([...seen].filter((session) => kept.get(session) !== 1)).toEqual([]);
  expect(budget.toFixed(2)).toBe(ledger.toFixed(2));
  expect(serving).toHaveLength(2);
});
