/** What is done about a provider's failures, as far as the configuration says it. Times are milliseconds. */
import type { FailureKind, Step } from "../shared/failure-names.ts";

/** Status codes from the first to the last, both included. */
export type StatusRange = readonly [from: number, to: number];

/** One answer of the user's own to a failure, asked before the built-in table. All that it names must hold. */
export interface FailureRule {
  /** Empty: any status. */
  readonly statuses: readonly StatusRange[];
  /** Looked for in the provider's codes and words, letter case aside; undefined: any. */
  readonly words: RegExp | undefined;
  /** What it is taken for; undefined: what the built-in table says. */
  readonly as: FailureKind | undefined;
  /** What comes next; undefined: what the table says of the kind. */
  readonly step: Step | undefined;
  /** Before a `retry`; for another step, how long it rests. Where the provider names a time of its own, that counts. */
  readonly wait: number | undefined;
}

export interface FailurePolicy {
  /** Calls of one target in one turn, the first included, for what is retried there. */
  readonly tries: number;
  /** Between them. */
  readonly wait: { readonly first: number; readonly longest: number };
  /** Failures in a row after which the target rests. */
  readonly breakAfter: number;
  /** Where the provider names no time: the first rest, and the longest after many. */
  readonly rest: { readonly first: number; readonly longest: number };
  readonly rules: readonly FailureRule[];
}
