/** Turns come into the database, and into its sums, in one transaction. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeptTurn } from "../line.ts";
import { addLatencies } from "./latencies.ts";
import { movedMeasures, movesOf } from "./moved.ts";
import { packAttempt } from "./attempts.ts";
import type { Names } from "./names.ts";
import { dimensions, measureNames, measures, nameColumns, sumTables } from "./schema.ts";
import { packRouting } from "./why.ts";

const columns = [
  "id",
  "at",
  ...nameColumns,
  "attempt_count",
  "attempts",
  "stream",
  "input",
  "output",
  "cache_write",
  "cache_read",
  "reasoning",
  "cost",
  "first_token",
  "duration",
  "outcome",
  "status",
  "why_numbers",
  "partial",
];
const movedColumns = ["turn", "at", "session", ...dimensions, ...movedMeasures];

const addUp = ({ name, by, span }: (typeof sumTables)[number]): string => `
  INSERT INTO ${name} (at, ${by.join(", ")}, ${measureNames.join(", ")})
  SELECT at - at % ${span}, ${by.join(", ")}, ${measureNames.map((each) => `sum(${measures[each]})`).join(", ")}
  FROM turns WHERE seq > ? GROUP BY at - at % ${span}, ${by.join(", ")}
  ON CONFLICT DO UPDATE SET ${measureNames.map((each) => `${each} = ${each} + excluded.${each}`).join(", ")}`;

const addMoved = ({ name, by, span }: (typeof sumTables)[number]): string => `
  INSERT INTO ${name} (at, ${by.join(", ")}, ${measureNames.join(", ")})
  SELECT at - at % ${span}, ${by.join(", ")}, ${measureNames.map((each) => (isMoved(each) ? `sum(${each})` : "0")).join(", ")}
  FROM moved WHERE turn > ? GROUP BY at - at % ${span}, ${by.join(", ")}
  ON CONFLICT DO UPDATE SET ${movedMeasures.map((each) => `${each} = ${each} + excluded.${each}`).join(", ")}`;

const isMoved = (name: string): boolean => (movedMeasures as readonly string[]).includes(name);

export class Intake {
  readonly #names: Names;
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #move: StatementSync;
  readonly #addUp: readonly StatementSync[];
  readonly #addMoved: readonly StatementSync[];

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names;
    // A turn that is there already is not added, nor counted, again.
    this.#insert = database.prepare(
      `INSERT INTO turns (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) ON CONFLICT (id) DO NOTHING`,
    );
    this.#last = database.prepare("SELECT coalesce(max(seq), 0) AS last FROM turns");
    this.#move = database.prepare(
      `INSERT INTO moved (${movedColumns.join(", ")}) VALUES (${movedColumns.map(() => "?").join(", ")})`,
    );
    this.#addUp = [...sumTables.map(addUp), ...addLatencies].map((sql) => database.prepare(sql));
    this.#addMoved = sumTables.map((table) => database.prepare(addMoved(table)));
  }

  /** Inside a transaction that writes. */
  take(turns: readonly KeptTurn[]): void {
    if (turns.length === 0) return;
    this.#names.refresh();
    const last = Number(this.#last.get()?.["last"]);
    let moved = false;
    for (const turn of turns) if (this.#add(turn)) moved = true;
    for (const statement of this.#addUp) statement.run(last);
    if (moved) for (const statement of this.#addMoved) statement.run(last);
  }

  /** @returns whether something of it was used at other targets */
  #add(turn: KeptTurn): boolean {
    const id = (text: string | null): number => this.#names.idOf(text);
    const { tokens } = turn;
    const attempts = turn.attempts.map(packAttempt);
    const routing = packRouting(turn);
    const { changes, lastInsertRowid } = this.#insert.run(
      turn.id,
      turn.at,
      ...[turn.session, turn.agent, turn.profile, turn.clientKey].map(id),
      ...[turn.client, turn.asked, turn.rule, turn.target, turn.error, routing?.words ?? null].map(id),
      turn.attemptCount,
      JSON.stringify(attempts),
      turn.stream ? 1 : 0,
      tokens?.input ?? null,
      tokens?.output ?? null,
      tokens?.cacheWrite ?? null,
      tokens?.cacheRead ?? null,
      tokens?.reasoning ?? null,
      turn.cost,
      turn.firstToken,
      turn.duration,
      turn.outcome,
      turn.status,
      routing?.numbers ?? "",
      turn.partial === true ? 1 : 0,
    );
    const moves = Number(changes) === 0 ? [] : movesOf(turn);
    for (const { target, measures: moved } of moves) {
      const [session, profile, key, rule] = [turn.session, turn.profile, turn.clientKey, turn.rule].map(id);
      const by = { target: id(target), rule: rule!, client_key: key!, profile: profile! };
      this.#move.run(
        lastInsertRowid,
        turn.at,
        session!,
        ...dimensions.map((name) => by[name]),
        ...movedMeasures.map((name) => moved[name]),
      );
    }
    return moves.length > 0;
  }
}
