/** What kind of failure it was, and what follows from it. */
import type { FailurePolicy, FailureRule } from "../../config/types.ts";
import type { ErrorCode } from "../../shared/errors.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import type { Cools, FailureKind, Step } from "./kinds.ts";
import { rowOf, statusKinds } from "./taxonomy.ts";
import { wordRows } from "./words.ts";

/** A failure, and the code of our own table where it is ours: no connection, a time-out, an answer that is none. */
export type Failure = UpstreamFailure & { readonly code?: ErrorCode };

export interface Facts {
  /** No other target is left. Default false. */
  readonly alone?: boolean;
  /** The key was asked by a way of its own (its proxy), and other keys go another. Default false. */
  readonly ownWay?: boolean;
}

/** Instead of the table's row, where the way of one key alone is closed: the provider may be well. */
const ownWayClosed = { step: "next-key", cools: "key" } as const;

export interface Judgement {
  readonly kind: FailureKind;
  readonly step: Step;
  readonly cools: Cools;
  readonly opens: "at-once" | "in-a-row";
  /**
   * By the configuration, in milliseconds: before the retry, or how long it rests. Undefined: it grows by the policy. A time that the
   * provider named goes before.
   */
  readonly wait: number | undefined;
}

/** Codes of ours that stand for what a provider did. */
const ownKinds: Readonly<Partial<Record<ErrorCode, FailureKind>>> = {
  "upstream.unreachable": "unreachable",
  "upstream.timeout": "timeout",
  "upstream.cut": "broken",
  "upstream.badStream": "broken",
  "upstream.notJson": "broken",
  "upstream.keyRejected": "keyRejected",
  // A fault in reading the answer.
  internal: "broken",
};

/** Judges a failure: first by the rules of the configuration, then by the built-in table. */
export const classify = (failure: Failure, policy: FailurePolicy, facts: Facts = {}): Judgement => {
  const words = wordsOf(failure);
  const rule = policy.rules.find((each) => fits(each, failure, words));
  const found = rule?.as === undefined ? kindOf(failure, words) : { kind: rule.as };
  const closed = found.kind === "unreachable" && facts.ownWay === true;
  const row = { ...rowOf(found.kind), ...(closed && ownWayClosed) };
  const step = rule?.step ?? (facts.alone === true ? (row.alone ?? row.step) : row.step);
  const cools = found.cools ?? row.cools;
  // A rule that says how long it rests means that it does.
  const rests = rule?.wait !== undefined && step !== "retry";
  return {
    kind: found.kind,
    step,
    cools: rests && cools === "nothing" ? "model" : cools,
    opens: rests ? "at-once" : row.opens,
    wait: rule?.wait,
  };
};

/** What is searched: the message, and the beginning of the body; of a failure within a stream, of which there is no body, the type. */
const wordsOf = ({ type, message, said }: Failure): string =>
  said === undefined ? `${type} ${message}` : `${message}\n${said}`;

const fits = (rule: FailureRule, failure: Failure, words: string): boolean => {
  const status = statusOf(failure);
  const inRange =
    rule.statuses.length === 0 || rule.statuses.some(([from, to]) => status >= from && status <= to);
  return inRange && (rule.words?.test(words) ?? true);
};

/** The status that the provider sent; a dialect may have put another one in its place, for the client. */
const statusOf = (failure: Failure): number => failure.sentStatus ?? failure.status;

const kindOf = (failure: Failure, words: string): { kind: FailureKind; cools?: Cools } => {
  if (failure.elsewhere === true) return { kind: "unable" };
  const own = failure.code === undefined ? undefined : ownKinds[failure.code];
  if (own !== undefined) return { kind: own };
  const { status } = failure;
  const sent = statusOf(failure);
  for (const row of wordRows) {
    if ((row.status(sent) || row.status(status)) && row.says(words))
      return row.cools === undefined ? { kind: row.kind } : { kind: row.kind, cools: row.cools };
  }
  // The dialect has read the codes in the body as well: its status says more than the one on the line.
  const row = statusKinds.find(([from, to]) => status >= from && status <= to);
  return { kind: row?.[2] ?? "broken" };
};
