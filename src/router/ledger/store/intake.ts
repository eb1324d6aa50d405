/** Turns come into the database, and into its sums, in one transaction. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeptTurn } from "../line.ts";
import type { Names } from "./names.ts";
import { measureNames, measures, nameColumns, sumTables } from "./schema.ts";

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
];

const addUp = ({ name, by, span }: (typeof sumTables)[number]): string => `
  INSERT INTO ${name} (at, ${by.join(", ")}, ${measureNames.join(", ")})
  SELECT at - at % ${span}, ${by.join(", ")}, ${measureNames.map((each) => `sum(${measures[each]})`).join(", ")}
  FROM turns WHERE seq > ? GROUP BY at - at % ${span}, ${by.join(", ")}
  ON CONFLICT DO UPDATE SET ${measureNames.map((each) => `${each} = ${each} + excluded.${each}`).join(", ")}`;

export class Intake {
  readonly #names: Names;
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #addUp: readonly StatementSync[];

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names;
    // A turn that is there already is not added, nor counted, again.
    this.#insert = database.prepare(
      `INSERT INTO turns (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) ON CONFLICT (id) DO NOTHING`,
    );
    this.#last = database.prepare("SELECT coalesce(max(seq), 0) AS last FROM turns");
    this.#addUp = sumTables.map((table) => database.prepare(addUp(table)));
  }

  /** Inside a transaction that writes. */
  take(turns: readonly KeptTurn[]): void {
    if (turns.length === 0) return;
    this.#names.refresh();
    const last = Number(this.#last.get()?.["last"]);
    for (const turn of turns) this.#add(turn);
    for (const statement of this.#addUp) statement.run(last);
  }

  #add(turn: KeptTurn): void {
    const id = (text: string | null): number => this.#names.idOf(text);
    const { tokens } = turn;
    const attempts = turn.attempts.map(({ target, key, result, status, duration }) => [
      target,
      key,
      result,
      status,
      duration,
    ]);
    this.#insert.run(
      turn.id,
      turn.at,
      ...[turn.session, turn.agent, turn.profile, turn.clientKey].map(id),
      ...[turn.client, turn.asked, turn.rule, turn.target, turn.error].map(id),
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
    );
  }
}
