/** Single turns out of the database. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import { cursorOf } from "../cursor.ts";
import type { StoredTurn, TurnsAnswer, TurnsQuery } from "../queries.ts";
import type { TurnRecord } from "../record.ts";
import { unpackAttempts } from "./attempts.ts";
import type { Names } from "./names.ts";
import type { SumReader } from "./sums.ts";
import { unpackRouting } from "./why.ts";

export const mostTurns = 1_000;

type Row = Record<string, SQLOutputValue>;

const numberOrNull = (value: SQLOutputValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

const turnOf = (row: Row, names: Names): StoredTurn => {
  const name = (column: string): string | null => names.textOf(row[column]);
  const input = numberOrNull(row["input"]);
  return {
    id: String(row["id"]),
    at: new Date(Number(row["at"])).toISOString(),
    session: name("session"),
    agent: name("agent"),
    profile: name("profile"),
    clientKey: name("client_key"),
    client: (name("client") ?? "") as TurnRecord["client"],
    asked: name("asked") ?? "",
    rule: name("rule") ?? "",
    target: name("target") ?? "",
    attempts: unpackAttempts(String(row["attempts"])),
    attemptCount: Number(row["attempt_count"]),
    stream: row["stream"] === 1,
    tokens:
      input === null
        ? null
        : {
            input,
            output: Number(row["output"]),
            cacheWrite: Number(row["cache_write"]),
            cacheRead: Number(row["cache_read"]),
            reasoning: Number(row["reasoning"]),
          },
    cost: numberOrNull(row["cost"]),
    ...(row["partial"] === 1 && { partial: true }),
    firstToken: numberOrNull(row["first_token"]),
    duration: Number(row["duration"]),
    outcome: String(row["outcome"]) as TurnRecord["outcome"],
    status: Number(row["status"]),
    error: name("error"),
  };
};

export const listTurns = (
  database: DatabaseSync,
  names: Names,
  reader: SumReader,
  query: TurnsQuery,
): TurnsAnswer => {
  const conditions = reader.conditions(query.filter);
  if (conditions === undefined) return { turns: [], next: null };
  const { since = 0, until = Number.MAX_SAFE_INTEGER, outcome, oldestFirst = false } = query;
  const limit = Math.max(1, Math.min(mostTurns, query.limit ?? 50));
  const cursor = cursorOf(query.after);
  const words = [`at >= ? AND at < ?${conditions.words}`];
  const values: SQLInputValue[] = [since, until, ...conditions.values];
  if (outcome !== undefined) {
    // The index on what did not end well is taken where this is said as its own condition.
    words.push(outcome === "done" ? "outcome = ?" : "outcome = ? AND outcome <> 'done'");
    values.push(outcome);
  }
  if (cursor !== undefined) {
    words.push(`(at, seq) ${oldestFirst ? ">" : "<"} (?, ?)`);
    values.push(...cursor);
  }
  const order = oldestFirst ? "at, seq" : "at DESC, seq DESC";
  const rows = database
    .prepare(`SELECT * FROM turns WHERE ${words.join(" AND ")} ORDER BY ${order} LIMIT ?`)
    .all(...values, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    turns: page.map((row) => turnOf(row, names)),
    next: rows.length > limit && last !== undefined ? `${Number(last["at"])}-${Number(last["seq"])}` : null,
  };
};

export const oneTurn = (database: DatabaseSync, names: Names, id: string): StoredTurn | undefined => {
  const row = database.prepare("SELECT * FROM turns WHERE id = ?").get(id);
  if (row === undefined) return undefined;
  const words = names.textOf(row["why"]);
  return {
    ...turnOf(row, names),
    ...(words !== null && unpackRouting(words, String(row["why_numbers"]))),
  };
};
