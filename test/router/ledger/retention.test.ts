/** How long the ledger keeps what. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LedgerStore, type CallTime } from "../../../src/router/ledger/store/store.ts";
import type { TurnRecord } from "../../../src/router/ledger/record.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { day, hour, noon, turn } from "./turns.ts";

closeAfterEach();

const keeping = { retention: 10 * day, totals: 100 * day };

/** A ledger of a day's age: `pass` runs it on, `jump` sets its clock. */
interface Aged {
  readonly folder: string;
  readonly store: LedgerStore;
  /** What the log was told. */
  readonly said: readonly string[];
  /** Another process on the same folder, after this one. */
  restart(): void;
  pass(time: number): void;
  jump(time: number): void;
  look(): void;
  /** What is asked, by the clock as it stands. */
  readonly time: CallTime;
  readonly turns: number;
}

const filled = (records: readonly TurnRecord[]): Aged => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-retention-"));
  const said: string[] = [];
  let now = noon - day;
  let ran = 0;
  const open = (): LedgerStore =>
    new LedgerStore({ folder, warn: (code, text) => void said.push(`${code} ${text}`), running: () => ran });
  const aged = {
    folder,
    store: open(),
    said,
    restart: () => {
      aged.store.close();
      ran = 0;
      aged.store = open();
    },
    pass: (time: number) => {
      now += time;
      ran += time;
    },
    jump: (time: number) => {
      now += time;
    },
    look: () => aged.store.call("ingest", undefined, aged.time),
    get time() {
      return { now, keeping };
    },
    get turns() {
      return aged.store.call("turns", {}, aged.time).turns.length;
    },
  };
  closing({
    close: () => {
      aged.store.close();
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
  aged.look();
  aged.pass(day);
  aged.store.call(
    "take",
    records.map((record) => JSON.stringify(record)),
    aged.time,
  );
  return aged;
};

it("single turns and sessions go first, sums later, and what is younger stays", () => {
  const aged = filled([
    turn({ at: noon, session: "young" }),
    ...[0, 20, 40].map((minutes) => turn({ at: noon - 5 * day + minutes * 60_000, session: "old" })),
  ]);
  const { store } = aged;
  const at = (now: number) => {
    aged.pass(now - aged.time.now);
    aged.look();
    const { time } = aged;
    return {
      turns: store.call("turns", {}, time).turns.length,
      sessions: store.call("usage", { by: "session" }, time).rows.map(({ name }) => name),
      total: store.call("usage", { by: "model" }, time).total,
    };
  };
  const all = { turns: 4, input: 400, output: 80, cacheRead: 28, cost: 1, attempts: 4, firstToken: 300 };
  expect(at(noon)).toMatchObject({ turns: 4, sessions: ["old", "young"], total: all });
  expect(at(noon + 6 * day)).toMatchObject({ turns: 1, sessions: ["young"], total: all });
  expect(at(noon + 11 * day)).toMatchObject({ turns: 0, sessions: [], total: all });
  expect(at(noon + 96 * day)).toMatchObject({ turns: 0, total: { turns: 1, input: 100 } });
  expect(at(noon + 101 * day)).toMatchObject({ turns: 0, total: { turns: 0, cost: null } });
});

it("old sums are kept by the hour, and a question about whole hours still adds up", () => {
  const aged = filled(
    Array.from({ length: 8 }, (_, n) => turn({ at: noon - 12 * day + n * 15 * 60_000, cost: n })),
  );
  aged.pass(hour);
  aged.look();
  const { store, time } = aged;
  const since = noon - 12 * day;
  const usage = store.call("usage", { by: "model", since, until: since + hour }, time);
  expect(usage.total).toMatchObject({ turns: 4, cost: 6, input: 400 });
  const { points } = store.call("series", { step: "hour" }, time);
  expect(points.map(({ turns, cost }) => [turns, cost])).toEqual([
    [4, 6],
    [4, 22],
  ]);
});

describe("a clock that jumps", () => {
  const year = 365 * day;
  const hours = (aged: Aged, count: number): void => {
    for (let n = 0; n < count; n++) {
      aged.pass(hour);
      aged.look();
    }
  };

  it("a year ahead and back again removes no turn, and each jump is told once", () => {
    const aged = filled([turn({ at: noon }), turn({ at: noon - 5 * day })]);
    hours(aged, 2);
    aged.jump(year);
    hours(aged, 20);
    expect(aged.turns).toBe(2);
    expect(aged.said).toEqual([
      expect.stringMatching(/^ledger\.clock the clock shows 365 days after the last look .* run for a day/),
    ]);
    aged.jump(-year);
    hours(aged, 30);
    expect(aged.turns).toBe(2);
    expect(aged.said[1]).toMatch(/shows 365 days before the last look/);
    expect(aged.said).toHaveLength(2);
  });

  it("is believed after a day of running, over several processes: stopped time does not count", () => {
    const aged = filled([turn({ at: noon })]);
    aged.restart();
    aged.jump(year);
    hours(aged, 12);
    aged.restart();
    aged.jump(2 * day);
    hours(aged, 12);
    expect(aged.turns).toBe(1);
    hours(aged, 2);
    expect(aged.turns).toBe(0);
    expect(aged.said).toHaveLength(1);
  });

  it("is not taken for one where nobody asked the router anything for two weeks", () => {
    const aged = filled([turn({ at: noon })]);
    aged.pass(14 * day);
    aged.look();
    expect(aged.turns).toBe(0);
    expect(aged.said).toEqual([]);
  });

  it("lets two routers on one ledger wait a day together, not half a day each", () => {
    const aged = filled([turn({ at: noon })]);
    aged.jump(year);
    hours(aged, 1);
    const other = new LedgerStore({
      folder: aged.folder,
      warn: () => undefined,
      running: () => aged.time.now,
    });
    for (let n = 0; n < 22; n++) {
      hours(aged, 1);
      other.call("ingest", undefined, aged.time);
    }
    expect(aged.turns).toBe(1);
    hours(aged, 3);
    expect(aged.turns).toBe(0);
    other.close();
  });
});
