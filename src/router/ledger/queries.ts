/** What can be asked of the ledger, and its answers: they go between the router and the ledger's thread as they are. */
import type { Grouping, UsageAnswer, UsageQuestion, UsageRow } from "../../shared/usage.ts";
import type { AttemptRecord, TurnRecord } from "./record.ts";

export { groupings } from "../../shared/usage.ts";
export type { Grouping, Usage, UsageAnswer, UsageRow } from "../../shared/usage.ts";

/** Fields of a turn that a query may ask for one value of. `model` is a target, `provider,model`. */
export const filterNames = ["provider", "model", "rule", "session", "key", "profile"] as const;
export type Filter = Readonly<Partial<Record<(typeof filterNames)[number], string>>>;

/** From `since` on, before `until`; milliseconds since the epoch. Undefined: no bound. */
export interface Range {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface UsageQuery extends UsageQuestion {
  readonly filter?: Filter | undefined;
  /** Most rows; those with the most tokens come first, days in their order. Default 1,000. */
  readonly limit?: number | undefined;
}

export interface SeriesQuery extends Range {
  readonly step: "hour" | "day";
  /** Undefined: all in one. */
  readonly by?: Exclude<Grouping, "day"> | undefined;
  readonly filter?: Filter | undefined;
  readonly timezone?: string | undefined;
  /** Of times, too: by model or provider, or of all, and of turns that are still kept one by one. */
  readonly percentiles?: boolean | undefined;
}

export interface SeriesPoint extends UsageRow {
  /** When the hour (of UTC), or the day in the zone that was asked for, begins, whether or not the question begins later; as 2026-11-21T10:00:00.000Z. */
  readonly at: string;
  /** `2026-11-21`; of an hour too. */
  readonly day: string;
  /** Where it was asked for. */
  readonly latency?: Latency;
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

/** Milliseconds within which half, 95 and 99 of a hundred turns were; each within a fifth of the true one. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Latency {
  /** Null: nothing was streamed. */
  readonly firstToken: Percentiles | null;
  readonly duration: Percentiles | null;
}

/** A turn as it is kept; `why` and `skipped` stand in the answer about this one turn alone. */
export interface StoredTurn extends Omit<TurnRecord, "attempts" | "at" | "spent"> {
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
