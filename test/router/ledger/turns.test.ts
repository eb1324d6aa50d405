/** Single turns of the ledger. */
import { describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import { hour, noon, testLedger, turn } from "./turns.ts";

closeAfterEach();

describe("a turn", () => {
  it("is found by its id, with all that was said of it", async () => {
    const { ledger } = testLedger();
    const record = turn({
      agent: "a7",
      profile: "work",
      clientKey: "laptop",
      attempts: [
        { target: "first,m", key: null, result: "overloaded", status: 529, duration: 12 },
        { target: "up,m1", key: "…f3a1", result: "served", status: 200, duration: 900.5 },
      ],
      error: "overloaded_error",
    });
    ledger.append(record);
    expect(await ledger.turn(record.id)).toEqual({
      ...record,
      at: "2026-11-21T12:00:00.000Z",
      attemptCount: 2,
    });
    expect(await ledger.turn("req_none")).toBeUndefined();
  });

  it("whose names are SQL or script is kept as it is, and is nothing but data", async () => {
    const { ledger } = testLedger();
    const hostile = [
      "x'); DROP TABLE turns; --",
      '"; DELETE FROM names; --',
      "<script>alert(1)</script>,<img src=x onerror=alert(1)>",
      "up,${jndi:ldap://x}\n\r\t\u001b[31m",
      "ünï,日本語 🦄",
    ];
    for (const name of hostile)
      ledger.append(turn({ target: name, asked: name, session: name, rule: name, clientKey: name }));
    const { rows } = await ledger.usage({ by: "model" });
    expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(hostile));
    for (const name of hostile) {
      const { turns } = await ledger.turns({ filter: { model: name, session: name, rule: name, key: name } });
      expect(turns.map(({ target, asked }) => [target, asked])).toEqual([[name, name]]);
    }
  });

  it("with half a character or a NUL in a name does not spoil the ledger", async () => {
    const { ledger, said } = testLedger();
    ledger.append(turn({ target: "up,a\0b", asked: "x\ud83e" }));
    const { turns } = await ledger.turns({});
    expect(turns.map(({ target, asked }) => [target, asked])).toEqual([["up,a\ufffdb", "x\ufffd"]]);
    expect(said).toEqual([]);
  });

  it("with names and attempts beyond all bounds keeps its sums, its number of attempts, and a line under 4 KB", async () => {
    const { ledger, said } = testLedger();
    const long = "\u0001".repeat(5_000);
    const attempt = { target: long, key: long, result: long, status: 500, duration: 1 };
    ledger.append(
      turn({
        target: `up,${long}`,
        session: long,
        asked: long,
        attempts: Array.from({ length: 500 }, () => attempt),
      }),
    );
    const { turns } = await ledger.turns({});
    expect(turns).toMatchObject([{ attemptCount: 500, tokens: { input: 100 } }]);
    expect(turns[0]?.attempts.length).toBe(2);
    expect((await ledger.usage({ by: "provider" })).rows).toMatchObject([{ name: "up", attempts: 500 }]);
    expect(said).toEqual([]);
  });
});

describe("a list of turns", () => {
  it("begins with the newest, and goes on page by page without one twice or missing", async () => {
    const { ledger } = testLedger();
    const all = Array.from({ length: 25 }, (_, i) => turn({ at: noon + (i % 7) * 1_000 }));
    for (const each of all) ledger.append(each);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await ledger.turns({ limit: 10, after });
      seen.push(...page.turns.map(({ id }) => id));
      after = page.next ?? undefined;
    } while (after !== undefined);
    const expected = all.toSorted((a, b) => b.at - a.at || b.id.localeCompare(a.id)).map(({ id }) => id);
    expect(seen).toEqual(expected);
  });

  it("shows only those that were asked for", async () => {
    const { ledger } = testLedger();
    ledger.append(turn({ outcome: "failed", at: noon - hour }));
    ledger.append(turn({ outcome: "failed" }));
    ledger.append(turn());
    const count = async (query: Parameters<typeof ledger.turns>[0]): Promise<number> =>
      (await ledger.turns(query)).turns.length;
    expect(await count({ outcome: "failed" })).toBe(2);
    expect(await count({ outcome: "failed", since: noon })).toBe(1);
    expect(await count({ outcome: "done" })).toBe(1);
    expect(await count({ filter: { provider: "up" }, until: noon })).toBe(1);
    expect(await count({ filter: { provider: "u" } })).toBe(0);
  });
});
