/** What the router keeps of turns. */

export interface LedgerConfig {
  readonly enabled: boolean;
  /** How long single turns are kept, and usage by session; milliseconds. */
  readonly retention: number;
  /** How long sums are kept, in milliseconds; never less than `retention`. */
  readonly totals: number;
}

/** Prompts and answers in files of their own. */
export interface CaptureConfig {
  readonly requests: boolean;
  readonly answers: boolean;
  /** Milliseconds. */
  readonly maxAge: number;
  /** Of all files together, in bytes. */
  readonly maxSize: number;
}
