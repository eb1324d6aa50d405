/** Budgets: how far they can be passed, what serves then, what is told, and what outlives a restart. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../../src/config/types.ts";
import { admit, type Admission } from "../../../src/router/admission/admit.ts";
import { estimatedCost } from "../../../src/router/admission/estimate.ts";
import { restoreBudgets } from "../../../src/router/budgets/restore.ts";
import { viewBudgets, type BudgetRow } from "../../../src/router/budgets/view.ts";
import { viewArgs } from "../../../src/router/budgets/view-args.ts";
import type { ClientIdentity } from "../../../src/router/clients/identity.ts";
import { readTerms } from "../../../src/shared/client-keys.ts";
import { SwitchyardError } from "../../../src/shared/errors.ts";
import { testConfig } from "../../support/config.ts";
import { hour, minute, TestState } from "../../support/state.ts";

const base = `
providers:
  dear: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [] }
  cheap: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [] }
routes: { default: ["dear,big", "cheap,small"], background: , think: , longContext: , webSearch: , image: }
models:
  "dear,big": { price: { input: 3, output: 15 } }
  "cheap,small": { price: { input: 0.1, output: 0.4 } }
`;

let warnings: Record<string, unknown>[] = [];
beforeEach(() => void (warnings = []));
const log = { warn: (fields: unknown) => void warnings.push(fields as Record<string, unknown>) };

const client = (name: string, terms: object = {}): ClientIdentity => ({
  name,
  id: name,
  terms: readTerms({ ...terms }),
});

/** A turn of 4,000 bytes that may answer 2,000 tokens: 0.033 US dollars by the estimate. */
const ask = (
  config: Config,
  { state, now }: TestState,
  more: { client?: ClientIdentity; profile?: string } = {},
): Promise<Admission> =>
  admit({
    config,
    state,
    log,
    request: { max_tokens: 32_000, model: "claude-sonnet-5" },
    targets: config.routes.default.use,
    size: 4_000,
    client: more.client,
    profile: more.profile,
    now: () => now,
  });

const tokens = { input: 1_000, output: 2_000, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
const spend = (admission: Admission, cost: number | null, target = "dear,big"): Promise<void> =>
  admission.settle({ record: { target, tokens, cost } });
const rows = (config: Config, { state }: TestState): Promise<readonly BudgetRow[]> =>
  state.call(viewBudgets, viewArgs(config, []));
const codeOf = async (asked: Promise<unknown>): Promise<unknown> => {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof SwitchyardError ? error.code : error;
};

describe("a budget", () => {
  const config = testConfig(`${base}\nbudgets: [{ name: all, limit: 5, per: day, timezone: UTC }]`);

  it("of 5 dollars under 1,000 turns at once is passed at most by what was in flight", async () => {
    const s = new TestState();
    const actual = 0.05;
    const begun = await Promise.allSettled(Array.from({ length: 1_000 }, () => ask(config, s)));
    const admitted = begun.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const refused = begun.flatMap((each) =>
      each.status === "rejected" ? [each.reason as SwitchyardError] : [],
    );
    const estimate = estimatedCost(
      config,
      { provider: "dear", model: "big" },
      { max_tokens: 32_000, model: "claude-sonnet-5" },
      4_000,
    );
    expect(estimate).toBeCloseTo(0.033, 10);
    // One more than fits: the last dollar can be used up.
    expect(admitted).toHaveLength(Math.ceil(5 / estimate));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["budget.held"]));
    expect(refused[0]).toMatchObject({ httpStatus: 429, headers: { "retry-after": "5" } });
    await Promise.all(admitted.map((each) => spend(each, actual)));
    const [row] = await rows(config, s);
    expect(row!.spent).toBeCloseTo(admitted.length * actual, 8);
    expect(row!.held).toBe(0);
    expect(row!.spent - 5).toBeLessThanOrEqual(admitted.length * actual);
    // Reached: nobody begins any more.
    const after = await Promise.allSettled(Array.from({ length: 1_000 }, () => ask(config, s)));
    expect(after.filter(({ status }) => status === "fulfilled")).toEqual([]);
  });

  it("that is worn down by waves of turns is never begun upon once it is reached", async () => {
    const s = new TestState();
    let spent = 0;
    let largestWave = 0;
    for (let wave = 0; wave < 200; wave++) {
      const begun = await Promise.allSettled(Array.from({ length: 25 }, () => ask(config, s)));
      const admitted = begun.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      if (spent >= 5) expect(admitted).toEqual([]);
      const cost = 0.01 + (wave % 7) / 100;
      largestWave = Math.max(largestWave, admitted.length * cost);
      for (const each of admitted) {
        await spend(each, cost);
        spent += cost;
      }
    }
    expect(spent).toBeGreaterThanOrEqual(5);
    expect(spent).toBeLessThanOrEqual(5 + largestWave);
  });

  it("that is used up refuses with what was spent, its limit, and when it begins anew; the client does not try again", async () => {
    const s = new TestState();
    await spend(await ask(config, s), 5.25);
    await expect(ask(config, s)).rejects.toMatchObject({
      code: "budget.exceeded",
      httpStatus: 402,
      type: "billing_error",
      message: expect.stringContaining("all: $5.25 of $5.00"),
      hint: expect.stringContaining("2026-11-02T00:00:00.000Z"),
      headers: { "x-should-retry": "false", "retry-after": String(12 * 3_600) },
    });
    s.now += 12 * hour;
    await (await ask(config, s)).release();
  });

  it("counts a turn for the day on which it began, though it ends on the next", async () => {
    const s = new TestState();
    s.now += 12 * hour - minute;
    const late = await ask(config, s);
    s.now += 2 * minute;
    await spend(late, 4);
    expect(await rows(config, s)).toMatchObject([{ spent: 0, since: "2026-11-02T00:00:00.000Z" }]);
    s.now -= 2 * minute;
    expect(await rows(config, s)).toMatchObject([{ spent: 4, since: "2026-11-01T00:00:00.000Z" }]);
  });

  it("tells each step once, of several at once the highest, and all again in the next period", async () => {
    const s = new TestState();
    const shares = (): unknown[] => warnings.map(({ share }) => share);
    for (const cost of [1, 1, 1, 0.4, 0.1, 0.6, 1.5]) {
      const admission = await ask(config, s);
      await spend(admission, cost);
      await spend(admission, cost);
    }
    expect(shares()).toEqual([0.5, 0.8, 1]);
    s.now += 24 * hour;
    await spend(await ask(config, s), 4.5);
    expect(shares()).toEqual([0.5, 0.8, 1, 0.8]);
    expect(warnings[2]).toMatchObject({ code: "budget.reached", budget: "all", limit: 5 });
  });

  it("gives back what a turn held that was not served, and counts nothing for it", async () => {
    const s = new TestState();
    await (await ask(config, s)).release();
    expect(await rows(config, s)).toMatchObject([{ spent: 0, held: 0 }]);
    expect(warnings).toEqual([]);
  });

  it("does not take an unknown price for free: the turn is counted as unpriced", async () => {
    const s = new TestState();
    await spend(await ask(config, s), null);
    expect(await rows(config, s)).toMatchObject([{ spent: 0, unpriced: 1 }]);
  });
});

describe("a budget with another route", () => {
  const config = testConfig(
    `${base}\nbudgets: [{ name: dear-day, limit: 1, per: day, timezone: UTC, onExceeded: { use: ["cheap,small"] } }]`,
  );

  it("has the cheaper target serve once it is reached, and says so", async () => {
    const s = new TestState();
    const first = await ask(config, s);
    expect(first.targets.map(({ model }) => model)).toEqual(["big", "small"]);
    expect(first.spared).toBeUndefined();
    await spend(first, 1.5);
    const second = await ask(config, s);
    expect(second.targets).toEqual([{ provider: "cheap", model: "small" }]);
    expect(second.spared).toBe("dear-day");
    await spend(second, 0.01, "cheap,small");
    expect(await rows(config, s)).toMatchObject([{ spent: 1.51 }]);
  });

  it("does not lead a client key around its own terms", async () => {
    const s = new TestState();
    const bound = client("bound", { models: ["dear,*"] });
    await spend(await ask(config, s, { client: bound }), 1.5);
    expect(await codeOf(ask(config, s, { client: bound }))).toBe("budget.exceeded");
  });
});

describe("a budget that is counted by", () => {
  it("providers leaves the others of the list, whoever answered before", async () => {
    const config = testConfig(
      `${base}\nbudgets: [{ scope: provider, which: dear, limit: 1, per: month, timezone: UTC }]`,
    );
    const s = new TestState();
    // The first target failed, and the second answered: that is not the first provider's money.
    await spend(await ask(config, s), 0.5, "cheap,small");
    expect(await rows(config, s)).toMatchObject([{ of: "dear", spent: 0 }]);
    await spend(await ask(config, s), 1.2);
    const next = await ask(config, s);
    expect(next.targets).toEqual([{ provider: "cheap", model: "small" }]);
    expect(next.spared).toBe("provider-month");
  });

  it("client keys stops one and not the other; profiles likewise", async () => {
    const config = testConfig(`${base}
budgets:
  - { scope: clientKey, limit: 1, per: day, timezone: UTC }
  - { scope: profile, which: [night], limit: 2, per: day, timezone: UTC }`);
    const s = new TestState();
    await spend(await ask(config, s, { client: client("alice"), profile: "night" }), 1.5);
    expect(await codeOf(ask(config, s, { client: client("alice") }))).toBe("budget.exceeded");
    await spend(await ask(config, s, { client: client("bob"), profile: "night" }), 0.6);
    expect(await codeOf(ask(config, s, { client: client("carol"), profile: "night" }))).toBe(
      "budget.exceeded",
    );
    await (await ask(config, s, { client: client("carol"), profile: "day" })).release();
  });

  it("a key of its own stops that key", async () => {
    const config = testConfig(base);
    const s = new TestState();
    const alice = client("alice", { budget: { limit: 0.5, per: "day" } });
    await spend(await ask(config, s, { client: alice }), 0.6);
    await expect(ask(config, s, { client: alice })).rejects.toMatchObject({
      code: "budget.exceeded",
      message: expect.stringContaining("of the key alice: $0.60 of $0.50"),
    });
    await (await ask(config, s)).release();
  });
});

describe("what was spent", () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "switchyard-budget-"))));
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const config = testConfig(`${base}
budgets:
  - { name: all, limit: 5, per: day, timezone: UTC }
  - { scope: provider, limit: 3, per: month, timezone: UTC }`);

  it("is known after a restart; what was held is free, for its turns are gone", async () => {
    const file = join(folder, "state.json");
    const before = new TestState(file);
    await spend(await ask(config, before), 4.99);
    await ask(config, before);
    await before.state.close();
    const after = new TestState(file);
    expect((await rows(config, after))[0]).toMatchObject({ budget: "all", spent: 4.99, held: 0 });
    expect(after.warnings).toEqual([]);
  });

  it("is taken from the ledger where the state is lost, and never lowered by it", async () => {
    const s = new TestState();
    const asked: unknown[] = [];
    const spent = (by: string, since: number): Promise<ReadonlyMap<string, number>> => {
      asked.push([by, new Date(since).toISOString()]);
      return Promise.resolve(
        new Map<string, number>(
          by === "all"
            ? [["", 4.2]]
            : [
                ["dear", 3.5],
                ["cheap", 0.7],
              ],
        ),
      );
    };
    await restoreBudgets({ config, keys: [], state: s.state, spent, now: s.now });
    expect(asked).toEqual([
      ["all", "2026-11-01T00:00:00.000Z"],
      ["provider", "2026-11-01T00:00:00.000Z"],
    ]);
    expect(await rows(config, s)).toMatchObject([
      { budget: "all", of: null, spent: 4.2 },
      { of: "dear", spent: 3.5 },
      { of: "cheap", spent: 0.7 },
    ]);
    await spend(await ask(config, s), 0.5, "cheap,small");
    await restoreBudgets({ config, keys: [], state: s.state, spent, now: s.now });
    expect((await rows(config, s))[0]).toMatchObject({ spent: 4.7 });
    // The steps below were told when the money was spent.
    expect(warnings.filter(({ budget, share }) => budget === "all" && share === 0.8)).toEqual([]);
  });
});
