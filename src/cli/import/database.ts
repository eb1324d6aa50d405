/** Rows of an SQLite database that holds a tool's configuration, in the form that `sqlRows` gives a dump. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { MapTree, Scalar, Tree } from "../../config/tree.ts";
import { SwitchyardError } from "../../shared/errors.ts";

/** Whether a file's first bytes are those of SQLite (sqlite.org/fileformat.html). */
export const isDatabase = (bytes: Buffer): boolean =>
  bytes.subarray(0, 16).toString("latin1") === "SQLite format 3\0";

/** Tables whose rows are read. Of the others only their number is told: they hold logs, statistics and pictures. */
const readTables: ReadonlySet<string> = new Set(["providers", "app_config"]);

/**
 * The database is copied first, with what its program has not merged yet: a program that runs is not disturbed, and nothing is written beside its file.
 * @returns tables by name; of one that is not read how many rows it has; empty ones are left out
 * @throws SwitchyardError usage.invalid where SQLite cannot read it
 */
export const databaseRows = (file: string, bytes: Buffer): MapTree => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-import-"));
  try {
    const copy = join(folder, "copy");
    writeFileSync(copy, bytes, { mode: 0o600 });
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    // Loaded when it is needed: few imports have a database.
    const sqlite = process.getBuiltinModule("node:sqlite");
    const database = new sqlite.DatabaseSync(copy);
    try {
      return treeOf(database, file);
    } finally {
      database.close();
    }
  } catch (error) {
    throw new SwitchyardError("usage.invalid", {
      detail: `${file} is an SQLite database that cannot be read (${error instanceof Error ? error.message : "unknown"})`,
      hint: "Close the program that it belongs to, and try again; or name the file of its export.",
      cause: error,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const treeOf = (database: DatabaseSync, file: string): MapTree => {
  const at = { file, line: 1, column: 1 };
  const entries: MapTree["entries"] = new Map();
  const put = (name: string, value: Tree): void => void entries.set(name, { keyAt: at, value });
  const scalar = (value: Scalar): Tree => ({ kind: "scalar", at, value });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  for (const { name } of tables) {
    const table = `"${String(name).replaceAll('"', '""')}"`;
    if (!readTables.has(String(name))) {
      const count = database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"];
      if (Number(count) > 0 && !String(name).startsWith("sqlite_"))
        put(String(name), scalar(`${String(count)} rows`));
      continue;
    }
    const items = database
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row): Tree => {
        const columns = Object.entries(row).map(([column, value]) => {
          const plain = typeof value === "string" || typeof value === "number" ? value : null;
          return [column, { keyAt: at, value: scalar(plain) }] as const;
        });
        return { kind: "map", at, entries: new Map(columns) };
      });
    if (items.length > 0) put(String(name), { kind: "list", at, items });
  }
  return { kind: "map", at, entries };
};
