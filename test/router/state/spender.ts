/** A process that shares the state of the file that it is given: a line spends a cent, `hold` keeps a dollar back. */
import { createInterface } from "node:readline";
import { reserve } from "../../../src/router/budgets/reserve.ts";
import { settle } from "../../../src/router/budgets/settle.ts";
import type { BudgetTerms } from "../../../src/router/budgets/tables.ts";
import { openState } from "../../../src/router/state/shared.ts";

const terms: BudgetTerms = { name: "all", of: null, limit: 10_000, per: "day", timezone: "UTC", warnAt: [] };
const quiet = (): void => undefined;
const state = await openState({ file: process.argv[2], log: { warn: quiet, info: quiet } });
process.stdout.write("open\n");
for await (const line of createInterface(process.stdin)) {
  const budgets = [{ ...terms, enforced: true }];
  const taken = await state.call(reserve, { budgets, amount: 1, longest: 3_600_000 });
  if (taken.kind === "reserved" && line !== "hold") {
    const { lease, at } = taken;
    await state.call(settle, { lease, at, charges: [{ terms, cost: 0.01, unpriced: false }] });
  }
  process.stdout.write("done\n");
}
