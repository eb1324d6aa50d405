/** How budgets stand: for the administration; and what was spent by the ledger's word, where the state has lost it. */
import type { StateCommand, StateTables } from "../state/state.ts";
import { accountOf, heldByTurns, saveSpending, spendings, spendingOf, type BudgetTerms } from "./tables.ts";

export interface BudgetRow {
  readonly budget: string;
  /** The provider, profile or client key; null: everybody. */
  readonly of: string | null;
  /** US dollars. */
  readonly limit: number;
  readonly spent: number;
  readonly held: number;
  /** Turns whose price is not known; what they cost is not in `spent`. */
  readonly unpriced: number;
  readonly per: BudgetTerms["per"];
  /** As 2026-11-21T00:00:00.000Z. */
  readonly since: string;
  readonly until: string;
}

/** A budget that is counted by names has a row for each that was used in this period, and for each that is asked for. */
export interface ViewArgs {
  readonly budgets: readonly (Omit<BudgetTerms, "of"> & { readonly of: readonly (string | null)[] })[];
}

export const viewBudgets: StateCommand<ViewArgs, readonly BudgetRow[]> = {
  name: "budgets.view",
  lasting: false,
  run: (tables, { budgets }, now) =>
    budgets.flatMap(({ of, ...terms }) => {
      const names = new Set(of);
      const start = String(accountOf({ ...terms, of: null }, now).period.start);
      for (const [key] of tables.of(spendings).entries()) {
        const [budget, name, per, since] = JSON.parse(key) as (string | null)[];
        if (budget === terms.name && per === terms.per && since === start) names.add(name ?? null);
      }
      return [...names].map((name) => rowOf(tables, { ...terms, of: name }, now));
    }),
};

/** How each of these stands, and none beside them. */
export const standOfBudgets: StateCommand<readonly BudgetTerms[], readonly BudgetRow[]> = {
  name: "budgets.stand",
  lasting: false,
  run: (tables, budgets, now) => budgets.map((terms) => rowOf(tables, terms, now)),
};

const rowOf = (tables: StateTables, terms: BudgetTerms, now: number): BudgetRow => {
  const account = accountOf(terms, now);
  const { spent, unpriced } = spendingOf(tables, account);
  return {
    budget: terms.name,
    of: terms.of,
    limit: terms.limit,
    spent,
    held: heldByTurns(tables, account.name),
    unpriced,
    per: terms.per,
    since: new Date(account.period.start).toISOString(),
    until: new Date(account.period.end).toISOString(),
  };
};

export interface RestoreArgs {
  readonly budgets: readonly BudgetTerms[];
  /** US dollars since the beginning of each one's period, in the same order. */
  readonly spent: readonly number[];
}

/** Raises what was spent to what the ledger says, and never lowers it: a turn may be counted here and on its way there. */
export const restoreSpending: StateCommand<RestoreArgs, void> = {
  name: "budgets.restore",
  lasting: true,
  run: (tables, { budgets, spent }, now) => {
    for (const [i, terms] of budgets.entries()) {
      const account = accountOf(terms, now);
      const before = spendingOf(tables, account);
      const known = spent[i] ?? 0;
      if (known <= before.spent) continue;
      // What is restored was told of when it was spent.
      const warned = [...terms.warnAt, 1].filter((share) => known >= share * terms.limit);
      saveSpending(tables, account, {
        ...before,
        spent: known,
        warned: [...new Set([...before.warned, ...warned])],
      });
    }
  },
};
