/** What the ledger says of usage. */
import { describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import { day, hour, noon, testLedger, turn } from "./turns.ts";

closeAfterEach();

describe.each([{ inMemory: false }, { inMemory: true }])("a ledger (in memory: $inMemory)", (kind) => {
  it("adds up turns by model, each kind of token once", async () => {
    const { ledger } = testLedger(kind);
    ledger.append(turn());
    ledger.append(turn({ cost: 0.5 }));
    ledger.append(turn({ target: "other,m/2:free", tokens: null, cost: null, outcome: "failed" }));
    const { rows, total } = await ledger.usage({ by: "model" });
    expect(rows).toEqual([
      {
        name: "up,m1",
        turns: 2,
        failed: 0,
        cut: 0,
        aborted: 0,
        attempts: 2,
        input: 200,
        output: 40,
        cacheWrite: 6,
        cacheRead: 14,
        reasoning: 10,
        unreported: 0,
        cost: 0.75,
        unpriced: 0,
        firstToken: 300,
        duration: 1_000,
      },
      expect.objectContaining({ name: "other,m/2:free", turns: 1, failed: 1, unreported: 1, cost: null }),
    ]);
    expect(total).toMatchObject({ turns: 3, input: 200, cost: 0.75, attempts: 3 });
  });

  it("calls a cost unknown, never free", async () => {
    const { ledger } = testLedger(kind);
    ledger.append(turn({ cost: null }));
    expect((await ledger.usage({ by: "model" })).total).toMatchObject({ cost: null, unpriced: 1 });
    ledger.append(turn({ cost: 0 }));
    expect((await ledger.usage({ by: "model" })).total).toMatchObject({ cost: 0, unpriced: 1 });
  });
});

describe("usage", () => {
  it.each([
    ["session", "s2"],
    ["key", "laptop"],
    ["rule", "think"],
    ["profile", "work"],
    ["provider", "else"],
  ] as const)("is told by %s, and of the one %s alone", async (by, name) => {
    const { ledger } = testLedger();
    ledger.append(turn());
    const other = { session: "s2", clientKey: "laptop", rule: "think", profile: "work", target: "else,a" };
    ledger.append(turn({ ...other, cost: 2 }));
    ledger.append(turn({ ...other, target: "else,b", cost: 2 }));
    const { rows } = await ledger.usage({ by });
    expect(rows.map((row) => [row.name, row.turns])).toContainEqual([name, 2]);
    const one = await ledger.usage({ by: "model", filter: { [by]: name } });
    expect(new Set(one.rows.map((row) => row.name))).toEqual(new Set(["else,a", "else,b"]));
    expect((await ledger.usage({ by: "model", filter: { [by]: "nobody's" } })).rows).toEqual([]);
  });

  it("counts a turn that is at the edge of a span by the millisecond", async () => {
    const { ledger } = testLedger();
    for (const at of [noon - 1, noon, noon + 7 * 60_000, noon + 2 * hour - 1, noon + 2 * hour])
      ledger.append(turn({ at }));
    const turnsIn = async (since: number, until: number): Promise<number> =>
      (await ledger.usage({ by: "model", since, until })).total.turns;
    expect(await turnsIn(noon, noon + 2 * hour)).toBe(3);
    expect(await turnsIn(noon - 1, noon + 2 * hour + 1)).toBe(5);
    expect(await turnsIn(noon + 1, noon + 2 * hour)).toBe(2);
    expect(await turnsIn(noon + 60_000, noon + 8 * 60_000)).toBe(1);
    expect(await turnsIn(noon + 8 * 60_000, noon + 9 * 60_000)).toBe(0);
  });

  it("of any span is what its turns add up to, by whatever it is asked for", async () => {
    const { ledger } = testLedger();
    const records = Array.from({ length: 400 }, (_, n) => {
      const at = noon - Math.floor(((n * 7_919) % 400) * 0.0125 * day) - (n % 5);
      return turn({ at, target: `up,m${n % 3}`, session: `s${n % 11}`, rule: `r${n % 2}` });
    });
    for (const record of records) ledger.append(record);
    const ends = [noon - 4.9 * day, noon - 3.5 * day, noon - 3.5 * day + 1, noon - 36 * hour + 900_000, noon];
    for (const since of ends) {
      for (const until of ends.filter((end) => end > since)) {
        const inside = records.filter(({ at }) => at >= since && at < until);
        const expected = inside.length;
        const total = async (query: Parameters<typeof ledger.usage>[0]): Promise<number> =>
          (await ledger.usage({ ...query, since, until })).total.turns;
        expect(await total({ by: "model" })).toBe(expected);
        expect(await total({ by: "session" })).toBe(expected);
        expect(await total({ by: "day", timezone: "America/St_Johns" })).toBe(expected);
        const few = inside.filter(({ session, rule }) => session === "s3" && rule === "r1").length;
        expect(await total({ by: "model", filter: { session: "s3", rule: "r1" } })).toBe(few);
        const first = inside.filter(({ rule }) => rule === "r1").length;
        expect(await total({ by: "session", filter: { rule: "r1" } })).toBe(first);
      }
    }
  });

  it("has days of the asker's zone, also where its hours are not whole and clocks change", async () => {
    const { ledger } = testLedger();
    const at = (text: string): void => ledger.append(turn({ at: Date.parse(text) }));
    at("2026-10-24T18:29:59Z"); // 23:59:59 in India
    at("2026-10-24T18:30:00Z"); // midnight there
    at("2026-10-24T22:00:00Z"); // midnight in Berlin
    at("2026-10-25T22:59:59Z"); // the last second of 25 hours there
    at("2026-10-25T23:00:00Z");
    const days = async (timezone: string): Promise<unknown> =>
      (await ledger.usage({ by: "day", timezone })).rows.map(({ name, turns }) => [name, turns]);
    expect(await days("Asia/Kolkata")).toEqual([
      ["2026-10-24", 1],
      ["2026-10-25", 2],
      ["2026-10-26", 2],
    ]);
    expect(await days("Europe/Berlin")).toEqual([
      ["2026-10-24", 2],
      ["2026-10-25", 2],
      ["2026-10-26", 1],
    ]);
  });

  it("is a series by hour and by day, of each model", async () => {
    const { ledger } = testLedger();
    ledger.append(turn());
    ledger.append(turn({ at: noon + 20 * 60_000 }));
    ledger.append(turn({ at: noon + hour, target: "up,m2" }));
    ledger.append(turn({ at: noon + day }));
    const hours = await ledger.series({ step: "hour", by: "model", timezone: "UTC" });
    expect(hours.points.map(({ at, name, turns }) => [at, name, turns])).toEqual([
      ["2026-11-21T12:00:00.000Z", "up,m1", 2],
      ["2026-11-21T13:00:00.000Z", "up,m2", 1],
      ["2026-11-22T12:00:00.000Z", "up,m1", 1],
    ]);
    const days = await ledger.series({ step: "day", timezone: "UTC" });
    expect(days.points.map(({ day, turns }) => [day, turns])).toEqual([
      ["2026-11-21", 3],
      ["2026-11-22", 1],
    ]);
  });

  it.each([
    ["UTC", ["2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z"]],
    ["America/New_York", ["2026-11-21T05:00:00.000Z", "2026-11-22T05:00:00.000Z"]],
    ["Asia/Kathmandu", ["2026-11-20T18:15:00.000Z", "2026-11-21T18:15:00.000Z"]],
  ])(
    "is a series whose days begin at midnight of %s, the first and a cut one too",
    async (timezone, starts) => {
      const { ledger } = testLedger();
      ledger.append(turn());
      ledger.append(turn({ at: noon + day }));
      for (const range of [{}, { since: noon - 20 * 60_000 }]) {
        const { points } = await ledger.series({ step: "day", timezone, ...range });
        expect(points.map(({ at }) => at)).toEqual(starts);
      }
      const { points } = await ledger.series({ step: "day", timezone, since: noon + 60_000 });
      expect(points.map(({ at, turns }) => [at, turns])).toEqual([[starts[1], 1]]);
    },
  );

  it("where a clock change leaves out midnight begins its day at one", async () => {
    const { ledger } = testLedger();
    // Cairo set its clocks from 24 April 23:59 to 25 April 01:00.
    ledger.append(turn({ at: Date.parse("2025-04-25T09:00:00Z") }));
    const { points } = await ledger.series({ step: "day", timezone: "Africa/Cairo" });
    expect(points.map(({ at, day: name }) => [at, name])).toEqual([
      ["2025-04-24T22:00:00.000Z", "2025-04-25"],
    ]);
  });

  it("of very many sessions shows the largest, and says how many more there are", async () => {
    const { ledger } = testLedger();
    for (let n = 0; n < 30; n++)
      ledger.append(
        turn({
          session: `s${n}`,
          tokens: { input: n, output: 0, cacheWrite: 0, cacheRead: 0, reasoning: 0 },
        }),
      );
    const { rows, more, total } = await ledger.usage({ by: "session", limit: 2 });
    expect([rows.map(({ name }) => name), more, total.turns]).toEqual([["s29", "s28"], 28, 30]);
  });
});
