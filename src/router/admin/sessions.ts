/** Sessions of the dashboard, and attempts with wrong tokens: commands of the state. */
import { isJsonObject } from "../../shared/json.ts";
import type { StateCommand, TableTerms } from "../state/state.ts";

/** Hash of the administrator's token with which it was begun: a new token ends it. */
type Session = string;

/** By the hash of their id, so that the file of the state opens none. */
const sessions: TableTerms<Session> = {
  name: "adminSessions",
  lasting: true,
  most: 1_000,
  holds: (value): value is Session => typeof value === "string",
};

export const beginSession: StateCommand<
  { readonly id: string; readonly token: string; readonly lasts: number },
  void
> = {
  name: "admin.begin",
  lasting: true,
  run: (tables, { id, token, lasts }, now) => tables.of(sessions).set(id, token, now + lasts),
};

/** Whether a session is on; it is prolonged by the question. */
export const useSession: StateCommand<
  { readonly id: string; readonly token: string; readonly lasts: number },
  boolean
> = {
  name: "admin.use",
  lasting: false,
  run: (tables, { id, token, lasts }, now) => {
    const table = tables.of(sessions);
    if (table.get(id) !== token) return false;
    table.set(id, token, now + lasts);
    return true;
  },
};

/** The same, without prolonging it: for a stream that is open anyway. */
export const lookAtSession: StateCommand<{ readonly id: string; readonly token: string }, boolean> = {
  name: "admin.look",
  lasting: false,
  run: (tables, { id, token }) => tables.of(sessions).get(id) === token,
};

export const endSession: StateCommand<{ readonly id: string }, void> = {
  name: "admin.end",
  lasting: true,
  run: (tables, { id }) => tables.of(sessions).delete(id),
};

interface Attempts {
  readonly count: number;
  /** Milliseconds since the epoch before which none is looked at. */
  readonly until: number;
}

/** By the address that they come from. */
const attempts: TableTerms<Attempts> = {
  name: "adminAttempts",
  lasting: true,
  most: 10_000,
  holds: (value): value is Attempts =>
    isJsonObject(value) && typeof value["count"] === "number" && typeof value["until"] === "number",
};

/** So many may be wrong before they are slowed. */
const free = 5;
const longestWait = 60_000;
const forgetAfter = 15 * 60_000;

/**
 * Counts an attempt before it is looked at, so that many at once are no way around. A right one is forgiven with `forgive`.
 * @returns milliseconds since the epoch until which it must wait; 0: it may be looked at
 */
export const beginAttempt: StateCommand<{ readonly from: string }, number> = {
  name: "admin.attempt",
  lasting: true,
  run: (tables, { from }, now) => {
    const table = tables.of(attempts);
    const { count, until } = table.get(from) ?? { count: 0, until: 0 };
    if (until > now) return until;
    const wait = count + 1 < free ? 0 : Math.min(longestWait, 1_000 * 2 ** (count + 1 - free));
    table.set(from, { count: count + 1, until: now + wait }, now + forgetAfter);
    return 0;
  },
};

export const forgive: StateCommand<{ readonly from: string }, void> = {
  name: "admin.forgive",
  lasting: true,
  run: (tables, { from }) => tables.of(attempts).delete(from),
};
