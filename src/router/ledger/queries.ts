/** What can be asked of the ledger, and its answers: they go between the router and the ledger's thread as they are. */
import type { AttemptRecord, TurnRecord } from "./record.ts";

/** What usage may be added up by, a day being one of the asker's zone. */
export const groupings = ["model", "provider", "day", "session", "key", "rule", "profile"] as const;
export type Grouping = (typeof groupings)[number];

/** Fields of a turn that a query may ask for one value of. `model` is a target, `provider,model`. */
export const filterNames = ["provider", "model", "rule", "session", "key", "profile"] as const;
export type Filter = Readonly<Partial<Record<(typeof filterNames)[number], string>>>;

/** From `since` on, before `until`; milliseconds since the epoch. Undefined: no bound. */
export interface Range {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface UsageQuery extends Range {
  readonly by: Grouping;
  readonly filter?: Filter | undefined;
  /** IANA name; where a day begins. Default: the machine's. */
  readonly timezone?: string | undefined;
  /** Most rows; those with the most tokens come first, days in their order. Default 1,000. */
  readonly limit?: number | undefined;
}

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

export interface SeriesQuery extends Range {
  readonly step: "hour" | "day";
  /** Undefined: all in one. */
  readonly by?: Exclude<Grouping, "day"> | undefined;
  readonly filter?: Filter | undefined;
  readonly timezone?: string | undefined;
}

export interface SeriesPoint extends UsageRow {
  /** When the hour or the day begins, as 2026-11-21T10:00:00.000Z. */
  readonly at: string;
  /** `2026-11-21`; of an hour too. */
  readonly day: string;
}

export interface SeriesAnswer {
  readonly step: "hour" | "day";
  readonly timezone: string;
  /** By time; hours and days without a turn are left out. */
  readonly points: readonly SeriesPoint[];
}

export interface TurnsQuery extends Range {
  readonly filter?: Filter | undefined;
  readonly outcome?: TurnRecord["outcome"] | undefined;
  /** At most 1,000. Default 50. */
  readonly limit?: number | undefined;
  /** As `next` of the answer before. */
  readonly after?: string | undefined;
  /** Default: the newest first. */
  readonly oldestFirst?: boolean | undefined;
}

/** A turn as it is kept; `attempts` is left out of lists that did not ask for it. */
export interface StoredTurn extends Omit<TurnRecord, "attempts" | "at"> {
  /** As 2026-11-21T10:00:00.000Z. */
  readonly at: string;
  readonly attemptCount: number;
  /** Of very many, the first and the last. */
  readonly attempts: readonly AttemptRecord[];
}

export interface TurnsAnswer {
  readonly turns: readonly StoredTurn[];
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null;
}

/** How long what is kept, in milliseconds. */
export interface Keeping {
  /** Single turns, and usage by session. */
  readonly retention: number;
  /** Sums. */
  readonly totals: number;
}

/** What the ledger's thread is asked: name -> what it is given and what it answers. */
export interface LedgerCalls {
  /** Takes what is new in the journal. */
  ingest: { args: undefined; result: undefined };
  /** Takes lines of a ledger without a folder. */
  take: { args: readonly string[]; result: undefined };
  usage: { args: UsageQuery; result: UsageAnswer };
  series: { args: SeriesQuery; result: SeriesAnswer };
  turns: { args: TurnsQuery; result: TurnsAnswer };
  turn: { args: string; result: StoredTurn | undefined };
  /** Since when the statistics count that were reset; null: from the beginning. */
  statsSince: { args: undefined; result: number | null };
  resetStats: { args: undefined; result: undefined };
  /** Ends it, with everything taken. */
  close: { args: undefined; result: undefined };
}
export type LedgerCall = keyof LedgerCalls;
