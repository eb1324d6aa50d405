/** The tables of budgets in the router's state, and the terms that its commands go by. */
import type { BudgetPeriod } from "../../shared/client-keys.ts";
import { isJsonObject } from "../../shared/json.ts";
import { nameOf } from "../keys/tables.ts";
import type { StateTables, TableTerms } from "../state/state.ts";
import { type Period, periodOf } from "./period.ts";

/** A budget as it applies to one turn: of one provider, profile or client key, where it is counted by these. */
export interface BudgetTerms {
  readonly name: string;
  /** The provider, profile or client key; null: everybody. */
  readonly of: string | null;
  readonly limit: number;
  readonly per: BudgetPeriod;
  readonly timezone: string;
  readonly warnAt: readonly number[];
}

/** What was spent under a budget in one period. */
export interface Spending {
  /** US dollars. */
  readonly spent: number;
  /** Turns whose price is not known: what they cost is not in `spent`. */
  readonly unpriced: number;
  /** Shares of the limit of which a warning was told. */
  readonly warned: readonly number[];
}

/** What turns that are under way may still cost. */
export interface Reservation {
  /** Names in the table of spendings. */
  readonly under: readonly string[];
  /** US dollars, estimated. */
  readonly amount: number;
  /** Its own name, and the turn's id. */
  readonly lease?: string;
  readonly turn?: string;
  /** Room that a worker has for turns to come, until then: milliseconds since the epoch. */
  readonly grant?: number;
}

export const spendings: TableTerms<Spending> = {
  name: "spendings",
  lasting: true,
  // Names of keys and profiles come from configuration and administrators; this bounds what a mistake can cost.
  most: 100_000,
  holds: (value): value is Spending =>
    isJsonObject(value) &&
    typeof value["spent"] === "number" &&
    typeof value["unpriced"] === "number" &&
    Array.isArray(value["warned"]) &&
    value["warned"].every((each) => typeof each === "number"),
};

/** The part of a sum that turns under way hold. */
const ofTurns = "turns";

/** Accounts whose limit is reached: workers let nobody in by themselves. */
export const reached: TableTerms<true> = {
  name: "budgetsReached",
  lasting: false,
  mirrored: "always",
  most: 10_000,
  holds: (value): value is true => value === true,
};

/** Turns do not outlive the process that serves them. */
export const reservations: TableTerms<Reservation> = {
  name: "reservations",
  lasting: false,
  sums: ({ under, amount, grant }) =>
    under.map((name) => [name, grant === undefined ? ofTurns : "grants", amount]),
  holds: (value): value is Reservation => isJsonObject(value),
};

/**
 * Leases that were not held any more when their turns were counted. Such a turn may be told of twice: by its router, which counted by itself for a while, and by
 * the ledger, where what that router held was looked up.
 */
export const countedLate: TableTerms<true> = {
  name: "countedLate",
  lasting: true,
  most: 10_000,
  holds: (value): value is true => value === true,
};

export const unspent: Spending = { spent: 0, unpriced: 0, warned: [] };

/** A turn that began before midnight may end after it: it counts where it began. */
export const keptAfter = 24 * 3_600_000;

/** Where a budget is counted at an instant. */
export interface Account {
  readonly name: string;
  readonly period: Period;
}

export const accountOf = ({ name, of, per, timezone }: BudgetTerms, at: number): Account => {
  const period = periodOf(per, timezone, at);
  return { name: nameOf(name, of, per, String(period.start)), period };
};

export const spendingOf = (tables: StateTables, account: Account): Spending =>
  tables.of(spendings).get(account.name) ?? unspent;

export const saveSpending = (tables: StateTables, account: Account, spending: Spending): void =>
  tables.of(spendings).set(account.name, spending, account.period.end + keptAfter);

/** What is held under each name by turns that are under way, and for those that workers may let in. */
export const heldUnder = (tables: StateTables, names: readonly string[]): readonly number[] =>
  names.map((name) => {
    let sum = 0;
    for (const amount of tables.of(reservations).sumsOf(name).values()) sum += amount;
    return sum;
  });

/** What turns hold that are under way. */
export const heldByTurns = (tables: StateTables, name: string): number =>
  tables.of(reservations).sumsOf(name).get(ofTurns) ?? 0;
