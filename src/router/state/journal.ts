/**
 * Durable commands, a line of JSON each, written before they are answered: what a kill would undo between two writings of the tables. A writing takes
 * over what is in the file; what comes meanwhile goes to a new one.
 */
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { messageOf } from "../../shared/errors.ts";
import { parseJsonObject } from "../../shared/json.ts";
import type { Logger } from "../../shared/log.ts";

export interface JournalEntry {
  /** Counts on; those that the tables have are left out. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly name: string;
  readonly args: unknown;
  /** Of a command of another process. */
  readonly id: string | undefined;
}

const entryOf = (line: string): JournalEntry | undefined => {
  const { sequence, at, name, args, id } = parseJsonObject(line) ?? {};
  if (typeof sequence !== "number" || typeof at !== "number" || typeof name !== "string") return undefined;
  return { sequence, at, name, args, id: typeof id === "string" ? id : undefined };
};

export class CommandJournal {
  readonly #file: string;
  readonly #log: Pick<Logger, "warn">;
  #handle: number | undefined;
  #complained = false;

  /** @param file of the tables */
  constructor(file: string, log: Pick<Logger, "warn">) {
    this.#file = `${file}.journal`;
    this.#log = log;
  }

  get #before(): string {
    return `${this.#file}.before`;
  }

  /** What was written down, in order. A line that a kill cut off was not answered. */
  read(): readonly JournalEntry[] {
    try {
      return [this.#before, this.#file].flatMap((file) =>
        (existsSync(file) ? readFileSync(file, "utf8") : "")
          .split("\n")
          .flatMap((line) => entryOf(line) ?? []),
      );
    } catch (error) {
      this.#log.warn(
        { file: this.#file, reason: messageOf(error) },
        "what was written down before the router was killed cannot be read",
      );
      return [];
    }
  }

  /** Synchronous. Never throws: on a full disk turns go on. */
  append(entry: JournalEntry): void {
    try {
      this.#handle ??= openSync(this.#file, "a", 0o600);
      writeSync(this.#handle, `${JSON.stringify(entry)}\n`);
      this.#complained = false;
    } catch (error) {
      this.#close();
      if (!this.#complained)
        this.#log.warn(
          { file: this.#file, reason: messageOf(error) },
          "what is spent cannot be written down at once: a kill of the router may lose its last second",
        );
      this.#complained = true;
    }
  }

  /** The tables are about to be written: what comes from now on is not among them. */
  begin(): void {
    // One that is there belongs to a writing that failed.
    if (this.#handle === undefined || existsSync(this.#before)) return;
    this.#close();
    try {
      renameSync(this.#file, this.#before);
    } catch {
      // The next writing takes it over.
    }
  }

  /** The tables are written. */
  done(): void {
    rmSync(this.#before, { force: true });
  }

  /** The tables are written for the last time. */
  end(): void {
    this.#close();
    rmSync(this.#before, { force: true });
    rmSync(this.#file, { force: true });
  }

  #close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}
