/** What a provider allows a key: never more than that, and no slot lost for good. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failed, limited, released, served } from "../../support/key-results.ts";
import { minute, noon, second, terms, TestState } from "../../support/state.ts";

describe("requests a minute", () => {
  it("the third waits until a minute after the first, where two are allowed", async () => {
    const s = new TestState();
    const keys = [terms("a", { requestsPerMinute: 2 })];
    await s.turn(served(), { keys });
    s.now += 30 * second;
    await s.turn(served(), { keys });
    const until = noon + minute + second;
    expect(await s.take({ keys })).toEqual({ kind: "busy", until });
    s.now = until;
    await s.turn(served(), { keys });
    expect(await s.take({ keys })).toEqual({ kind: "busy", until: noon + 30 * second + minute + second });
  });

  it("another key serves meanwhile", async () => {
    const s = new TestState();
    const keys = [terms("a", { requestsPerMinute: 1 }), terms("b")];
    expect([await s.turn(served(), { keys }), await s.turn(served(), { keys })]).toEqual(["a", "b"]);
  });

  it("are held for a minute at the most where the clock is set back by an hour", async () => {
    const s = new TestState();
    const keys = [terms("a", { requestsPerMinute: 1 })];
    await s.turn(served(), { keys });
    s.now -= 60 * minute;
    expect(await s.take({ keys })).toEqual({ kind: "busy", until: s.now + minute + second });
  });
});

describe("tokens a minute", () => {
  const keys = [terms("a", { tokensPerMinute: 1000 })];

  it("count as the provider did, once it has: the answer's too", async () => {
    const s = new TestState();
    await s.turn(served(900), { keys, tokens: 100 });
    expect(await s.take({ keys, tokens: 200 })).toMatchObject({ kind: "busy" });
    expect(await s.take({ keys, tokens: 100 })).toMatchObject({ kind: "taken" });
  });

  it("an estimate that was too high is given back, one that the provider says nothing of stays", async () => {
    const s = new TestState();
    await s.turn(served(100), { keys, tokens: 900 });
    await s.turn(served(0), { keys, tokens: 900 });
    expect(await s.take({ keys, tokens: 1 })).toMatchObject({ kind: "busy" });
  });

  it("a call that is larger than the limit goes through alone, for the provider to judge", async () => {
    const s = new TestState();
    await s.turn(served(), { keys, tokens: 10 });
    expect(await s.take({ keys, tokens: 5000 })).toMatchObject({ kind: "busy" });
    s.now += minute + second;
    expect(await s.take({ keys, tokens: 5000 })).toMatchObject({ kind: "taken" });
  });
});

describe("concurrent calls", () => {
  const keys = [terms("a", { concurrent: 2 })];

  it("the third waits for the end of one", async () => {
    const s = new TestState();
    const first = await s.hold({ keys });
    await s.hold({ keys });
    expect(await s.take({ keys })).toEqual({ kind: "busy", until: s.now + 250 });
    await s.give(first.lease, released);
    expect(await s.take({ keys })).toMatchObject({ kind: "taken" });
  });

  it("a call that never comes back holds its place no longer than a call may last", async () => {
    const s = new TestState();
    await s.hold({ keys, longest: 5 * minute });
    await s.hold({ keys });
    s.now += 5 * minute;
    await s.hold({ keys });
    expect(await s.take({ keys })).toMatchObject({ kind: "busy" });
    s.now += 60 * minute;
    expect(await s.take({ keys })).toMatchObject({ kind: "taken" });
  });
});

it("a key that rests and is at its limits is free when both are over", async () => {
  const s = new TestState();
  const keys = [terms("a", { requestsPerMinute: 1 })];
  await s.turn(limited(noon + 10 * second), { keys });
  expect(await s.take({ keys })).toEqual({ kind: "busy", until: noon + minute + second });
  s.now = noon + 30 * second;
  await s.turn(limited(noon + 10 * minute), { keys: [terms("a")] });
  expect(await s.take({ keys })).toMatchObject({ kind: "cooling", until: noon + 10 * minute });
});

describe("whatever comes in whatever order", () => {
  const limits = { requestsPerMinute: 5, tokensPerMinute: 1000, concurrent: 3 };
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 400 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({ give: fc.nat(5), as: fc.constantFrom("served", "released", "failed") }),
    },
    { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 40 * second }) }) },
  );

  it("no span of a minute holds more requests or tokens than are allowed, and no more calls run at once", async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
        const s = new TestState();
        const keys = [terms("a", limits), terms("b", limits)];
        const open: { key: string; lease: string; tokens: number }[] = [];
        const taken: { key: string; at: number; tokens: number }[] = [];
        for (const each of steps) {
          if ("wait" in each) s.now += each.wait;
          else if ("take" in each) {
            const answer = await s.take({ keys, strategy: "round-robin", tokens: each.take });
            if (answer.kind === "taken") {
              open.push({ ...answer, tokens: each.take });
              taken.push({ key: answer.key, at: s.now, tokens: each.take });
            } else refused++;
          } else {
            const [back] = open.splice(each.give % Math.max(1, open.length), 1);
            const results = { served: served(back?.tokens), released, failed: failed({ cools: "nothing" }) };
            if (back) await s.give(back.lease, results[each.as]);
          }
          for (const { id } of keys) {
            expect(open.filter(({ key }) => key === id).length).toBeLessThanOrEqual(limits.concurrent);
            const last = taken.filter(({ key, at }) => key === id && s.now - at < minute);
            expect(last.length).toBeLessThanOrEqual(limits.requestsPerMinute);
            expect(last.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(
              limits.tokensPerMinute,
            );
          }
        }
      }),
      { numRuns: 200 },
    );
    // The limits were met at all.
    expect(refused).toBeGreaterThan(100);
  });

  it("what is busy is free at the time that was named, where calls have come back", async () => {
    const calls = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 0, max: 20 * second })),
      {
        minLength: 5,
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(calls, async (all) => {
        const s = new TestState();
        const keys = [terms("a", limits)];
        for (const [tokens, wait] of all) {
          s.now += wait;
          const answer = await s.take({ keys, tokens });
          if (answer.kind === "busy") s.now = answer.until;
          const { lease } = answer.kind === "taken" ? answer : await s.hold({ keys, tokens });
          await s.give(lease, released);
        }
      }),
    );
  });
});
