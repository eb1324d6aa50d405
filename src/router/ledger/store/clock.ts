/** Whether the machine's clock is good enough to remove something for good by it: one that jumped would take all turns for old. */
import type { DatabaseSync } from "node:sqlite";
import type { Warn } from "../thread-messages.ts";
import { parseJsonObject } from "../../../shared/json.ts";

const hour = 3_600_000;
const day = 24 * hour;
/** Forwards, from one look to the next; nobody may have used the router for so long, too. */
const mostGap = 7 * day;
/** Backwards: clocks are set by seconds every day. */
const mostBack = hour;
/** What must have run before a clock is believed that jumped. */
const proof = day;

const fact = "retention";

/** Kept in `facts`, so that a new process knows of it. All in milliseconds, times since the epoch. */
interface Looked {
  readonly at: number;
  /** Running time that is still to pass before something is removed. */
  readonly left: number;
  /** When running time was counted last: of several routers, each hour counts once. */
  readonly counted: number;
}

const readLooked = (text: unknown): Looked | undefined => {
  const { at, left, counted } = parseJsonObject(typeof text === "string" ? text : undefined) ?? {};
  return typeof at === "number" && typeof left === "number" && typeof counted === "number"
    ? { at, left, counted }
    : undefined;
};

export interface ClockOptions {
  readonly database: DatabaseSync;
  /** Milliseconds that pass whatever the clock shows. */
  readonly running: () => number;
  /** Told once of each jump, in words for the log. */
  readonly warn: Warn;
}

export class TrustedClock {
  readonly #options: ClockOptions;
  /** The running time at this process's last look. */
  #ran: number | undefined;

  constructor(options: ClockOptions) {
    this.#options = options;
  }

  /**
   * Notes a look at what is old. Called in a transaction.
   * @param now milliseconds since the epoch, by the machine's clock
   * @returns whether it may be removed: not within a day of running after the clock jumped by more than a week or backwards, nor in a ledger's first day
   */
  look(now: number): boolean {
    const { database, running, warn } = this.#options;
    const ran = running();
    const passed = this.#ran === undefined ? 0 : ran - this.#ran;
    this.#ran = ran;
    const known = database.prepare("SELECT value FROM facts WHERE name = ?").get(fact)?.["value"];
    const next = after(readLooked(known), now, passed);
    database
      .prepare("INSERT OR REPLACE INTO facts VALUES (?, ?)")
      .run(fact, JSON.stringify({ at: now, left: next.left, counted: next.counted }));
    if (next.jump !== undefined)
      warn(
        "ledger.clock",
        `the clock shows ${words(next.jump)} the last look at what is old in the ledger: nothing is removed before the router has run for a day, in case the clock is wrong`,
      );
    return next.left === 0;
  }
}

/** @param passed running time since this process's last look */
const after = (
  last: Looked | undefined,
  now: number,
  passed: number,
): { readonly left: number; readonly counted: number; readonly jump?: number } => {
  // A new ledger has nothing that is old; of one that an earlier version kept it is not known when it was looked at.
  if (last === undefined) return { left: proof, counted: now };
  const jump = now - last.at;
  // A router that nobody used for weeks has lived through them.
  if (jump - passed > mostGap || jump < -mostBack) return { left: proof, counted: now, jump };
  if (last.left === 0) return last;
  const run = Math.min(passed, Math.max(0, now - last.counted));
  return { left: Math.max(0, last.left - run), counted: run > 0 ? now : last.counted };
};

const words = (jump: number): string => {
  const size = Math.abs(jump);
  const time = size < 2 * day ? `${Math.round(size / hour)} hours` : `${Math.round(size / day)} days`;
  return `${time} ${jump < 0 ? "before" : "after"}`;
};
