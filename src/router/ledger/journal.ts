/**
 * The journal: where a turn is written before its client sees the end of it. One file an hour (UTC), which routers that share a folder append to
 * together, and which the database takes over later.
 */
import { closeSync, fstatSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { hourLength, segmentName } from "./segments.ts";

/** Lines that wait for a disk that takes none; beyond them the oldest are lost. */
const mostWaiting = 10_000;

export interface JournalOptions {
  readonly folder: string;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class Journal {
  readonly #options: JournalOptions;
  #file: number | undefined;
  #path = "";
  #hour = Number.NaN;
  #waiting: Buffer[] = [];
  #lost = 0;
  #complained = false;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Writes a line at once: the process may be killed the moment this returns. Never throws: a disk that is full is told of, and turns go on. */
  append(line: Buffer): void {
    try {
      const file = this.#current();
      while (this.#waiting.length > 0) {
        this.#write(file, this.#waiting[0]!);
        this.#waiting.shift();
      }
      this.#write(file, line);
      if (this.#complained) this.#recovered();
    } catch (error) {
      this.#failed(line, error);
    }
  }

  /** To be called now and then: somebody may have removed the folder. */
  look(): void {
    if (this.#file === undefined) return;
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there?.ino !== fstatSync(this.#file).ino) this.#release();
  }

  close(): void {
    this.#release();
  }

  #current(): number {
    const now = this.#options.now();
    const hour = Math.floor(now / hourLength);
    if (this.#file !== undefined && hour === this.#hour) return this.#file;
    this.#release();
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#path = join(folder, segmentName(now));
    this.#file = openSync(this.#path, "a", 0o600);
    this.#hour = hour;
    return this.#file;
  }

  #write(file: number, line: Buffer): void {
    const written = writeSync(file, line);
    // What is there of it is set aside when it is read.
    if (written < line.length) throw new Error("the disk took only a part of a line");
  }

  #release(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #failed(line: Buffer, error: unknown): void {
    this.#waiting.push(line);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#lost++;
    }
    // The next one tries to open it anew.
    try {
      this.#release();
    } catch {
      this.#file = undefined;
    }
    if (this.#complained) return;
    this.#complained = true;
    this.#options.log.error(
      { code: "ledger.unwritable", folder: this.#options.folder, reason: messageOf(error) },
      `turns cannot be written to the ledger; they go on, and the last ${mostWaiting} are written when the disk takes them`,
    );
  }

  #recovered(): void {
    const lost = this.#lost;
    this.#complained = false;
    this.#lost = 0;
    this.#options.log.warn({ code: "ledger.writable", lost }, "turns are written to the ledger again");
  }
}
