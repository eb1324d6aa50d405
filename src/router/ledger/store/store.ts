/** The ledger's database with all that is asked of it. Synchronous: it runs in the ledger's thread, or in a command of its own. */
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../../shared/errors.ts";
import { decodeTurn } from "../line.ts";
import type { Warn } from "../thread-messages.ts";
import type { Keeping, LedgerCall, LedgerCalls } from "../queries.ts";
import { TrustedClock } from "./clock.ts";
import { Ingest } from "./ingest.ts";
import { Intake } from "./intake.ts";
import { Names } from "./names.ts";
import { Retention } from "./retention.ts";
import { inTransaction, openDatabase } from "./schema.ts";
import { SumReader } from "./sums.ts";
import { listTurns, oneTurn } from "./turns.ts";
import { series, usage } from "./usage.ts";

export const databaseFile = "ledger.db";

export interface StoreOptions {
  /** Undefined: in memory. */
  readonly folder: string | undefined;
  /** Told of damage, and of a clock that jumped, in words for the log. */
  readonly warn: Warn;
  /** Milliseconds that pass whatever the clock shows; default: those of this process. */
  readonly running?: () => number;
}

/** When a call is made, and what is to be kept by then. */
export interface CallTime {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly keeping: Keeping;
}

interface Opened {
  readonly database: DatabaseSync;
  readonly names: Names;
  readonly intake: Intake;
  readonly ingest: Ingest | undefined;
  readonly reader: SumReader;
  readonly retention: Retention;
  /** The ledger's own name. */
  readonly id: string;
  /** Number of the database's file; undefined: in memory. */
  readonly inode: bigint | undefined;
}

const inodeIn = (folder: string | undefined): bigint | undefined =>
  folder === undefined
    ? undefined
    : statSync(join(folder, databaseFile), { throwIfNoEntry: false, bigint: true })?.ino;

type Handlers = {
  readonly [Name in Exclude<LedgerCall, "close">]: (
    opened: Opened,
    args: LedgerCalls[Name]["args"],
    now: number,
  ) => LedgerCalls[Name]["result"];
};

const handlers: Handlers = {
  ingest: () => undefined,
  take: ({ database, intake }, lines) => {
    inTransaction(database, () => intake.take(lines.flatMap((line) => decodeTurn(line) ?? [])));
  },
  usage: ({ reader, id }, query) => usage(reader, id, query),
  series: ({ reader }, query) => series(reader, query),
  turns: ({ database, names, reader }, query) => listTurns(database, names, reader, query),
  turn: ({ database, names }, id) => oneTurn(database, names, id),
  statsSince: ({ database }) => {
    const value = database.prepare("SELECT value FROM facts WHERE name = 'statsSince'").get()?.["value"];
    return value === undefined ? null : Number(value);
  },
  resetStats: ({ database }, _args, now) => {
    database.prepare("INSERT OR REPLACE INTO facts VALUES ('statsSince', ?)").run(now);
  },
};

/** SQLite's codes of a file that is damaged, or that is no database: SQLITE_CORRUPT, SQLITE_NOTADB (sqlite.org/rescode.html). */
const isDamage = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && (error.errcode === 11 || error.errcode === 26);

export class LedgerStore {
  readonly #options: StoreOptions;
  #opened: Opened | undefined;
  /** Whose file is gone. Never closed: SQLite would remove the WAL of the file that has its name now. */
  readonly #gone: DatabaseSync[] = [];

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Whatever is asked knows all that was appended before. @throws what SQLite or the file system says */
  call<Name extends Exclude<LedgerCall, "close">>(
    name: Name,
    args: LedgerCalls[Name]["args"],
    time: CallTime,
  ): LedgerCalls[Name]["result"] {
    try {
      return this.#call(name, args, time);
    } catch (error) {
      if (!isDamage(error) || this.#options.folder === undefined) throw error;
      this.#setAside(this.#options.folder, time.now, messageOf(error));
      return this.#call(name, args, time);
    }
  }

  close(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  #call<Name extends Exclude<LedgerCall, "close">>(
    name: Name,
    args: LedgerCalls[Name]["args"],
    { now, keeping }: CallTime,
  ): LedgerCalls[Name]["result"] {
    this.#leaveWhatIsGone();
    const opened = (this.#opened ??= this.#open());
    opened.ingest?.run(now);
    // What is asked for is answered first.
    const result = handlers[name](opened, args, now);
    if (name === "ingest" || name === "take") opened.retention.run(now, keeping);
    return result;
  }

  /** Somebody removed the file, or put another in its place: what went on into the old one would be lost with this process. */
  #leaveWhatIsGone(): void {
    const { folder, warn } = this.#options;
    const opened = this.#opened;
    if (opened === undefined || opened.inode === inodeIn(folder)) return;
    this.#gone.push(opened.database);
    this.#opened = undefined;
    warn(
      "ledger.damaged",
      "the ledger's database was removed or replaced while the router runs: what lies at its place is taken, with what is left of the journal",
    );
  }

  #open(): Opened {
    const { folder, warn, running = () => performance.now() } = this.#options;
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const database = openDatabase(folder === undefined ? undefined : join(folder, databaseFile));
    const names = new Names(database);
    const intake = new Intake(database, names);
    return {
      database,
      names,
      intake,
      ingest: folder === undefined ? undefined : new Ingest({ folder, database, intake, warn }),
      reader: new SumReader(database, names),
      retention: new Retention(database, names, new TrustedClock({ database, running, warn })),
      id: String(database.prepare("SELECT value FROM facts WHERE name = 'id'").get()?.["value"]),
      inode: inodeIn(folder),
    };
  }

  /** A damaged database makes room for a new one, which begins with what is left of the journal. */
  #setAside(folder: string, now: number, reason: string): void {
    try {
      this.close();
    } catch {
      this.#opened = undefined;
    }
    const mark = new Date(now).toISOString().replaceAll(":", "-");
    const aside = join(folder, `${databaseFile}.damaged-${mark}`);
    for (const ending of ["", "-wal", "-shm"]) {
      const file = join(folder, `${databaseFile}${ending}`);
      if (existsSync(file)) renameSync(file, `${aside}${ending}`);
    }
    this.#options.warn(
      "ledger.damaged",
      `the ledger's database is damaged (${reason}); it is set aside as ${aside}`,
    );
  }
}
