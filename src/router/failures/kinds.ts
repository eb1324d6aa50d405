/** The kinds of failure, and what each leads to: the written taxonomy (docs/failures.md shows the same table). */
import type { Step } from "../../shared/failure-names.ts";

// The configuration uses the names as well, so they stand where both may look.
export type { FailureKind, Step } from "../../shared/failure-names.ts";

/** What rests after a failure of the kind, until the time that the provider named or a growing one. */
export type Cools =
  /** The key, for every model. */
  | "key"
  /** The key, for this model. */
  | "key-model"
  /** The model at this provider, with every key. */
  | "model"
  | "nothing";

export interface FailureRow {
  readonly step: Step;
  /** Where no other target is left; undefined: `step`. */
  readonly alone?: Step;
  readonly cools: Cools;
  /** At once, or after so many failures in a row as the provider's policy says. */
  readonly opens: "at-once" | "in-a-row";
  /** For the document: why. */
  readonly why: string;
}
