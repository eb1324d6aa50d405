/** What the live view is told of turns while they run. Prompts and answers are not in it. */
import type { AttemptRecord, TurnRecord } from "../ledger/record.ts";

/** What is known of a turn before anybody is called. */
export type BegunTurn = Pick<
  TurnRecord,
  | "id"
  | "at"
  | "session"
  | "agent"
  | "profile"
  | "clientKey"
  | "client"
  | "asked"
  | "rule"
  | "target"
  | "stream"
>;

export type LiveEvent =
  | ({ readonly kind: "begun" } & BegunTurn)
  /** A call is made. `number` counts from 1. */
  | { readonly kind: "calling"; readonly id: string; readonly target: string; readonly number: number }
  /** A call did not serve. */
  | ({ readonly kind: "attempt"; readonly id: string } & AttemptRecord)
  /** The turn as the ledger keeps it. */
  | ({ readonly kind: "ended" } & TurnRecord);

/** How much of an answer has gone out: an estimate, from what is written to the client; the ledger has the provider's own count. */
export interface LiveProgress {
  readonly kind: "progress";
  readonly id: string;
  /** So far. */
  readonly tokens: number;
  /** Milliseconds since the first of them. */
  readonly for: number;
}

export type LiveMessage = LiveEvent | LiveProgress;
