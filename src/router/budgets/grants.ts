/** Room in budgets that a worker has for its turns, so that it need not ask for each of them; and what it tells of them. */
import { counters } from "../keys/tables.ts";
import type { StateCommand } from "../state/state.ts";
import { accountOf, heldUnder, reservations, spendingOf, type BudgetTerms } from "./tables.ts";

/** Milliseconds: then a worker gives back what is left of it. */
export const grantLasts = 1_000;
/** Of what is left of a budget: near its limit the shares are so small that each turn is asked for. */
const share = 1 / 8;

export interface Granted {
  /** Of the account in the table of spendings. */
  readonly name: string;
  readonly lease: string;
  /** US dollars. */
  readonly room: number;
}

/** Holds a share of what is left of each budget for whoever asks. */
export const grantRoom: StateCommand<{ readonly budgets: readonly BudgetTerms[] }, readonly Granted[]> = {
  name: "budgets.grant",
  lasting: false,
  run: (tables, { budgets }, now) =>
    budgets.map((terms) => {
      const account = accountOf(terms, now);
      const { spent } = spendingOf(tables, account);
      const room = Math.max(0, terms.limit - spent - heldUnder(tables, [account.name])[0]!) * share;
      const number = (tables.of(counters).get("reservations") ?? 0) + 1;
      tables.of(counters).set("reservations", number, Infinity);
      const lease = `grant ${now}.${number}`;
      const grant = { under: [account.name], amount: room, grant: now + 2 * grantLasts };
      tables.of(reservations).set(lease, grant, grant.grant);
      return { name: account.name, lease, room };
    }),
};

/** A turn that a worker has let in. */
export interface LetIn {
  readonly lease: string;
  readonly turn: string | undefined;
  /** US dollars, out of each of the grants. */
  readonly amount: number;
  /** Names of accounts. */
  readonly under: readonly string[];
  /** Their leases. */
  readonly grants: readonly string[];
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface ToldTurns {
  readonly letIn: readonly LetIn[];
  /** Grants that are over. */
  readonly returned: readonly string[];
}

/** Told before such a turn can end: of a worker that is killed it is known which turns are to be looked up in the ledger. */
export const toldTurns: StateCommand<ToldTurns, void> = {
  name: "budgets.toldTurns",
  lasting: false,
  run: (tables, { letIn, returned }) => {
    const table = tables.of(reservations);
    for (const { lease, turn, amount, under, grants, until } of letIn) {
      table.set(lease, { under, amount, lease, ...(turn !== undefined && { turn }) }, until);
      for (const each of grants) {
        const grant = table.get(each);
        if (grant?.grant === undefined) continue;
        table.set(each, { ...grant, amount: Math.max(0, grant.amount - amount) }, grant.grant);
      }
    }
    for (const lease of returned) table.delete(lease);
  },
};
