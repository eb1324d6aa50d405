/** The file in which the tables survive a restart: JSON, for its owner alone, replaced as a whole. */
import { readFileSync, renameSync } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, systemCodeOf } from "../../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";
import type { Logger } from "../../shared/log.ts";
import type { KeptRow, KeptTables } from "./tables.ts";

/** Raised when an older router could not read what is written. */
const version = 1;

const isRow = (row: unknown): row is KeptRow =>
  Array.isArray(row) &&
  row.length === 3 &&
  typeof row[0] === "string" &&
  (row[2] === null || typeof row[2] === "number");

/** What was kept. */
export interface Snapshot {
  readonly tables: KeptTables;
  /** Of the last durable command that is in it. */
  readonly sequence: number;
  /** Durable commands of other processes, by their ids, with what was answered. */
  readonly answered: readonly (readonly [id: string, result: unknown])[];
}

const nothing: Snapshot = { tables: {}, sequence: 0, answered: [] };

const isAnswered = (row: unknown): row is Snapshot["answered"][number] =>
  Array.isArray(row) && typeof row[0] === "string";

const snapshotOf = (text: string): Snapshot | string => {
  const file = parseJsonObject(text);
  if (file === undefined) return "is not JSON";
  if (file["version"] !== version) return `is of version ${JSON.stringify(file["version"])}, not ${version}`;
  const tables = file["tables"];
  if (!isJsonObject(tables)) return "has no tables";
  for (const [name, rows] of Object.entries(tables))
    if (!Array.isArray(rows) || !rows.every(isRow)) return `has a damaged table "${name}"`;
  const { sequence, answered } = file;
  return {
    tables: tables as KeptTables,
    sequence: typeof sequence === "number" ? sequence : 0,
    answered: Array.isArray(answered) ? answered.filter(isAnswered) : [],
  };
};

/**
 * Reads what was kept. A file that cannot be understood is set aside as `<file>.damaged`, with a warning, and nothing was kept: no
 * turn may fail for what is only remembered.
 */
export const readSnapshot = (file: string, log: Pick<Logger, "warn">): Snapshot => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) !== "ENOENT")
      log.warn(
        { file, reason: messageOf(error) },
        "what the router remembered cannot be read; it starts afresh",
      );
    return nothing;
  }
  const found = snapshotOf(text);
  if (typeof found !== "string") return found;
  const aside = `${file}.damaged`;
  try {
    renameSync(file, aside);
    log.warn({ file, reason: found, aside }, "what the router remembered is set aside; it starts afresh");
  } catch (error) {
    log.warn(
      { file, reason: `${found}; ${messageOf(error)}` },
      "what the router remembered cannot be used; it starts afresh",
    );
  }
  return nothing;
};

/** Replaces the file: who reads meanwhile sees the old one or the new one. @throws what the file system says */
export const writeSnapshot = async (file: string, snapshot: Snapshot): Promise<void> => {
  const beside = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(beside, `${JSON.stringify({ version, ...snapshot })}\n`, { mode: 0o600 });
    // A file that was left behind keeps the mode that it had.
    await chmod(beside, 0o600);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
};
