/** What happens to the ledger where its disk is full, or its files are damaged. */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLedger } from "../../../src/router/ledger/ledger.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { hour, keeping, noon, testLedger, turn, type TestLedger } from "./turns.ts";

closeAfterEach();

const turnsIn = async ({ ledger }: Pick<TestLedger, "ledger">): Promise<number> =>
  (await ledger.usage({ by: "model" })).total.turns;

const journalOf = (folder: string): string =>
  join(
    folder,
    readdirSync(folder).find((name) => name.startsWith("journal-"))!,
  );

describe("a damaged line of the journal", () => {
  it("is set aside and told of, and the turns around it count", async () => {
    const tested = testLedger();
    tested.ledger.append(turn());
    // Half a line, as a full disk leaves it, and lines that are something else.
    appendFileSync(journalOf(tested.folder), '{"id":"req_half","at":17\n[1,2]\n{"id":7}\n{"id":"req_cut"');
    tested.ledger.append(turn());
    expect(await turnsIn(tested)).toBe(2);
    expect(tested.said.join("\n")).toContain("4 damaged lines");
    const aside = readFileSync(join(tested.folder, "damaged.jsonl"), "utf8");
    expect(aside.split("\n")).toContain('{"id":"req_cut"');
  });

  it("that is still being written waits for its end", async () => {
    const tested = testLedger();
    tested.ledger.append(turn());
    const file = journalOf(tested.folder);
    const line = JSON.stringify(turn({ id: "req_slow" }));
    appendFileSync(file, line.slice(0, 40));
    expect(await turnsIn(tested)).toBe(1);
    appendFileSync(file, `${line.slice(40)}\n`);
    expect(await turnsIn(tested)).toBe(2);
    expect(tested.said).toEqual([]);
  });
});

describe("a damaged database", () => {
  it("is set aside, and a new one begins with what is left of the journal", async () => {
    const tested = testLedger();
    tested.ledger.append(turn());
    await tested.ledger.close();
    writeFileSync(join(tested.folder, "ledger.db"), "this is no database ".repeat(1_000));
    rmSync(join(tested.folder, "ledger.db-wal"), { force: true });
    const ledger = tested.another();
    ledger.append(turn());
    expect(await turnsIn({ ledger })).toBe(2);
    expect(tested.said.join("\n")).toMatch(/database is damaged .* set aside/);
    expect(readdirSync(tested.folder).filter((name) => name.includes(".damaged-"))).toHaveLength(1);
  });
});

describe("a folder that cannot be written", () => {
  it("is told of once, turns go on, and they are written when it can be again", async () => {
    const tested = testLedger();
    const folder = join(tested.folder, "in", "ledger");
    // A file where the folder should be: even the machine's administrator cannot write there.
    writeFileSync(join(tested.folder, "in"), "");
    const tell = (_fields: unknown, text: string): void => void tested.said.push(text);
    const log = { warn: tell, error: tell } as never;
    const ledger = closing(createLedger({ folder, keeping, log, now: () => tested.now }));
    for (let n = 0; n < 5; n++) ledger.append(turn());
    expect(tested.said).toEqual([expect.stringContaining("cannot be written to the ledger")]);
    rmSync(join(tested.folder, "in"));
    ledger.append(turn());
    expect(await turnsIn({ ledger })).toBe(6);
    expect(tested.said.at(-1)).toContain("written to the ledger again");
  });
});

describe("the files of a ledger", () => {
  it("are their owner's alone", async () => {
    const tested = testLedger();
    const folder = join(tested.folder, "ledger");
    const log = { warn: () => undefined, error: () => undefined } as never;
    const ledger = closing(createLedger({ folder, keeping, log, now: () => tested.now }));
    ledger.append(turn());
    await turnsIn({ ledger });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
    expect(modes.length).toBeGreaterThanOrEqual(3);
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
  });

  it("that were removed while the router runs are made anew", async () => {
    const tested = testLedger();
    tested.ledger.append(turn());
    rmSync(tested.folder, { recursive: true });
    mkdirSync(tested.folder);
    tested.now += hour;
    tested.ledger.append(turn());
    expect(readdirSync(tested.folder).some((name) => name.startsWith("journal-"))).toBe(true);
  });
});

describe("a database that is removed while the router runs", () => {
  const remove = ({ folder }: TestLedger): void => {
    for (const ending of ["", "-wal", "-shm"]) rmSync(join(folder, `ledger.db${ending}`), { force: true });
  };

  it("is made anew from what is left of the journal, and what comes later is there after a restart", async () => {
    const tested = testLedger();
    tested.ledger.append(turn());
    expect(await turnsIn(tested)).toBe(1);
    remove(tested);
    tested.ledger.append(turn());
    expect(await turnsIn(tested)).toBe(2);
    expect(tested.said.join("\n")).toContain("removed or replaced while the router runs");
    await tested.ledger.close();
    // Long after, when no journal knows of them any more.
    rmSync(journalOf(tested.folder));
    expect(await turnsIn({ ledger: tested.another() })).toBe(2);
  });

  it("is the same one to all routers of the folder", async () => {
    const tested = testLedger();
    const other = tested.another();
    for (const ledger of [tested.ledger, other]) ledger.append(turn());
    for (const ledger of [tested.ledger, other]) expect(await turnsIn({ ledger })).toBe(2);
    remove(tested);
    for (const ledger of [tested.ledger, other]) ledger.append(turn());
    for (const ledger of [tested.ledger, other]) expect(await turnsIn({ ledger })).toBe(4);
    const ids = await Promise.all([tested.ledger, other].map((ledger) => ledger.usage({ by: "model" })));
    expect(new Set(ids.map(({ ledger }) => ledger)).size).toBe(1);
  });

  it("is made anew with its folder", async () => {
    const tested = testLedger();
    tested.ledger.append(turn());
    expect(await turnsIn(tested)).toBe(1);
    rmSync(tested.folder, { recursive: true });
    expect(await turnsIn(tested)).toBe(0);
    tested.now += hour;
    tested.ledger.append(turn());
    expect(await turnsIn(tested)).toBe(1);
  });
});

describe("the journal", () => {
  it("loses its old files once they are in the database, and no turn with them", async () => {
    const tested = testLedger();
    for (let n = 0; n < 5; n++) {
      tested.now = noon + n * hour;
      tested.ledger.append(turn({ at: tested.now }));
    }
    tested.now = noon + 10 * hour;
    expect(await turnsIn(tested)).toBe(5);
    expect(readdirSync(tested.folder).filter((name) => name.startsWith("journal-"))).toEqual([]);
    tested.ledger.append(turn());
    expect(await turnsIn(tested)).toBe(6);
  });
});
