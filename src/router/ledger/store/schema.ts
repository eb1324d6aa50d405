/** The tables of the ledger's database, and what its sums are made of. */
import { existsSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { addLatencies, latencyTable } from "./latencies.ts";
import { movedMeasures } from "./moved.ts";

/** Raised when an older router could not read what is written. 2: why turns were routed so, what failed calls used, percentiles. */
export const version = 2;

/** Length of the spans that turns are added up by, in milliseconds: every zone's days begin at a multiple of it. */
export const span = 900_000;
/** Sums that are older than the turns they are made of are kept by the hour. */
export const oldSpan = 3_600_000;
/** Sums of whole days (UTC) make long times short to read. */
export const daySpan = 24 * 3_600_000;

/** The columns of the sums, each with what a row of `turns` adds to it. */
export const measures = {
  turns: "1",
  failed: "outcome = 'failed'",
  cut: "outcome = 'cut'",
  aborted: "outcome = 'aborted'",
  attempts: "attempt_count",
  input: "coalesce(input, 0)",
  output: "coalesce(output, 0)",
  cache_write: "coalesce(cache_write, 0)",
  cache_read: "coalesce(cache_read, 0)",
  reasoning: "coalesce(reasoning, 0)",
  unreported: "input IS NULL",
  cost: "coalesce(cost, 0.0)",
  priced: "cost IS NOT NULL",
  unpriced: "cost IS NULL AND input IS NOT NULL",
  first_tokens: "first_token IS NOT NULL",
  first_token_time: "coalesce(first_token, 0)",
  duration_time: "duration",
} as const;
export type Measure = keyof typeof measures;
export const measureNames = Object.keys(measures) as Measure[];

/** Columns of `turns` that are ids of `names`. */
export const nameColumns = [
  "session",
  "agent",
  "profile",
  "client_key",
  "client",
  "asked",
  "rule",
  "target",
  "error",
  "why",
] as const;

/** What sums are kept by, beside the time; all are ids of `names`. */
export const dimensions = ["target", "rule", "client_key", "profile"] as const;
/** The tables of sums, with the order in which their rows lie. Those by session are kept as long as the turns; there are so many that they are read in groups, unsorted. */
export const sumTables = [
  { name: "totals", span, by: dimensions, order: ["at", ...dimensions] },
  { name: "day_totals", span: daySpan, by: dimensions, order: ["at", ...dimensions] },
  { name: "session_totals", span, by: ["session"], order: ["session", "at"] },
] as const;

const sums = ({ name, by, order }: (typeof sumTables)[number]): string => `
  CREATE TABLE ${name} (
    at INTEGER NOT NULL,
    ${by.map((each) => `${each} INTEGER NOT NULL,`).join(" ")}
    ${measureNames.map((each) => `${each} NUMERIC NOT NULL,`).join(" ")}
    PRIMARY KEY (${order.join(", ")})
  ) WITHOUT ROWID;`;

/** Columns of `turns` that came with version 2: why.ts, and whether more was used than is known. */
const later = [
  "why INTEGER NOT NULL DEFAULT 0",
  "why_numbers TEXT NOT NULL DEFAULT ''",
  "partial INTEGER NOT NULL DEFAULT 0",
] as const;

/** moved.ts. Its columns have the names of those of `turns`, so that what is asked of the one can be asked of the other. */
const movedTable = `
  CREATE TABLE moved (
    turn INTEGER NOT NULL,
    at INTEGER NOT NULL,
    ${["session", ...dimensions].map((each) => `${each} INTEGER NOT NULL,`).join(" ")}
    ${movedMeasures.map((each) => `${each} NUMERIC NOT NULL`).join(", ")}
  );
  CREATE INDEX moved_at ON moved (at);
  CREATE INDEX moved_turn ON moved (turn);`;

/** Names (of models, sessions, keys, …) are kept once; 0 stands for none. */
const tables = `
  CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
  CREATE TABLE turns (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    session INTEGER NOT NULL, agent INTEGER NOT NULL, profile INTEGER NOT NULL, client_key INTEGER NOT NULL,
    client INTEGER NOT NULL, asked INTEGER NOT NULL, rule INTEGER NOT NULL, target INTEGER NOT NULL,
    attempt_count INTEGER NOT NULL, attempts TEXT NOT NULL, stream INTEGER NOT NULL,
    input INTEGER, output INTEGER, cache_write INTEGER, cache_read INTEGER, reasoning INTEGER,
    cost REAL, first_token REAL, duration REAL NOT NULL,
    outcome TEXT NOT NULL, status INTEGER NOT NULL, error INTEGER NOT NULL
    ${later.map((column) => `, ${column}`).join("")}
  );
  CREATE INDEX turns_at ON turns (at);
  CREATE INDEX turns_session ON turns (session, at);
  CREATE INDEX turns_target ON turns (target, at);
  CREATE INDEX turns_bad ON turns (outcome, at) WHERE outcome <> 'done';
  ${sumTables.map(sums).join("")}
  ${movedTable}
  ${latencyTable}
  CREATE TABLE segments (name TEXT PRIMARY KEY, inode TEXT NOT NULL, taken INTEGER NOT NULL);
  CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  INSERT INTO facts VALUES ('id', lower(hex(randomblob(8))));
`;

/**
 * Opens the database, and makes it where there is none.
 * @param file undefined: in memory
 * @throws what SQLite says, or that a newer version made it
 */
export const openDatabase = (file: string | undefined): DatabaseSync => {
  // SQLite's own mode would let others read it; its other files take theirs from this one.
  if (file !== undefined && !existsSync(file)) closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file ?? ":memory:", { timeout: 5_000 });
  try {
    database.exec(`
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = 16777216;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -16384;
    `);
    if (versionOf(database) === 0) make(database);
    if (versionOf(database) === 1) renew(database);
    const found = versionOf(database);
    if (found !== version)
      throw new Error(`it was made by another version of Switchyard (${found}, this one knows ${version})`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);

/** Another router may be about to do the same. */
const make = (database: DatabaseSync): void => {
  inTransaction(database, () => {
    if (versionOf(database) === 0) database.exec(`${tables} PRAGMA user_version = ${version};`);
  });
};

/** What version 1 had not is added; turns that were kept by it have percentiles from now on. */
const renew = (database: DatabaseSync): void => {
  inTransaction(database, () => {
    if (versionOf(database) !== 1) return;
    const columns = later.map((column) => `ALTER TABLE turns ADD COLUMN ${column};`).join(" ");
    database.exec(`${columns} ${movedTable} ${latencyTable}`);
    for (const sql of addLatencies) database.prepare(sql).run(0);
    database.exec(`PRAGMA user_version = ${version};`);
  });
};

/** All of it or nothing; no other router writes meanwhile. */
export const inTransaction = <Result>(database: DatabaseSync, work: () => Result): Result => {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite ends some that failed by itself.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
};
