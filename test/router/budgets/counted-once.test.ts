/** What a turn has cost is counted once, whoever tells of it, and however late. */
import { expect, it } from "vitest";
import { reserve } from "../../../src/router/budgets/reserve.ts";
import { settle } from "../../../src/router/budgets/settle.ts";
import type { BudgetTerms } from "../../../src/router/budgets/tables.ts";
import { viewBudgets } from "../../../src/router/budgets/view.ts";
import { createMemoryState, type MemoryState } from "../../../src/router/state/memory.ts";
import { hour, noon } from "../../support/state.ts";

const day: BudgetTerms = { name: "all", of: null, limit: 100, per: "day", timezone: "UTC", warnAt: [] };
const log = { warn: (): void => undefined };
const open = (): MemoryState => createMemoryState({ log, now: () => noon });

/** A turn of the router `owner`, which is connected. */
const letIn = (state: MemoryState, owner: string, turn: string): string => {
  const budgets = [{ ...day, enforced: true }];
  const taken = state.run(reserve, { budgets, amount: 1, longest: hour, turn }, { owner, id: undefined });
  if (taken.kind !== "reserved") throw new Error("there was no room");
  return taken.lease;
};
const pay = (state: MemoryState, lease: string, id?: string): void => {
  const charges = [{ terms: day, cost: 5, unpriced: false }];
  state.run(settle, { lease, at: noon, charges }, id === undefined ? undefined : { owner: "router 2", id });
};
const spent = (state: MemoryState): number =>
  state.run(viewBudgets, { budgets: [{ ...day, of: [null] }] })[0]!.spent;

it("a turn that its router counted by itself, and that was looked up in the ledger meanwhile, is counted once", () => {
  const state = open();
  const [one, other] = [letIn(state, "router 1", "a"), letIn(state, "router 1", "b")];
  // It was not answered, and went on alone; what it held is looked up.
  state.forget("router 1");
  pay(state, one);
  pay(state, other, "x 1");
  // The one told of it when the two are together again, the other was found in the ledger only then.
  pay(state, one, "x 2");
  pay(state, other);
  expect(spent(state)).toBe(10);
});

it("turns of two routers that count by themselves are two turns", () => {
  const state = open();
  // Both go on from what was last written of the tables, here: nothing.
  for (const [i, alone] of [open(), open()].entries())
    pay(state, letIn(alone, "router 1", String(i)), `${i} 1`);
  expect(spent(state)).toBe(10);
});
