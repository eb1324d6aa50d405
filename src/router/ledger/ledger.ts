/**
 * The ledger: every turn with its tokens and its cost. A turn is appended to a journal before its client sees the end of it, so that no kill of
 * the process loses it; a thread takes the journal into SQLite and answers questions.
 */
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { Journal } from "./journal.ts";
import { encodeTurn } from "./line.ts";
import type {
  Keeping,
  LedgerCall,
  LedgerCalls,
  SeriesAnswer,
  SeriesQuery,
  StoredTurn,
  TurnsAnswer,
  TurnsQuery,
  UsageAnswer,
  UsageQuery,
} from "./queries.ts";
import type { TurnRecord } from "./record.ts";
import { LedgerThread } from "./thread.ts";

export interface Ledger {
  /** Undefined: in memory, and gone with the process. */
  readonly folder: string | undefined;
  /** Synchronous, and some microseconds long. Never throws. To be called once a turn, before its client gets the last bytes. */
  append(record: TurnRecord): void;
  /** Another process has appended to the journal. */
  appended(): void;
  /** All of these know every turn that was appended before. @throws SwitchyardError ledger.failed */
  usage(query: UsageQuery): Promise<UsageAnswer>;
  series(query: SeriesQuery): Promise<SeriesAnswer>;
  turns(query: TurnsQuery): Promise<TurnsAnswer>;
  turn(id: string): Promise<StoredTurn | undefined>;
  /** Since when the statistics count, milliseconds since the epoch; null: they were never reset. */
  statsSince(): Promise<number | null>;
  /** The statistics of `/api/token-stats` begin anew; nothing is removed. */
  resetStats(): Promise<void>;
  /** A changed configuration. */
  keep(keeping: Keeping): void;
  /** Takes in what is left of the journal. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** Undefined: in memory. */
  readonly folder?: string | undefined;
  readonly keeping: Keeping;
  /** Another process takes the journal into the database: here turns are only appended. */
  readonly takenElsewhere?: boolean;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Milliseconds since the epoch; the machine's clock where none is given. */
  readonly now?: () => number;
}

/** From a turn to its place in the database, where nobody asks before; milliseconds. */
const takeAfter = 1_000;
/** Turns in memory before they are handed to the thread at once. */
const handful = 1_000;
/** Of a ledger in memory; milliseconds. */
const longestInMemory = 24 * 3_600_000;
/** How long its end may take, in milliseconds: what is left is in the journal. */
const longestEnd = 5_000;

/** Does nothing before the first turn or question. */
export const createLedger = (options: LedgerOptions): Ledger => new JournaledLedger(options);

class JournaledLedger implements Ledger {
  readonly folder: string | undefined;
  readonly #log: LedgerOptions["log"];
  readonly #now: () => number;
  readonly #thread: LedgerThread;
  readonly #journal: Journal | undefined;
  #keeping: Keeping;
  readonly #takenElsewhere: boolean;
  /** Lines of a ledger in memory. */
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #complained = false;
  #closed = false;

  constructor({ folder, keeping, takenElsewhere = false, log, now = Date.now }: LedgerOptions) {
    this.folder = folder;
    this.#log = log;
    this.#now = now;
    this.#keeping = keeping;
    this.#takenElsewhere = takenElsewhere;
    this.#thread = new LedgerThread({ folder }, (code, text) => log.warn({ code }, text));
    this.#journal = folder === undefined ? undefined : new Journal({ folder, log, now });
  }

  append(record: TurnRecord): void {
    if (this.#closed) return;
    const line = encodeTurn(record);
    if (this.#journal !== undefined) this.#journal.append(line);
    else if (this.#lines.push(line.toString()) >= handful) void this.#take();
    this.appended();
  }

  appended(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.#take(), takeAfter).unref();
  }

  usage(query: UsageQuery): Promise<UsageAnswer> {
    return this.#ask("usage", query);
  }
  series(query: SeriesQuery): Promise<SeriesAnswer> {
    return this.#ask("series", query);
  }
  turns(query: TurnsQuery): Promise<TurnsAnswer> {
    return this.#ask("turns", query);
  }
  turn(id: string): Promise<StoredTurn | undefined> {
    return this.#ask("turn", id);
  }
  statsSince(): Promise<number | null> {
    return this.#ask("statsSince", undefined);
  }
  resetStats(): Promise<void> {
    return this.#ask("resetStats", undefined);
  }

  keep(keeping: Keeping): void {
    this.#keeping = keeping;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    // One that nobody appended to, or asked, has nothing to take.
    if (!this.#takenElsewhere && (this.#timer !== undefined || this.#thread.begun)) {
      const late = new Promise((resolve) => setTimeout(resolve, longestEnd).unref());
      await Promise.race([this.#ask("close", undefined).catch(() => undefined), late]);
    }
    this.#journal?.close();
    await this.#thread.end();
  }

  #ask<Name extends LedgerCall>(
    name: Name,
    args: LedgerCalls[Name]["args"],
  ): Promise<LedgerCalls[Name]["result"]> {
    const lines = this.#lines.splice(0);
    // The thread does one after the other: what is asked next knows them.
    if (lines.length > 0) void this.#tell("take", lines);
    return this.#thread.call(name, args, this.#time());
  }

  /** Has the thread take what is new. */
  async #take(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#journal === undefined) {
      const lines = this.#lines.splice(0);
      if (lines.length > 0) await this.#tell("take", lines);
      return;
    }
    try {
      this.#journal.look();
    } catch {
      // It is opened again with the next turn.
    }
    if (this.#takenElsewhere) return;
    await this.#tell("ingest", undefined);
  }

  async #tell<Name extends "ingest" | "take">(name: Name, args: LedgerCalls[Name]["args"]): Promise<void> {
    try {
      await this.#thread.call(name, args, this.#time());
      this.#complained = false;
    } catch (error) {
      if (!this.#complained)
        this.#log.error(
          { code: "ledger.failed", reason: messageOf(error) },
          "turns stay in the ledger's journal: its database cannot be written",
        );
      this.#complained = true;
    }
  }

  #time(): { now: number; keeping: Keeping } {
    const { retention, totals } = this.#keeping;
    const bounded =
      this.#journal === undefined
        ? { retention: Math.min(retention, longestInMemory), totals }
        : this.#keeping;
    return { now: this.#now(), keeping: bounded };
  }
}
