/** What the router remembers, in this process's memory, with a file that outlives it. */
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import type { RouterState, StateCommand } from "./state.ts";
import { MemoryTables } from "./tables.ts";

export interface MemoryStateOptions {
  /** Undefined: nothing survives the process. */
  readonly file?: string | undefined;
  /** Milliseconds since the epoch; the machine's clock where none is given. */
  readonly now?: () => number;
  readonly log: Pick<Logger, "warn">;
}

/** From a lasting change to its writing, in milliseconds: what a kill may cost. */
const writeDelay = 1_000;
/** Between two looks for what has expired, in milliseconds. */
const sweepEvery = 60_000;

/** Reads the file, if there is one, at once. */
export const createMemoryState = (options: MemoryStateOptions): RouterState => new MemoryState(options);

class MemoryState implements RouterState {
  readonly #file: string | undefined;
  readonly #now: () => number;
  readonly #log: Pick<Logger, "warn">;
  readonly #tables: MemoryTables;
  #swept = 0;
  #changed = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** A disk that is full is told of once, not every second. */
  #complained = false;

  constructor({ file, now = Date.now, log }: MemoryStateOptions) {
    this.#file = file;
    this.#now = now;
    this.#log = log;
    this.#tables = new MemoryTables(file === undefined ? {} : readSnapshot(file, log), (table, count) =>
      log.warn({ file, table, count }, "some of what the router remembered is not understood and left out"),
    );
  }

  async call<Args, Result>(command: StateCommand<Args, Result>, args: Args): Promise<Result> {
    const now = this.#now();
    this.#tables.now = now;
    if (Math.abs(now - this.#swept) >= sweepEvery) {
      this.#swept = now;
      this.#tables.sweep();
    }
    const result = command.run(this.#tables, args, now);
    if (command.lasting) this.#writeSoon();
    return result;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    // Also what commands changed that are not worth a writing of their own.
    await this.#write();
  }

  #writeSoon(): void {
    if (this.#file === undefined || this.#closed) return;
    this.#changed = true;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#writing = this.#write().finally(() => {
        this.#timer = undefined;
        if (this.#changed) this.#writeSoon();
      });
    }, writeDelay).unref();
  }

  async #write(): Promise<void> {
    if (this.#file === undefined) return;
    this.#changed = false;
    this.#tables.now = this.#now();
    try {
      await writeSnapshot(this.#file, this.#tables.kept());
      this.#complained = false;
    } catch (error) {
      if (!this.#complained)
        this.#log.warn(
          { file: this.#file, reason: messageOf(error) },
          "what the router remembers cannot be written: a restart will forget it",
        );
      this.#complained = true;
    }
  }
}
