/** Why a turn went where it went: the rules with their words, the targets that were left out, the calls with their reasons. */
import { describe, expect, it } from "vitest";
import type { StoredTurn, TurnsAnswer } from "../../../src/router/ledger/queries.ts";
import { failing, quick, entryOf, refusal } from "../../support/attempts.ts";
import { closeAfterEach } from "../../support/open.ts";
import { router } from "../../support/openai-router.ts";
import type { TestRouter } from "../../support/router.ts";
import { encodeTurn } from "../../../src/router/ledger/line.ts";
import { testLedger, turn } from "./turns.ts";

closeAfterEach();

const answer = { text: "here" };

const lastTurn = async (r: TestRouter): Promise<StoredTurn> => {
  const of = async (path: string): Promise<unknown> =>
    (await fetch(`${r.url}${path}`, { headers: r.admin })).json();
  const { turns } = (await of("/api/turns")) as TurnsAnswer;
  expect(turns[0]).not.toHaveProperty("why");
  return (await of(`/api/turns/${turns[0]!.id}`)) as StoredTurn;
};

describe("the account of a turn", () => {
  it("says what each rule said, up to the one that matched, with its figures", async () => {
    const a = await failing(answer);
    const r = await router(
      "providers:",
      entryOf("a", a),
      'routes: { default: "a,m", longContext: { use: "a,long", threshold: 50 } }',
    );
    await r.ask({ messages: [{ role: "user", content: "word ".repeat(200) }] });
    const { rule, why = [] } = await lastTurn(r);
    expect(rule).toBe("longContext");
    expect(why.map((step) => [step.rule, step.matched])).toEqual([
      ["explicit", false],
      ["longContext", true],
    ]);
    const [tokens, threshold] = /^(\d+) tokens are more than (\d+)$/
      .exec(why[1]!.reason)!
      .slice(1)
      .map(Number);
    expect(threshold).toBe(50);
    expect(tokens).toBeGreaterThan(50);
  });

  it("names the targets that were not asked, each with its reason", async () => {
    const a = await failing(refusal(429, "slow down", { "retry-after": "300" }));
    const b = await failing(answer, answer);
    const r = await router(
      "providers:",
      entryOf("a", a),
      entryOf("b", b),
      '  off: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1", keys: ["${UNSET_KEY:-}"] }',
      'routes: { default: ["off,m", "a,m", "a,blind", "b,m", "demo,echo"] }',
      'models: { "a,blind": { images: false } }',
    );
    await r.ask();
    await r.ask({
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
          ],
        },
      ],
    });
    const { skipped, target } = await lastTurn(r);
    expect(target).toBe("b,m");
    expect(skipped).toEqual([
      { target: "off,m", reason: "UNSET_KEY is not set" },
      { target: "demo,echo", reason: "it answers only where nothing else of the list is switched on" },
      { target: "a,blind", reason: "it sees no images" },
      { target: "a,m", reason: expect.stringMatching(/^rests until .*\(rateLimited\)$/) as string },
    ]);
  });

  it("says why a call failed in the router's own words, and never in the provider's", async () => {
    const a = await failing(refusal(500, "your prompt was: say hi"), answer);
    const r = await router(
      "providers:",
      `  dead: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1", keys: [], ${quick} }`,
      entryOf("a", a, quick),
      'routes: { default: ["dead,m", "a,m"] }',
    );
    await r.ask();
    const { attempts } = await lastTurn(r);
    const results = attempts.map(({ target, result, status }) => [target, result, status]);
    expect(results.slice(-2)).toEqual([
      ["a,m", "unavailable", 500],
      ["a,m", "served", null],
    ]);
    expect(attempts[0]).toMatchObject({ target: "dead,m", result: "unreachable", status: null });
    expect(attempts[0]!.reason).toContain("ECONNREFUSED");
    expect(JSON.stringify(attempts)).not.toContain("your prompt");
  });
});

describe("what is kept of it", () => {
  const why = [
    { rule: "longContext", matched: false, reason: "007 tokens of 12 \u0001" },
    { rule: "custom:x9", matched: true, reason: "it's 3.5 o'clock" },
  ];
  const skipped = [{ target: "up,m-4.1", reason: "rests until 2026-11-21T10:00:00.000Z (timeout)" }];

  it("comes back word for word, with its numbers", async () => {
    const { ledger } = testLedger();
    const record = turn({ why, skipped });
    ledger.append(record);
    const kept = await ledger.turn(record.id);
    expect(kept?.skipped).toEqual(skipped);
    expect(kept?.why).toEqual([{ ...why[0], reason: "007 tokens of 12 \ufffd" }, why[1]]);
  });

  it("is kept once for all turns that differ in their numbers alone", async () => {
    const { ledger, folder } = testLedger();
    for (let i = 0; i < 100; i++)
      ledger.append(
        turn({ why: [{ rule: "longContext", matched: true, reason: `${i} tokens are more than 5` }] }),
      );
    await ledger.usage({ by: "model" });
    await ledger.close();
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(`${folder}/ledger.db`, { readOnly: true });
    const [names] = database.prepare("SELECT count(*) AS n FROM names WHERE text LIKE '%tokens are%'").all();
    database.close();
    expect(names?.["n"]).toBe(1);
  });

  it("of a turn with a thousand reasons fits into its line, the rule that matched included", async () => {
    const { ledger, said } = testLedger();
    const long = "\u0001".repeat(3_000);
    const step = { rule: long, matched: false, reason: long };
    const used = { input: 1e9, output: 1e9, cacheWrite: 1e9, cacheRead: 1e9, reasoning: 1e9 };
    const spent = Array.from({ length: 50 }, (_, i) => ({
      target: `t${i},${long}`,
      tokens: used,
      cost: 1.1111111,
    }));
    const record = turn({
      session: long,
      agent: long,
      profile: long,
      clientKey: long,
      asked: long,
      rule: long,
      target: long,
      error: long,
      tokens: { input: 50e9, output: 50e9, cacheWrite: 50e9, cacheRead: 50e9, reasoning: 50e9 },
      cost: 55.555555,
      partial: true,
      spent,
      why: [...Array.from({ length: 1_000 }, () => step), { rule: "last", matched: true, reason: long }],
      skipped: Array.from({ length: 1_000 }, () => ({ target: long, reason: long })),
      attempts: Array.from({ length: 50 }, () => ({
        target: long,
        key: long,
        result: long,
        status: 500,
        duration: 123_456.7,
        reason: long,
        tokens: used,
        cost: 1.1111111,
      })),
    });
    ledger.append(record);
    const kept = await ledger.turn(record.id);
    expect(kept?.attemptCount).toBe(50);
    expect(encodeTurn(record).length).toBeLessThanOrEqual(4_000);
    expect(kept?.why?.at(-1)).toMatchObject({ rule: "last", matched: true });
    expect(said).toEqual([]);
  });
});
