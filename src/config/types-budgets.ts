/** Budgets as the configuration has them: how much may be spent, by whom, and what happens then. */
import type { BudgetPeriod } from "../shared/client-keys.ts";
import type { Target } from "./types.ts";

export const budgetScopes = ["all", "provider", "profile", "clientKey"] as const;
/** Whose spending is counted together: everybody's, or that of each provider, profile or client key by itself. */
export type BudgetScope = (typeof budgetScopes)[number];

export interface BudgetConfig {
  /** Its own among all budgets. */
  readonly name: string;
  readonly scope: BudgetScope;
  /** Names of providers, profiles or client keys that it counts for; empty: each. */
  readonly which: readonly string[];
  /** US dollars. */
  readonly limit: number;
  readonly per: BudgetPeriod;
  /** IANA name: its midnight is where a day, a week (on Monday) and a month begin. */
  readonly timezone: string;
  /** Shares of the limit at which a warning is told, in ascending order. */
  readonly warnAt: readonly number[];
  /** What serves once the limit is reached; empty: turns are refused. */
  readonly use: readonly Target[];
}

/** Who may administrate the router from a browser. */
export interface AdminConfig {
  /** Names by which the dashboard may be asked for, beside loopback, addresses and server.host. In lower case. */
  readonly hosts: readonly string[];
  /** How long a session of the dashboard lasts without being used, in milliseconds. */
  readonly session: number;
}
