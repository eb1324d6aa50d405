/** What a worker remembers of the turns that it has let in by itself. */
import { expect, it } from "vitest";
import { NearBudgets } from "../../../src/router/budgets/near.ts";
import type { ReserveArgs, Reserved } from "../../../src/router/budgets/reserve.ts";
import { accountOf, type BudgetTerms } from "../../../src/router/budgets/tables.ts";
import { Mirror } from "../../../src/router/state/mirror.ts";
import { hour, noon } from "../../support/state.ts";

const day: BudgetTerms = { name: "all", of: null, limit: 100, per: "day", timezone: "UTC", warnAt: [] };

it("a turn that no ledger has is forgotten when it has ended, too: a worker does not grow with each of them", async () => {
  const near = new NearBudgets({
    mirror: new Mirror(),
    ask: async (budgets) =>
      budgets.map((terms) => ({ name: accountOf(terms, noon).name, lease: "grant 1", room: 10 })),
    wake: () => undefined,
  });
  const asked: ReserveArgs = { budgets: [{ ...day, enforced: true }], amount: 1, longest: hour };
  let taken: Reserved | undefined;
  while (taken?.kind !== "reserved") {
    taken = near.reserve(asked, noon);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const paid = { lease: taken.lease, at: noon, charges: [] };
  expect(near.settle({ ...paid, kept: false })).toBe(false);
  // It knows nothing of it any more, and has the other process asked.
  expect(near.settle({ ...paid, kept: true })).toBe(false);
});
