/** What is older than it is to be kept goes, a little at a time: other routers write between. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Keeping } from "../queries.ts";
import type { TrustedClock } from "./clock.ts";
import type { Names } from "./names.ts";
import { daySpan, dimensions, inTransaction, measureNames, nameColumns, oldSpan } from "./schema.ts";

/** Between two times, in milliseconds. */
const every = 3_600_000;
/** Rows of one transaction. */
const part = 2_000;
/** Pages that are given back to the disk at once, of 4 KB. */
const pages = 2_000;

export class Retention {
  readonly #database: DatabaseSync;
  readonly #names: Names;
  readonly #clock: TrustedClock;
  #looked = -Infinity;
  /** Before it, all sums are by the hour. */
  #gathered = 0;

  constructor(database: DatabaseSync, names: Names, clock: TrustedClock) {
    this.#database = database;
    this.#names = names;
    this.#clock = clock;
  }

  /** Does nothing within the hour, nor by a clock that jumped. @param now milliseconds since the epoch */
  run(now: number, { retention, totals }: Keeping): void {
    if (Math.abs(now - this.#looked) < every) return;
    this.#looked = now;
    if (!inTransaction(this.#database, () => this.#clock.look(now))) return;
    const turnsFrom = now - retention;
    const totalsFrom = now - Math.max(retention, totals);
    const removed = [
      this.#remove("turns", "seq", turnsFrom),
      this.#remove("moved", "rowid", turnsFrom),
      this.#remove("latencies", "target, at, kind, step", turnsFrom),
      this.#remove("session_totals", "at, session", turnsFrom),
      this.#remove("totals", `at, ${dimensions.join(", ")}`, totalsFrom),
      this.#remove("day_totals", `at, ${dimensions.join(", ")}`, totalsFrom - daySpan),
    ].some(Boolean);
    this.#byTheHour(turnsFrom);
    if (!removed) return;
    this.#removeNames();
    this.#database.exec(`PRAGMA incremental_vacuum(${pages})`);
  }

  #remove(table: string, key: string, before: number): boolean {
    const statement = this.#database.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE at < ? LIMIT ${part})`,
    );
    return this.#untilDone(statement, before);
  }

  #untilDone(statement: StatementSync, ...values: number[]): boolean {
    let removed = false;
    for (;;) {
      const { changes } = inTransaction(this.#database, () => statement.run(...values));
      if (Number(changes) === 0) return removed;
      removed = true;
    }
  }

  /** Sums whose turns are gone are kept by the hour. */
  #byTheHour(before: number): void {
    const end = before - (before % oldSpan);
    const by = dimensions.join(", ");
    const fine = this.#database.prepare(
      "SELECT min(at) AS at FROM totals WHERE at >= ? AND at < ? AND at % ? <> 0",
    );
    const sums = measureNames.map((each) => `sum(${each})`).join(", ");
    this.#database.exec("CREATE TEMP TABLE IF NOT EXISTS hour_sums AS SELECT * FROM totals WHERE 0");
    const fill = this.#database.prepare(
      `INSERT INTO hour_sums SELECT ?1, ${by}, ${sums} FROM totals WHERE at >= ?1 AND at < ?2 GROUP BY ${by}`,
    );
    const drop = this.#database.prepare("DELETE FROM totals WHERE at >= ? AND at < ?");
    for (;;) {
      const at = fine.get(this.#gathered, end, oldSpan)?.["at"];
      if (at === null || at === undefined) break;
      const hour = Number(at) - (Number(at) % oldSpan);
      inTransaction(this.#database, () => {
        fill.run(hour, hour + oldSpan);
        drop.run(hour, hour + oldSpan);
        this.#database.exec("INSERT INTO totals SELECT * FROM hour_sums; DELETE FROM hour_sums");
      });
      this.#gathered = hour + oldSpan;
    }
    this.#gathered = Math.max(this.#gathered, end);
  }

  /** Names that nothing bears any more: of sessions there are many. */
  #removeNames(): void {
    const used = [
      ...nameColumns.map((column) => `SELECT ${column} FROM turns`),
      ...dimensions.map((column) => `SELECT ${column} FROM day_totals`),
      "SELECT session FROM session_totals",
    ].join(" UNION ");
    inTransaction(this.#database, () => {
      this.#database.exec(`DELETE FROM names WHERE id NOT IN (${used})`);
    });
    this.#names.forget();
  }
}
