/** What a turn has cost is counted, in the place of what was held for it. */
import type { StateCommand } from "../state/state.ts";
import { accountOf, reservations, saveSpending, spendingOf, type BudgetTerms } from "./tables.ts";

export interface SettleArgs {
  readonly lease: string;
  /** When the turn was let in: it counts for that day. */
  readonly at: number;
  /** Those that apply to the target that answered. */
  readonly budgets: readonly BudgetTerms[];
  /** US dollars; null: the price is not known; undefined: nothing was used. */
  readonly cost: number | null | undefined;
}

/** A step of `warnAt`, or the limit itself, that was reached for the first time in its period. */
export interface Warning {
  readonly budget: string;
  readonly of: string | null;
  /** 0.8; 1 is the limit. */
  readonly share: number;
  readonly spent: number;
  readonly limit: number;
  readonly until: number;
}

/** May be called once for each lease: a second time nothing is counted. */
export const settle: StateCommand<SettleArgs, readonly Warning[]> = {
  name: "budgets.settle",
  lasting: true,
  run: (tables, { lease, at, budgets, cost }) => {
    if (tables.of(reservations).get(lease) === undefined) return [];
    tables.of(reservations).delete(lease);
    if (cost === undefined) return [];
    const warnings: Warning[] = [];
    for (const terms of budgets) {
      const account = accountOf(terms, at);
      const before = spendingOf(tables, account);
      const spent = before.spent + (cost ?? 0);
      const reached = [...terms.warnAt, 1].filter(
        (share) => spent >= share * terms.limit && !before.warned.includes(share),
      );
      saveSpending(tables, account, {
        spent,
        unpriced: before.unpriced + (cost === null ? 1 : 0),
        warned: [...before.warned, ...reached],
      });
      // Of several that one turn has passed the highest says all.
      const share = reached.length === 0 ? undefined : Math.max(...reached);
      if (share !== undefined)
        warnings.push({
          budget: terms.name,
          of: terms.of,
          share,
          spent,
          limit: terms.limit,
          until: account.period.end,
        });
    }
    return warnings;
  },
};
