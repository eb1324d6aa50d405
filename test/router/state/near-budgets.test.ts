/** Workers let turns in by themselves while a budget has room, and its limit and its sums are as if each had asked. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { reserve, type Reserved } from "../../../src/router/budgets/reserve.ts";
import { settle } from "../../../src/router/budgets/settle.ts";
import type { BudgetTerms } from "../../../src/router/budgets/tables.ts";
import { viewBudgets } from "../../../src/router/budgets/view.ts";
import { openState } from "../../../src/router/state/shared.ts";
import type { RouterState } from "../../../src/router/state/state.ts";
import { listSwitchedOff } from "../../../src/router/switches/commands.ts";
import { hour } from "../../support/state.ts";

const day: BudgetTerms = { name: "all", of: null, limit: 100, per: "day", timezone: "UTC", warnAt: [0.5] };

let folder: string;
let holder: RouterState;
let workers: RouterState[];
let warned: string[];
/** What each process held when it ended. */
let forgotten: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-near-"));
  const file = join(folder, "state.json");
  [warned, forgotten] = [[], []];
  const log = { warn: (...said: unknown[]) => void warned.push(String(said[1])), info: () => undefined };
  const onForgotten = (held: ReadonlyMap<string, readonly unknown[]>): void =>
    void forgotten.push(...(held.get("reservations") ?? []));
  holder = await openState({ file, log, onForgotten });
  workers = [];
  for (let i = 0; i < 2; i++) workers.push(await openState({ file, log, near: true }));
});
afterEach(async () => {
  for (const worker of workers) await worker.close();
  await holder.close();
  await rm(folder, { recursive: true, force: true });
});

const letIn = (state: RouterState, turn = "t", amount = 1, terms = day): Promise<Reserved> =>
  state.call(reserve, { budgets: [{ ...terms, enforced: true }], amount, longest: hour, turn });
type In = Extract<Reserved, { kind: "reserved" }>;
const pay = (state: RouterState, { lease, at }: In, cost: number, kept = true): Promise<unknown> =>
  state.call(settle, { lease, at, kept, charges: [{ terms: day, cost, unpriced: false }] });
const standing = async (): Promise<{ spent: number; held: number }> => {
  for (const worker of workers) await worker.together();
  const [row] = await holder.call(viewBudgets, { budgets: [{ ...day, of: [null] }] });
  return { spent: row!.spent, held: row!.held };
};

/** A worker that has room: its turns are its own to let in. */
const withRoom = async (state: RouterState): Promise<In> => {
  for (;;) {
    const found = await letIn(state);
    if (found.kind !== "reserved") throw new Error("it is full");
    if (found.lease.startsWith("near ")) return found;
    await pay(state, found, 0);
    await state.call(listSwitchedOff, {});
    await new Promise((resolve) => setImmediate(resolve));
  }
};

it("what turns hold and have cost is known to all, to the cent", async () => {
  const [one, other] = workers;
  const [first, second] = [await withRoom(one!), await withRoom(other!)];
  expect(await standing()).toEqual({ spent: 0, held: 2 });
  await pay(one!, first, 3.25);
  expect(await standing()).toEqual({ spent: 3.25, held: 1 });
  await pay(other!, second, 0);
  expect(await standing()).toEqual({ spent: 3.25, held: 0 });
});

it("a limit is used up, and not passed, by many turns at once that cost what was held for them", async () => {
  let spent = 0;
  const client = async (state: RouterState): Promise<void> => {
    for (;;) {
      const found = await letIn(state);
      if (found.kind === "full" && found.full.why === "exceeded") return;
      await new Promise((resolve) => setImmediate(resolve));
      // Held by turns under way, or for some to come: it may be free again.
      if (found.kind === "full") continue;
      spent++;
      await pay(state, found, 1);
    }
  };
  await Promise.all(workers.flatMap((state) => Array.from({ length: 6 }, () => client(state))));
  expect(spent).toBe(day.limit);
  expect(await standing()).toEqual({ spent: day.limit, held: 0 });
});

it("a limit that others have reached lets nobody in, and is told of once", async () => {
  const [one, other] = workers;
  const first = await withRoom(one!);
  await withRoom(other!);
  await pay(one!, first, 500);
  await standing();
  expect(await letIn(other!)).toMatchObject({ kind: "full", full: { why: "exceeded", spent: 500 } });
  await expect.poll(() => warned.filter((text) => text.includes("$500.00 of $100.00")).length).toBe(1);
});

it("a limit that is lowered counts at once", async () => {
  const [one] = workers;
  await pay(one!, await withRoom(one!), 30);
  await withRoom(one!);
  expect(await letIn(one!, "t", 1, { ...day, limit: 20 })).toMatchObject({ kind: "full" });
});

it("what a worker did not use of its share is free a second later", async () => {
  await withRoom(workers[0]!);
  await expect
    .poll(
      async () => {
        const found = await holder.call(reserve, {
          budgets: [{ ...day, limit: 3, enforced: true }],
          amount: 1,
          longest: hour,
        });
        return found.kind;
      },
      { timeout: 10_000 },
    )
    .toBe("reserved");
});

it("of a worker that ends in the middle it is known which turns it had let in", async () => {
  const one = workers.shift()!;
  await withRoom(one);
  await letIn(one, "turn-7");
  await new Promise((resolve) => setImmediate(resolve));
  await one.close();
  await expect.poll(() => forgotten).toContainEqual(expect.objectContaining({ turn: "turn-7" }));
  expect((await standing()).held).toBe(0);
});

it("what no ledger knows is counted before its turn ends", async () => {
  const one = workers[0]!;
  await pay(one, await withRoom(one), 7, false);
  const [row] = await holder.call(viewBudgets, { budgets: [{ ...day, of: [null] }] });
  expect(row!.spent).toBe(7);
});
