/** What a turn has cost is counted, in the place of what was held for it. */
import type { StateCommand, StateTables } from "../state/state.ts";
import {
  accountOf,
  countedLate,
  keptAfter,
  reached,
  reservations,
  saveSpending,
  spendingOf,
  type BudgetTerms,
} from "./tables.ts";

export interface SettleArgs {
  readonly lease: string;
  /** When the turn was let in: it counts for that day. */
  readonly at: number;
  /** The ledger has the turn: where its process is killed, it is looked up there. */
  readonly kept?: boolean;
  /** None: nothing was used. */
  readonly charges: readonly Charge[];
}

/** What is counted against one budget. */
export interface Charge {
  readonly terms: BudgetTerms;
  /** US dollars of what has a known price. */
  readonly cost: number;
  /** Something was used whose price, or whose size, is not known. */
  readonly unpriced: boolean;
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

/**
 * To be called once for each lease. One that is not known is counted all the same, and once however often it comes: the router that knew of it was killed, or the turn
 * took very long. What was spent is never lost.
 */
export const settle: StateCommand<SettleArgs, readonly Warning[]> = {
  name: "budgets.settle",
  lasting: true,
  durable: true,
  run: (tables, { lease, at, charges }, now) => {
    if (charges.length > 0 && wasCounted(tables, lease, now)) return [];
    tables.of(reservations).delete(lease);
    const warnings: Warning[] = [];
    for (const { terms, cost, unpriced } of charges) {
      const account = accountOf(terms, at);
      const before = spendingOf(tables, account);
      const spent = before.spent + cost;
      const passed = [...terms.warnAt, 1].filter(
        (share) => spent >= share * terms.limit && !before.warned.includes(share),
      );
      saveSpending(tables, account, {
        spent,
        unpriced: before.unpriced + (unpriced ? 1 : 0),
        warned: [...before.warned, ...passed],
      });
      if (spent >= terms.limit && before.spent < terms.limit)
        tables.of(reached).set(account.name, true, account.period.end);
      // Of several that one turn has passed the highest says all.
      const share = passed.length === 0 ? undefined : Math.max(...passed);
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

const wasCounted = (tables: StateTables, lease: string, now: number): boolean => {
  if (tables.of(reservations).get(lease) !== undefined) return false;
  const late = tables.of(countedLate);
  if (late.get(lease) !== undefined) return true;
  late.set(lease, true, now + keptAfter);
  return false;
};

/** What turns of a worker have cost, in one go. */
export const settleAll: StateCommand<{ readonly turns: readonly SettleArgs[] }, readonly Warning[]> = {
  name: "budgets.settleAll",
  lasting: true,
  durable: true,
  run: (tables, { turns }, now) => turns.flatMap((each) => settle.run(tables, each, now)),
};
