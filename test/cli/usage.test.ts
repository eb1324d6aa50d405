/** `switchyard usage`, as a user runs it. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLedger } from "../../src/router/ledger/ledger.ts";
import type { TurnRecord } from "../../src/router/ledger/record.ts";
import { mergeUsage } from "../../src/cli/usage/merge.ts";
import { bar, shownCost, shownName } from "../../src/cli/usage/view.ts";
import type { UsageAnswer } from "../../src/shared/usage.ts";
import { sandbox, type Sandbox } from "../support/cli.ts";
import { keeping, turn } from "../router/ledger/turns.ts";

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

/** Turns of a router that has ended. */
const keep = async (folder: string, records: readonly Partial<TurnRecord>[]): Promise<void> => {
  const log = { warn: () => undefined, error: () => undefined } as never;
  const ledger = createLedger({ folder, keeping, log });
  for (const record of records) ledger.append(turn({ at: Date.now() - 60_000, ...record }));
  await ledger.close();
};

const usage = (...words: string[]) => box.run(["usage", ...words]);

describe("switchyard usage", () => {
  it("adds up what ended routers left, on the host and in the stack, as a table with a total", async () => {
    await keep(join(box.state, "ledger"), [{}, {}, { target: "other,m2", cost: null }]);
    await keep(join(box.state, "router", "ledger"), [{ tokens: null, cost: null, outcome: "failed" }]);
    const { status, stdout } = await usage();
    expect(status).toBe(0);
    const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | ").trim());
    expect(lines[0]).toBe(
      "model | turns | input | cache read | cache write | output | cost | share of tokens",
    );
    expect(lines[1]).toBe(`up,m1 | 3 | 200 | 14 | 6 | 40 | $0.50 | ${bar(2 / 3)}`);
    expect(lines[2]).toBe(`other,m2 | 1 | 100 | 7 | 3 | 20 | unknown | ${bar(1 / 3)}`);
    expect(lines[3]).toBe("total | 4 | 300 | 21 | 9 | 60 | $0.50 + ?");
    expect(stdout).toContain("the price of 1 turn is not known");
  });

  it("by day, as JSON, of a span", async () => {
    await keep(join(box.state, "ledger"), [{}, { at: Date.now() - 3 * 86_400_000 }]);
    const all = JSON.parse((await usage("--by", "day", "--json")).stdout) as UsageAnswer;
    expect(all).toMatchObject({ by: "day", total: { turns: 2, cost: 0.5 } });
    expect(all.rows.map(({ turns }) => turns)).toEqual([1, 1]);
    const late = JSON.parse((await usage("--since", "1d", "--json")).stdout) as UsageAnswer;
    expect(late.total.turns).toBe(1);
  });

  it("says what is wrong, and what to do", async () => {
    expect(await usage("--by", "colour")).toMatchObject({ status: 2 });
    expect(await usage("--since", "soon")).toMatchObject({ status: 2 });
    const none = await usage();
    expect([none.status, none.stderr]).toEqual([
      1,
      expect.stringContaining("No router of this project has a ledger"),
    ]);
  });
});

describe("the table of usage", () => {
  it.each([
    ["\u001b[31mred\u0007\r\n", "?[31mred???"],
    ["a\u202egpj.exe", "a?gpj.exe"],
    ["x".repeat(80), `${"x".repeat(59)}…`],
  ])("shows the name %j without what a terminal would act on", (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });

  it.each([
    [{ cost: null, unpriced: 3 }, "unknown"],
    [{ cost: null, unpriced: 0 }, "-"],
    [{ cost: 0, unpriced: 0 }, "$0"],
    [{ cost: 0.0042, unpriced: 0 }, "$0.0042"],
    [{ cost: 1234.5, unpriced: 1 }, "$1,234.50 + ?"],
  ])("shows the cost %j as %s", (cost, shown) => {
    expect(shownCost(cost)).toBe(shown);
  });

  it("has bars from nothing to all", () => {
    expect([bar(0), bar(0.5), bar(1)]).toEqual(["", "██████", "████████████"]);
  });
});

it("two ledgers are one, each name once, and an unknown cost stays unknown", () => {
  const one = { turns: 1, failed: 0, cut: 0, aborted: 0, attempts: 1, input: 5, output: 1, cacheWrite: 0 };
  const sums = { ...one, cacheRead: 0, reasoning: 0, unreported: 0, cost: null, unpriced: 1 };
  const total = { ...sums, firstToken: 100, duration: 200 };
  const answer = (ledger: string, cost: number | null): UsageAnswer => ({
    ledger,
    by: "model",
    timezone: "UTC",
    since: null,
    until: null,
    rows: [{ name: "a", ...total, cost }],
    more: 1,
    total: { ...total, cost },
  });
  expect(mergeUsage([answer("x", null), answer("y", null)])).toMatchObject({
    rows: [{ name: "a", turns: 2, input: 10, cost: null, unpriced: 2, firstToken: 100 }],
    more: 2,
    total: { turns: 2, cost: null },
  });
  expect(mergeUsage([answer("x", null), answer("y", 2)]).total.cost).toBe(2);
});
