/**
 * Takes the journal into the database. How far a file was read stands in the same transaction as what was read of it: each line is taken
 * exactly once, whenever a router is killed, and however many of them share the folder.
 */
import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Warn } from "../thread-messages.ts";
import { decodeTurn, type KeptTurn } from "../line.ts";
import { hourLength, hourOf } from "../segments.ts";
import type { Intake } from "./intake.ts";
import { inTransaction } from "./schema.ts";

/** Read in one transaction, in bytes: others wait no longer than this takes. */
const partLength = 2 * 1024 * 1024;
/** A file is removed so long after its hour: nobody appends to it any more. Milliseconds. */
const rest = 2 * hourLength;
/** Largest file of lines that could not be read, in bytes. */
const mostDamaged = 1024 * 1024;
export const damagedFile = "damaged.jsonl";

export interface IngestOptions {
  readonly folder: string;
  readonly database: DatabaseSync;
  readonly intake: Intake;
  /** Told of lines that could not be read. */
  readonly warn: Warn;
}

export class Ingest {
  readonly #options: IngestOptions;
  readonly #progress: StatementSync;
  readonly #progressed: StatementSync;
  readonly #forget: StatementSync;

  constructor(options: IngestOptions) {
    this.#options = options;
    const { database } = options;
    this.#progress = database.prepare("SELECT inode, taken FROM segments WHERE name = ?");
    this.#progressed = database.prepare(
      "INSERT INTO segments VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET inode = ?2, taken = ?3",
    );
    this.#forget = database.prepare("DELETE FROM segments WHERE name = ?");
  }

  /** Takes all that is new. @param now milliseconds since the epoch */
  run(now: number): void {
    const { folder } = this.#options;
    const names = readdirSync(folder).filter((name) => hourOf(name) !== undefined);
    for (const name of names.toSorted()) {
      const old = hourOf(name)! + hourLength + rest < now;
      while (this.#takePart(name, old)) continue;
      if (old) this.#remove(name);
    }
  }

  /** @returns whether there may be more */
  #takePart(name: string, old: boolean): boolean {
    const path = join(this.#options.folder, name);
    if (!this.#isNew(name, path)) return false;
    const damaged: string[] = [];
    const more = inTransaction(this.#options.database, () => {
      // Another router may have taken it since.
      const part = readPart(path, this.#read(name), old);
      if (part === undefined) return false;
      this.#options.intake.take(decode(part.text, damaged));
      this.#progressed.run(name, part.inode, part.end);
      return true;
    });
    if (damaged.length > 0) this.#setAside(name, damaged);
    return more;
  }

  #read(name: string): Progress {
    const row = this.#progress.get(name);
    return { inode: String(row?.["inode"] ?? ""), taken: Number(row?.["taken"] ?? 0) };
  }

  /** Without a lock on the database: mostly nothing is. */
  #isNew(name: string, path: string): boolean {
    const file = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (file === undefined) return false;
    const { inode, taken } = this.#read(name);
    return inode !== String(file.ino) || taken < file.size;
  }

  #setAside(name: string, lines: readonly string[]): void {
    const { folder, warn } = this.#options;
    const aside = join(folder, damagedFile);
    const size = statSync(aside, { throwIfNoEntry: false })?.size ?? 0;
    if (size < mostDamaged) appendFileSync(aside, `${lines.join("\n")}\n`, { mode: 0o600 });
    warn(
      "ledger.damaged",
      `${lines.length} damaged ${lines.length === 1 ? "line" : "lines"} of ${join(folder, name)}, set aside in ${aside}`,
    );
  }

  #remove(name: string): void {
    const { database, folder } = this.#options;
    // First what was taken of it is to be safe on the disk, whatever happens to the machine.
    const done = database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
    if (done?.["log"] !== done?.["checkpointed"]) return;
    rmSync(join(folder, name), { force: true });
    this.#forget.run(name);
  }
}

interface Progress {
  readonly inode: string;
  readonly taken: number;
}

interface Part {
  readonly text: string;
  readonly inode: string;
  /** How far the file is read with it, in bytes. */
  readonly end: number;
}

/** The next whole lines of a file; undefined where there are none. @param old its last line stays as it is */
const readPart = (path: string, { inode, taken }: Progress, old: boolean): Part | undefined => {
  const file = openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const found = fstatSync(file, { bigint: true });
    const size = Number(found.size);
    // One that was begun anew under the same name is read from its start.
    const start = inode === String(found.ino) && taken <= size ? taken : 0;
    const bytes = Buffer.alloc(Math.min(partLength, size - start));
    const length = readSync(file, bytes, 0, bytes.length, start);
    const lineEnd = bytes.subarray(0, length).lastIndexOf(10) + 1;
    // A line without an end is still being written; one of two megabytes is none of ours.
    const end = lineEnd === 0 && (old || length === partLength) ? length : lineEnd;
    if (end === 0) return undefined;
    const rest = old && start + length === size ? length : end;
    return { text: bytes.toString("utf8", 0, rest), inode: String(found.ino), end: start + rest };
  } finally {
    closeSync(file);
  }
};

const openIfThere = (path: string): number | undefined => {
  try {
    return openSync(path, "r");
  } catch {
    // Another router has removed it.
    return undefined;
  }
};

/** @param damaged gets the lines that are no turn */
const decode = (text: string, damaged: string[]): KeptTurn[] =>
  text.split("\n").flatMap((line) => {
    if (line === "") return [];
    const turn = decodeTurn(line);
    if (turn === undefined) damaged.push(line);
    return turn ?? [];
  });
