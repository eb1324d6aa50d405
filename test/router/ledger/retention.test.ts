/** How long the ledger keeps what. */
import { expect, it } from "vitest";
import { LedgerStore } from "../../../src/router/ledger/store/store.ts";
import type { TurnRecord } from "../../../src/router/ledger/record.ts";
import { day, hour, noon, turn } from "./turns.ts";

const keeping = { retention: 10 * day, totals: 100 * day };

const filled = (records: readonly TurnRecord[]): LedgerStore => {
  const store = new LedgerStore({ folder: undefined, warn: () => undefined });
  store.call(
    "take",
    records.map((record) => JSON.stringify(record)),
    { now: noon, keeping },
  );
  return store;
};

it("single turns and sessions go first, sums later, and what is younger stays", () => {
  const store = filled([
    turn({ at: noon, session: "young" }),
    ...[0, 20, 40].map((minutes) => turn({ at: noon - 5 * day + minutes * 60_000, session: "old" })),
  ]);
  const at = (now: number) => {
    const time = { now, keeping };
    store.call("ingest", undefined, time);
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
  store.close();
});

it("old sums are kept by the hour, and a question about whole hours still adds up", () => {
  const store = filled(
    Array.from({ length: 8 }, (_, n) => turn({ at: noon - 12 * day + n * 15 * 60_000, cost: n })),
  );
  const time = { now: noon + hour, keeping };
  store.call("ingest", undefined, time);
  const since = noon - 12 * day;
  const usage = store.call("usage", { by: "model", since, until: since + hour }, time);
  expect(usage.total).toMatchObject({ turns: 4, cost: 6, input: 400 });
  const { points } = store.call("series", { step: "hour" }, time);
  expect(points.map(({ turns, cost }) => [turns, cost])).toEqual([
    [4, 6],
    [4, 22],
  ]);
  store.close();
});
