/** Room is taken in the budgets of a turn before it begins, and given back with what it cost: so many turns at once cannot all take the last dollar. */
import type { StateCommand } from "../state/state.ts";
import { ownName } from "../state/near-lease.ts";
import { accountOf, heldUnder, reservations, spendingOf, type BudgetTerms } from "./tables.ts";

export interface ReserveArgs {
  readonly budgets: readonly (BudgetTerms & {
    /** False: its limit is reached, and what serves now is what it names for that. It is counted all the same. */
    readonly enforced: boolean;
  })[];
  /** US dollars that the turn may cost, estimated. */
  readonly amount: number;
  /** Milliseconds that the turn may last at the most; after them it is taken for lost. */
  readonly longest: number;
  /** The turn's id. */
  readonly turn?: string;
}

/** A budget that has no room. */
export interface Full {
  readonly budget: string;
  readonly of: string | null;
  readonly spent: number;
  readonly held: number;
  readonly limit: number;
  /** `exceeded`: the limit is reached. `held`: turns under way may reach it; some of it is free again when they end. */
  readonly why: "exceeded" | "held";
  /** When it begins anew, milliseconds since the epoch. */
  readonly until: number;
}

export type Reserved =
  | {
      readonly kind: "reserved";
      readonly lease: string;
      /** The instant at which the turn is counted. */
      readonly at: number;
    }
  | { readonly kind: "full"; readonly full: Full };

/**
 * A turn is let in while what was spent and what is held are below the limit; its own estimate does not count, so that the rest of a budget can be used up. The
 * limit is passed by what turns under way cost beyond their estimates, and never by a turn that began after it was reached.
 */
export const reserve: StateCommand<ReserveArgs, Reserved> = {
  name: "budgets.reserve",
  lasting: false,
  run: (tables, { budgets, amount, longest, turn }, now) => {
    const accounts = budgets.map((terms) => accountOf(terms, now));
    const names = accounts.map(({ name }) => name);
    const held = heldUnder(tables, names);
    for (const [i, terms] of budgets.entries()) {
      const { spent } = spendingOf(tables, accounts[i]!);
      if (!terms.enforced || spent + held[i]! < terms.limit) continue;
      return {
        kind: "full",
        full: {
          budget: terms.name,
          of: terms.of,
          spent,
          held: held[i]!,
          limit: terms.limit,
          why: spent >= terms.limit ? "exceeded" : "held",
          until: accounts[i]!.period.end,
        },
      };
    }
    // Routers that count by themselves for a while begin from the same tables.
    const lease = `reservation ${ownName(now)}`;
    const reservation = { under: names, amount, ...(turn !== undefined && { lease, turn }) };
    tables.of(reservations).set(lease, reservation, now + longest);
    return { kind: "reserved", lease, at: now };
  },
};
