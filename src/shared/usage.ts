/** What `GET /api/usage` answers: the router's ledger makes it, the CLI shows it. */

/** What usage may be added up by; a day is one of the asker's zone. */
export const groupings = ["model", "provider", "day", "session", "key", "rule", "profile"] as const;
export type Grouping = (typeof groupings)[number];

/** Sums over turns. */
export interface Usage {
  readonly turns: number;
  readonly failed: number;
  readonly cut: number;
  readonly aborted: number;
  readonly attempts: number;
  /** Each counted once: `input` holds neither of the two of the cache; `reasoning` is a part of `output`. */
  readonly input: number;
  readonly output: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
  readonly reasoning: number;
  /** Turns whose provider reported no tokens. */
  readonly unreported: number;
  /** US dollars of the turns whose price is known; null where it is known of none. */
  readonly cost: number | null;
  /** Turns with tokens and without a known price. */
  readonly unpriced: number;
  /** Mean milliseconds to the first content, of the turns that streamed any; null: none did. */
  readonly firstToken: number | null;
  /** Mean milliseconds of a turn; null: there is none. */
  readonly duration: number | null;
}

export interface UsageRow extends Usage {
  /** `2026-11-21` of a day; null: turns that have none (no session, no key). */
  readonly name: string | null;
}

export interface UsageAnswer {
  /** A name that the ledger was given when it was begun: routers that share one give the same. */
  readonly ledger: string;
  readonly by: Grouping;
  readonly timezone: string;
  /** As 2026-11-21T10:00:00.000Z, or null. */
  readonly since: string | null;
  readonly until: string | null;
  readonly rows: readonly UsageRow[];
  /** Rows that are left out; they are in `total`. */
  readonly more: number;
  readonly total: Usage;
}

/** What a router asks of its ledger's usage. */
export interface UsageQuestion {
  readonly by: Grouping;
  /** From it on, and before it; milliseconds since the epoch. Undefined: no bound. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** IANA name; where a day begins. Default: the machine's. */
  readonly timezone?: string | undefined;
}

/** The folder of a ledger, in the folder of a router's state. */
export const ledgerFolder = "ledger";
