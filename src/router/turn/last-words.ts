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
  /** The kind of the failure that began it, or one of `atLimits` and `offHours`. */
  readonly reason: string;
}

/** Reasons for which a target cannot be asked, though nothing failed. */
export const atLimits = "at its limits";
export const offHours = "outside of its keys' hours";

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
    if (resting.length > 0) return allRest(resting, retryAfter);
    return { status: 503, type: "api_error", message: "No target of the route could be tried" };
  }
  const failure: UpstreamFailure = { ...last.failure };
  if (last.kind === "contextTooLong") sayTooLong(failure);
  if (retryAfter !== undefined && last.kind !== "keyRejected" && rests(last.kind))
    failure.retryAfter = retryAfter;
  // Something else may serve the same request in a while.
  if (resting.some(({ target, reason }) => targetName(target) !== last.target && reason !== "keyRejected"))
    delete failure.hopeless;
  const lastSaid = wordsOf(last);
  // Each once, however often it was said.
  const others = new Set([
    ...failed.map(wordsOf).filter((words) => words !== lastSaid),
    ...resting
      .filter(({ target }) => !failed.some((each) => each.target === targetName(target)))
      .map((each) => restWords(each)),
  ]);
  // A single provider's own error body goes back as it is; with more of them tried, all are named.
  if (others.size > 0) {
    delete failure.body;
    failure.message = `${last.target}: ${failure.message} (tried before: ${[...others].join("; ")})`;
  }
  return failure;
};

const wordsOf = ({ target, failure }: Failed): string => `${target}: ${short(failure.message)}`;

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

/** A rejected key rests as well, and is as wrong afterwards: its time tells nobody when to come back. */
const rests = (kind: FailureKind): boolean => rowOf(kind).cools !== "nothing";

/** Whether a rest is over by itself, and mostly soon: an account without money or a key that was refused waits for somebody to act. */
export const passes = (reason: string): boolean =>
  reason !== "keyRejected" && reason !== "quota" && reason !== offHours;

/** The client compacts when it is told that the conversation is too long: nothing that others said may hide that. */
const theOne = (failed: readonly Failed[]): Failed | undefined =>
  failed.findLast(({ kind }) => kind === "contextTooLong") ?? failed.at(-1);

/** Whole seconds until the first of all that rest may be asked again, those among them whose failure in this turn said so. */
const retryAfterOf = (
  failed: readonly Failed[],
  resting: readonly Resting[],
  now: number,
): string | undefined => {
  // What failed and does not rest may be asked again at once, however long the others rest.
  if (failed.some((each) => mayBeAskedAgain(each, resting))) return undefined;
  const named = failed.flatMap(({ kind, failure }) =>
    kind !== "keyRejected" && rests(kind) ? (failure.until ?? []) : [],
  );
  const others = resting.filter(({ reason }) => reason !== "keyRejected");
  // What was waited for in this turn already is no news.
  const soonest = Math.min(...named.filter((until) => until > now), ...others.map(({ until }) => until));
  if (!Number.isFinite(soonest)) return undefined;
  return String(Math.max(1, Math.ceil((soonest - now) / 1000)));
};

/** It failed by chance: nobody said that it is to be left alone. */
const mayBeAskedAgain = ({ target, kind, failure }: Failed, resting: readonly Resting[]): boolean =>
  rowOf(kind).opens === "in-a-row" &&
  rests(kind) &&
  failure.until === undefined &&
  !resting.some((each) => targetName(each.target) === target);

/** `rests until 2026-11-21T10:00:00.000Z (overloaded)` */
export const restReason = ({ until, reason }: Resting): string => {
  const named = Number.isFinite(until) ? ` until ${new Date(until).toISOString()}` : "";
  return `rests${named} (${reason})`;
};

/** `a,m: rests until 2026-11-21T10:00:00.000Z (overloaded)` */
export const restWords = (resting: Resting): string =>
  `${targetName(resting.target)}: ${restReason(resting)}`;

/** A key that was refused is no matter of time: the client must not ask again in silence. */
const allRest = (resting: readonly Resting[], retryAfter: string | undefined): UpstreamFailure => {
  const message = `Every target of the route rests: ${resting.map(restWords).join("; ")}. See: switchyard status.`;
  if (resting.every(({ reason }) => reason === "keyRejected"))
    return {
      status: 401,
      type: "authentication_error",
      message: `${message} The provider refused the key; once it is right: switchyard cooldown clear.`,
      hopeless: true,
    };
  return {
    status: 429,
    type: "rate_limit_error",
    message,
    ...(retryAfter !== undefined && { retryAfter }),
  };
};
