/** A ledger that a router before this one kept opens clean, with all that was in it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { segmentName } from "../../../src/router/ledger/segments.ts";
import { measureNames, sumTables } from "../../../src/router/ledger/store/schema.ts";
import { closeAfterEach } from "../../support/open.ts";
import { noon, testLedger, turn } from "./turns.ts";

closeAfterEach();

const columns = [
  ...["at", "session", "agent", "profile", "client_key", "client", "asked", "rule", "target"].map(
    (name) => `${name} INTEGER NOT NULL`,
  ),
  "attempt_count INTEGER NOT NULL, attempts TEXT NOT NULL, stream INTEGER NOT NULL",
  "input, output, cache_write, cache_read, reasoning, cost, first_token",
  "duration REAL NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL, error INTEGER NOT NULL",
];

/** The tables of version 1, with one turn in them. */
const first = `
  CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
  CREATE TABLE turns (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ${columns.join(", ")});
  ${["at", "session, at", "target, at"].map((of) => `CREATE INDEX turns_${of.split(",", 1)[0]!} ON turns (${of});`).join(" ")}
  ${sumTables
    .map(
      ({ name, by, order }) =>
        `CREATE TABLE ${name} (at INTEGER NOT NULL, ${by.map((each) => `${each} INTEGER NOT NULL,`).join(" ")}
        ${measureNames.map((each) => `${each} NUMERIC NOT NULL,`).join(" ")} PRIMARY KEY (${order.join(", ")})) WITHOUT ROWID;`,
    )
    .join("\n")}
  CREATE TABLE segments (name TEXT PRIMARY KEY, inode TEXT NOT NULL, taken INTEGER NOT NULL);
  CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  INSERT INTO facts VALUES ('id', 'old');
  INSERT INTO names VALUES (1, 'up,m1'), (2, 'default'), (3, 'anthropic');
  INSERT INTO turns VALUES (1, 'req_old', ${noon}, 0, 0, 0, 0, 3, 1, 2, 1, 1, '[["up,m1",null,"served",200,900]]', 1,
    11, 22, 0, 0, 0, 0.5, 300, 1000, 'done', 200, 0);
  PRAGMA user_version = 1;`;

it("a database and a journal of the version before are taken over", async () => {
  const tested = testLedger();
  const database = new DatabaseSync(join(tested.folder, "ledger.db"));
  database.exec(first);
  database.close();
  // A line without what is new.
  const {
    why: _why,
    skipped: _skipped,
    partial: _partial,
    spent: _spent,
    ...line
  } = turn({ id: "req_line" });
  writeFileSync(join(tested.folder, segmentName(noon)), `\n${JSON.stringify(line)}\n`);
  const { ledger, said } = tested;
  ledger.append(
    turn({ id: "req_new", why: [{ rule: "default", matched: true, reason: "no other rule matched" }] }),
  );

  expect(await ledger.turn("req_old")).toMatchObject({
    tokens: { input: 11, output: 22 },
    cost: 0.5,
    attempts: [{ target: "up,m1", key: null, result: "served", status: 200, duration: 900 }],
  });
  expect(await ledger.turn("req_old")).not.toHaveProperty("why");
  expect(await ledger.turn("req_line")).not.toHaveProperty("why");
  expect(await ledger.turn("req_new")).toMatchObject({ why: [{ rule: "default" }] });
  expect((await ledger.turns({})).turns.length).toBe(3);
  // The turns of before have percentiles, too.
  const { points } = await ledger.series({ step: "hour", percentiles: true, timezone: "UTC" });
  expect(points.at(-1)?.latency?.duration?.p50).toBeGreaterThan(0);
  expect(said).toEqual([]);
});
