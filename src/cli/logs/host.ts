/** Logs of shells on the host: files of the state folder, which their supervisor appends to and moves aside when they are long. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LineJoiner, type LogLine, logTime } from "../../engine/log-reader.ts";
import type { Entry, Source } from "./entry.ts";

const ownTime = /"time":"([^"]+)"/;

const timeOf = (text: string): string | undefined => {
  const found = text.startsWith("{") ? ownTime.exec(text)?.[1] : undefined;
  return found === undefined ? undefined : logTime(found);
};

const timeNow = (at = new Date()): string => logTime(at.toISOString()) ?? "";

/** One log file, read on from where the last reading ended, through its being moved aside. */
class HostLog {
  readonly #file: string;
  readonly #source: Source;
  readonly #joiner: LineJoiner;
  #lines: LogLine[] = [];
  #handle: number | undefined;
  #inode = 0;
  #at = 0;
  /** Of the last line that told its time. */
  #last: string | undefined;

  constructor(file: string, source: Source) {
    this.#file = file;
    this.#source = source;
    this.#joiner = new LineJoiner((line) => this.#lines.push(line));
  }

  /** What is there, the part that was moved aside included. A line that does not tell its time has that of the line before. */
  past(): Entry[] {
    this.#open(`${this.#file}.1`);
    this.#drain();
    this.#open(this.#file);
    this.#drain();
    const lines = this.#take();
    const fallback = lines.map(({ text }) => timeOf(text)).find((time) => time !== undefined) ?? this.#age();
    return this.#entries(lines, () => this.#last ?? fallback);
  }

  /** What has come since the last reading. */
  more(): Entry[] {
    this.#drain();
    if (this.#moved()) {
      // What was written between our reading and the move.
      this.#drain();
      this.#open(this.#file);
      this.#drain();
    }
    return this.#entries(this.#take(), timeNow);
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  #take(): LogLine[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #entries(lines: readonly LogLine[], fallback: () => string): Entry[] {
    return lines.map((line) => {
      const told = timeOf(line.text);
      const time = told ?? fallback();
      this.#last = told ?? this.#last;
      return { ...line, time, source: this.#source };
    });
  }

  #open(file: string): void {
    this.close();
    try {
      this.#handle = openSync(file, "r");
      this.#inode = fstatSync(this.#handle).ino;
      this.#at = 0;
    } catch {
      // Not there, or not yet.
    }
  }

  #drain(): void {
    if (this.#handle === undefined) return;
    const piece = Buffer.alloc(64 * 1024);
    // It was emptied by hand.
    if (fstatSync(this.#handle).size < this.#at) this.#at = 0;
    for (let read = -1; read !== 0;) {
      read = readSync(this.#handle, piece, 0, piece.length, this.#at);
      this.#at += read;
      this.#joiner.add("", piece.subarray(0, read));
    }
  }

  #moved(): boolean {
    try {
      return this.#handle === undefined || statSync(this.#file).ino !== this.#inode;
    } catch {
      return false;
    }
  }

  #age(): string {
    try {
      return timeNow(statSync(this.#file).mtime);
    } catch {
      return timeNow();
    }
  }
}

/** Between two looks at the files, in milliseconds. */
const interval = 250;

/** The log files of a folder: `router.log` is the service `host-router`. */
export class HostLogs {
  readonly #folder: string;
  readonly #chosen: (service: string) => boolean;
  readonly #logs = new Map<string, HostLog>();

  constructor(folder: string, chosen: (service: string) => boolean) {
    this.#folder = folder;
    this.#chosen = chosen;
  }

  /** @returns the lines that are there, a list for each file */
  past(): Entry[][] {
    return this.#new().map((log) => log.past());
  }

  /** Hands over what comes, until `signal` aborts; then the files are closed. */
  async follow(onEntry: (entry: Entry) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const log of this.#logs.values()) log.more().forEach(onEntry);
      for (const log of this.#new()) log.past().forEach(onEntry);
      await sleep(interval, undefined, { signal }).catch(() => undefined);
    }
    this.close();
  }

  close(): void {
    for (const log of this.#logs.values()) log.close();
  }

  /** Files that were not known. */
  #new(): HostLog[] {
    return hostServices(this.#folder).flatMap((service) => {
      if (this.#logs.has(service) || !this.#chosen(service)) return [];
      const file = join(this.#folder, `${service.slice(prefix.length)}.log`);
      const log = new HostLog(file, { service, workspace: "" });
      this.#logs.set(service, log);
      return [log];
    });
  }
}

const prefix = "host-";

/** The services that have a log in a folder of log files. */
export const hostServices = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => /^[\w-]+\.log$/.test(name))
      .map((name) => prefix + name.slice(0, -".log".length))
      .toSorted();
  } catch {
    return [];
  }
};
