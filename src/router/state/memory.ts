/** What the router remembers, in this process's memory, with a file that outlives it. */
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { CommandJournal, type JournalEntry } from "./journal.ts";
import { readSnapshot, type Snapshot, writeSnapshot } from "./snapshot.ts";
import type { MirroredRow } from "./mirror.ts";
import type { RouterState, StateCommand } from "./state.ts";
import { MemoryTables } from "./tables.ts";

export interface MemoryStateOptions {
  /** Undefined: nothing survives the process. */
  readonly file?: string | undefined;
  /** Milliseconds since the epoch; the machine's clock where none is given. */
  readonly now?: () => number;
  readonly log: Pick<Logger, "warn">;
  /** Told what another process held when it ended, by table. */
  readonly onForgotten?: ((values: ReadonlyMap<string, readonly unknown[]>) => void) | undefined;
}

/** From a lasting change to its writing, in milliseconds: what a kill may cost. */
const writeDelay = 1_000;
/** Between two looks for what has expired, in milliseconds. */
const sweepEvery = 60_000;
/** Durable commands of other processes that are known again when they are sent once more. */
const mostAnswered = 1_000;

/** Reads the file, if there is one, at once. */
export const createMemoryState = (options: MemoryStateOptions): MemoryState => new MemoryState(options);

/** A command of another process. */
export interface Sent {
  readonly owner: string;
  /** Of a durable command: it is run once, however often it comes. */
  readonly id: string | undefined;
}

export class MemoryState implements RouterState {
  readonly joined = false;
  readonly #file: string | undefined;
  readonly #now: () => number;
  readonly #log: Pick<Logger, "warn">;
  readonly #tables: MemoryTables;
  readonly #onForgotten: MemoryStateOptions["onForgotten"];
  readonly #answered: Map<string, unknown>;
  readonly #journal: CommandJournal | undefined;
  #sequence: number;
  #swept = 0;
  #changed = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** A disk that is full is told of once, not every second. */
  #complained = false;

  /** @param from what is begun with, where that is not in the file */
  constructor({ file, now = Date.now, log, onForgotten }: MemoryStateOptions, from?: Snapshot) {
    this.#onForgotten = onForgotten;
    this.#file = file;
    this.#now = now;
    this.#log = log;
    const { tables, sequence, answered } =
      from ?? (file === undefined ? { tables: {}, sequence: 0, answered: [] } : readSnapshot(file, log));
    this.#tables = new MemoryTables(tables, (table, count) =>
      log.warn({ file, table, count }, "some of what the router remembered is not understood and left out"),
    );
    this.#sequence = sequence;
    this.#answered = new Map(answered);
    this.#journal = file === undefined ? undefined : new CommandJournal(file, log);
  }

  async call<Args, Result>(command: StateCommand<Args, Result>, args: Args): Promise<Result> {
    return this.run(command, args);
  }

  /** @param sent of a command that another process has sent */
  run<Args, Result>(command: StateCommand<Args, Result>, args: Args, sent?: Sent): Result {
    const id = sent?.id;
    if (id !== undefined && this.#answered.has(id)) return this.#answered.get(id) as Result;
    const now = this.#now();
    if (Math.abs(now - this.#swept) >= sweepEvery) {
      this.#swept = now;
      this.#tables.now = now;
      this.#tables.sweep();
    }
    this.#tables.owner = sent?.owner;
    const result = this.#run(command, args, now, id);
    if (command.durable === true)
      this.#journal?.append({ sequence: ++this.#sequence, at: now, name: command.name, args, id });
    if (command.lasting) this.#writeSoon();
    return result;
  }

  #run<Args, Result>(
    command: StateCommand<Args, Result>,
    args: Args,
    now: number,
    id: string | undefined,
  ): Result {
    this.#tables.now = now;
    const result = command.run(this.#tables, args, now);
    if (id === undefined) return result;
    this.#answered.set(id, result);
    if (this.#answered.size > mostAnswered)
      for (const oldest of this.#answered.keys()) {
        this.#answered.delete(oldest);
        break;
      }
    return result;
  }

  /** Durable commands that a process which was killed had answered, and not written with its tables. */
  unwritten(): readonly JournalEntry[] {
    return (this.#journal?.read() ?? []).filter(({ sequence }) => sequence > this.#sequence);
  }

  /** Does what `unwritten` told again. @param commandOf undefined of a command that this version does not know */
  redo(
    entries: readonly JournalEntry[],
    commandOf: (name: string) => StateCommand<unknown, unknown> | undefined,
  ): void {
    for (const { sequence, at, name, args, id } of entries) {
      const command = commandOf(name);
      if (command === undefined)
        this.#log.warn({ name }, "something that the router had done before is not known to this version");
      else this.#run(command, args, at, id);
      this.#sequence = sequence;
    }
    if (entries.length > 0) this.#writeSoon();
  }

  /** @param tell told of what changes in tables that are mirrored. @returns what is in them, as `rowsOf` gives it */
  mirror(
    rowsOf: (tables: Pick<MemoryTables, "rows">) => MirroredRow[],
    tell: (row: MirroredRow) => void,
  ): MirroredRow[] {
    this.#tables.watcher = tell;
    this.#tables.now = this.#now();
    return rowsOf(this.#tables);
  }

  /** All is here. */
  together(): Promise<void> {
    return Promise.resolve();
  }

  /** Another process has ended. */
  forget(owner: string): void {
    const values = this.#tables.forget(owner);
    this.#onForgotten?.(values);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    // Also what commands changed that are not worth a writing of their own.
    if (await this.#write()) this.#journal?.end();
  }

  #writeSoon(): void {
    if (this.#file === undefined || this.#closed) return;
    this.#changed = true;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#writing = this.#writeNow();
    }, writeDelay).unref();
  }

  async #writeNow(): Promise<void> {
    await this.#write();
    this.#timer = undefined;
    if (this.#changed) this.#writeSoon();
  }

  /** @returns whether it is written. Never rejects */
  async #write(): Promise<boolean> {
    if (this.#file === undefined) return false;
    this.#changed = false;
    this.#tables.now = this.#now();
    try {
      this.#journal?.begin();
      await writeSnapshot(this.#file, {
        tables: this.#tables.kept(),
        sequence: this.#sequence,
        answered: [...this.#answered],
      });
      this.#journal?.done();
      this.#complained = false;
      return true;
    } catch (error) {
      if (!this.#complained)
        this.#log.warn(
          { file: this.#file, reason: messageOf(error) },
          "what the router remembers cannot be written: a restart will forget it",
        );
      this.#complained = true;
      return false;
    }
  }
}
