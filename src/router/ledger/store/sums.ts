/**
 * Usage over any span of time: whole days and quarters of an hour come out of the sums, what is left at both ends out of the turns themselves. So
 * a question about a million turns reads some ten thousand rows.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Filter, Grouping, Range, Usage } from "../queries.ts";
import { movedMeasures } from "./moved.ts";
import type { Names } from "./names.ts";
import { daySpan, measureNames, measures, span, sumTables, type Measure } from "./schema.ts";

/** The columns behind what a query names. */
const columnOf = {
  model: "target",
  provider: "target",
  session: "session",
  key: "client_key",
  rule: "rule",
  profile: "profile",
} as const satisfies Record<Exclude<Grouping, "day">, string>;
type Column = (typeof columnOf)[keyof typeof columnOf];

/** Sums, by the name of the measure. */
export type Sums = Record<Measure, number>;

const zero = Object.fromEntries(measureNames.map((name) => [name, 0])) as Sums;
/** A copy: quicker than to make it anew, of which there are ten thousands. */
const nothing = (): Sums => ({ ...zero });

export const plus = (sums: Sums, more: Sums): void => {
  for (const name of measureNames) sums[name] += more[name];
};

export const total = (all: Iterable<Sums>): Sums => {
  const sums = nothing();
  for (const each of all) plus(sums, each);
  return sums;
};

/** Those of one key become one. */
const gathered = <Key>(all: Iterable<readonly [Key, Sums]>): Map<Key, Sums> => {
  const found = new Map<Key, Sums>();
  for (const [key, sums] of all) {
    const known = found.get(key);
    if (known === undefined) found.set(key, sums);
    else plus(known, sums);
  }
  return found;
};

export const usageOf = (sums: Sums): Usage => ({
  turns: sums.turns,
  failed: sums.failed,
  cut: sums.cut,
  aborted: sums.aborted,
  attempts: sums.attempts,
  input: sums.input,
  output: sums.output,
  cacheWrite: sums.cache_write,
  cacheRead: sums.cache_read,
  reasoning: sums.reasoning,
  unreported: sums.unreported,
  cost: sums.priced > 0 ? sums.cost : null,
  unpriced: sums.unpriced,
  firstToken: sums.first_tokens > 0 ? Math.round(sums.first_token_time / sums.first_tokens) : null,
  duration: sums.turns > 0 ? Math.round(sums.duration_time / sums.turns) : null,
});

const isMoved = (name: Measure): boolean => (movedMeasures as readonly string[]).includes(name);

/** What is selected of a table for each measure: the turns' own rows are measured, moved ones have a part, sums have all. */
const selected = (table: string, name: Measure): string => {
  if (table === "turns") return `sum(${measures[name]})`;
  return table === "moved" && !isMoved(name) ? "0" : `sum(${name})`;
};

/** A sum over nothing is a row too; one of what failed calls used has no turn of its own. */
const isEmpty = (sums: Sums): boolean => sums.turns === 0 && measureNames.every((name) => sums[name] === 0);

export const providerOf = (target: string): string => target.split(",", 1)[0]!;

type SumTable = (typeof sumTables)[number];

/**
 * The sums that can answer, the coarsest first. One session's turns are few, and are read themselves; so are those of every session where
 * something else is asked for as well: nothing is summed up by both.
 */
const tablesFor = (grouping: Grouping | undefined, filter: Filter = {}): SumTable[] => {
  if (filter.session !== undefined) return [];
  if (grouping !== "session")
    return sumTables.filter(({ name }) => name !== "session_totals").toSorted((a, b) => b.span - a.span);
  return Object.values(filter).some((each) => each !== undefined)
    ? []
    : sumTables.filter(({ name }) => name === "session_totals");
};

interface Conditions {
  readonly words: string;
  readonly values: readonly SQLInputValue[];
}

export class SumReader {
  readonly #database: DatabaseSync;
  readonly #names: Names;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, names: Names) {
    this.#database = database;
    this.#names = names;
  }

  /**
   * The SQL of a filter: values are bound, never a part of the words.
   * @returns undefined where a name was never seen: no turn has it
   */
  conditions(filter: Filter = {}): Conditions | undefined {
    let words = "";
    const values: SQLInputValue[] = [];
    for (const name of ["model", "session", "key", "rule", "profile"] as const) {
      const value = filter[name];
      if (value === undefined) continue;
      // An empty name asks for the turns that have none.
      const id = value === "" ? 0 : this.#names.knownId(value);
      if (id === undefined) return undefined;
      words += ` AND ${columnOf[name]} = ?`;
      values.push(id);
    }
    if (filter.provider !== undefined) {
      // The sign behind a comma ends what begins with one.
      words += " AND target IN (SELECT id FROM names WHERE text >= ? AND text < ?)";
      values.push(`${filter.provider},`, `${filter.provider}-`);
    }
    return { words, values };
  }

  /** @returns by name; null stands for turns that have none */
  by(
    grouping: Exclude<Grouping, "day"> | undefined,
    range: Range,
    filter?: Filter,
  ): Map<string | null, Sums> {
    const named = [...this.byId(grouping, range, filter)].map(
      ([id, sums]) => [this.nameOf(grouping, id), sums] as const,
    );
    return gathered(named);
  }

  /** The same without the names, which take longer than the sums where there are many. */
  byId(
    grouping: Exclude<Grouping, "day"> | undefined,
    range: Range,
    filter?: Filter,
  ): Map<SQLOutputValue | undefined, Sums> {
    const conditions = this.conditions(filter);
    if (conditions === undefined) return new Map();
    const column = grouping === undefined ? undefined : columnOf[grouping];
    const rows = this.#rows(column, range, conditions, tablesFor(grouping, filter));
    return gathered([...rows].map(({ name, sums }) => [name, sums] as const));
  }

  /** Sums by the hour. @returns in the order of time */
  hours(
    grouping: Exclude<Grouping, "day"> | undefined,
    range: Range,
    filter?: Filter,
  ): { at: number; name: string | null; sums: Sums }[] {
    const conditions = this.conditions(filter);
    if (conditions === undefined) return [];
    const column = grouping === undefined ? undefined : columnOf[grouping];
    // An hour is no sum of days.
    const tables = tablesFor(grouping, filter).filter((table) => table.span < daySpan);
    const found = new Map<string, { at: number; name: string | null; sums: Sums }>();
    for (const row of this.#rows(column, range, conditions, tables, 3_600_000)) {
      const name = this.nameOf(grouping, row.name);
      const key = `${row.at} ${name ?? ""}`;
      const point = found.get(key);
      if (point === undefined) found.set(key, { at: row.at, name, sums: row.sums });
      else plus(point.sums, row.sums);
    }
    return [...found.values()].toSorted((a, b) => a.at - b.at);
  }

  /** When the first turn and the last of a span were, by the sums. */
  extent(): { from: number; until: number } | undefined {
    // Both in one would read all of it.
    const [row] = this.statement("SELECT (SELECT min(at) FROM totals), (SELECT max(at) FROM totals)").all();
    const [first, last] = row as unknown as SQLOutputValue[];
    return first === null ? undefined : { from: Number(first), until: Number(last) + span };
  }

  nameOf(grouping: Grouping | undefined, id: SQLOutputValue | undefined): string | null {
    if (grouping === undefined) return null;
    const name = this.#names.textOf(id ?? 0);
    return grouping === "provider" && name !== null ? providerOf(name) : name;
  }

  *#rows(
    column: Column | undefined,
    { since = 0, until = Number.MAX_SAFE_INTEGER }: Range,
    { words, values }: Conditions,
    tables: readonly SumTable[],
    step?: number,
  ): Generator<{ at: number; name: SQLOutputValue | undefined; sums: Sums }> {
    const keys = [
      ...(step === undefined ? [] : [`at - at % ${step}`]),
      ...(column === undefined ? [] : [column]),
    ];
    const group = keys.length > 0 ? ` GROUP BY ${keys.join(", ")}` : "";
    const select = (sums: string, table: string): StatementSync =>
      this.statement(
        `SELECT ${[step === undefined ? "0" : keys[0], column ?? "0", sums].join(", ")} FROM ${table} WHERE at >= ? AND at < ?${words}${group}`,
      );
    for (const [table, from, to] of this.#parts(tables, since, until)) {
      if (from >= to) continue;
      const measured = measureNames.map((each) => selected(table, each));
      const statement = select(measured.join(", "), table);
      for (const row of statement.all(from, to, ...values) as unknown as SQLOutputValue[][]) {
        const sums = nothing();
        for (const [i, name] of measureNames.entries()) sums[name] = Number(row[i + 2] ?? 0);
        if (!isEmpty(sums)) yield { at: Number(row[0]), name: row[1], sums };
      }
    }
  }

  /**
   * The tables that a span of time is read from: the coarsest for its middle, ever finer ones to both ends, the turns themselves last.
   * @returns name of the table, from, until
   */
  #parts(tables: readonly SumTable[], since: number, until: number): (readonly [string, number, number])[] {
    const [coarsest, ...finer] = tables;
    if (coarsest === undefined)
      return [
        ["turns", since, until],
        ["moved", since, until],
      ];
    const first = Math.ceil(since / coarsest.span) * coarsest.span;
    const last = until - (until % coarsest.span);
    if (first >= last) return this.#parts(finer, since, until);
    return [
      ...this.#parts(finer, since, first),
      [coarsest.name, first, last],
      ...this.#parts(finer, last, until),
    ];
  }

  /** Its rows are lists. */
  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    this.#statements.set(sql, statement);
    return statement;
  }
}
