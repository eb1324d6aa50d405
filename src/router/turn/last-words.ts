/** What the client is told when nothing is left to try: the true reason, and when it is worth to ask again. */
import { targetName, type Target } from "../../config/types.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import type { FailureKind } from "../failures/kinds.ts";
import { rowOf } from "../failures/taxonomy.ts";
import { short } from "./log.ts";

export interface Failed {
  readonly target: string;
  readonly kind: FailureKind;
  readonly failure: UpstreamFailure;
}

/** A target that could not be asked for now. */
export interface Resting {
  readonly target: Target;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly reason: string;
}

/**
 * The failure that the client gets: of several the one that it can do something about, with what the others said. Where all that is left rests, a 429 with the
 * time of the first that recovers.
 * @param now milliseconds since the epoch
 */
export const lastWords = (
  failed: readonly Failed[],
  resting: readonly Resting[],
  now: number,
): UpstreamFailure => {
  const retryAfter = retryAfterOf(failed, resting, now);
  const last = theOne(failed);
  if (last === undefined) {
    if (resting.length > 0) return allRest(resting, retryAfter!);
    return { status: 503, type: "api_error", message: "No target of the route could be tried" };
  }
  const failure: UpstreamFailure = { ...last.failure };
  if (last.kind === "contextTooLong") sayTooLong(failure);
  if (retryAfter !== undefined && passes(last.kind)) failure.retryAfter = retryAfter;
  // Something else may serve the same request in a while.
  if (resting.some(({ target }) => targetName(target) !== last.target)) delete failure.hopeless;
  const others = [
    ...failed.filter((each) => each !== last).map((each) => `${each.target}: ${short(each.failure.message)}`),
    ...resting
      .filter(({ target }) => !failed.some((each) => each.target === targetName(target)))
      .map((each) => restWords(each)),
  ];
  // A single provider's own error body goes back as it is; with more of them tried, all are named.
  if (others.length > 0) {
    delete failure.body;
    failure.message = `${last.target}: ${failure.message} (tried before: ${others.join("; ")})`;
  }
  return failure;
};

/**
 * Puts the words in front by which the client knows to compact, where the provider has others. Those that say how much the output is too large are left: the client
 * reads the figures in them and asks for less.
 */
const sayTooLong = (failure: UpstreamFailure): void => {
  if (/prompt is too long|exceed context limit: \d/i.test(failure.message)) return;
  failure.status = 400;
  failure.type = "invalid_request_error";
  failure.message = `prompt is too long: ${failure.message}`;
  delete failure.body;
};

/** Whether a failure of the kind ends by itself. A rejected key rests as well, and is as wrong afterwards. */
const passes = (kind: FailureKind): boolean => rowOf(kind).cools !== "nothing" && kind !== "keyRejected";

/** The client compacts when it is told that the conversation is too long: nothing that others said may hide that. */
const theOne = (failed: readonly Failed[]): Failed | undefined =>
  failed.findLast(({ kind }) => kind === "contextTooLong") ?? failed.at(-1);

/** Whole seconds until the first of all that rest may be asked again, those among them whose failure in this turn said so. */
const retryAfterOf = (
  failed: readonly Failed[],
  resting: readonly Resting[],
  now: number,
): string | undefined => {
  const named = failed.flatMap(({ kind, failure }) => (passes(kind) ? (failure.until ?? []) : []));
  const soonest = Math.min(...named, ...resting.map(({ until }) => until));
  if (!Number.isFinite(soonest)) return undefined;
  return String(Math.max(1, Math.ceil((soonest - now) / 1000)));
};

const restWords = ({ target, until, reason }: Resting): string =>
  `${targetName(target)}: rests until ${new Date(until).toISOString()} (${reason})`;

const allRest = (resting: readonly Resting[], retryAfter: string): UpstreamFailure => ({
  status: 429,
  type: "rate_limit_error",
  message: `Every target of the route rests: ${resting.map(restWords).join("; ")}. See: switchyard status.`,
  retryAfter,
});
