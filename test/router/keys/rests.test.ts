/** Cooldowns and breakers, on a clock that only the test moves. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clearCooldowns } from "../../../src/router/keys/clear.ts";
import type { KeyTerms } from "../../../src/router/keys/terms.ts";
import { failed, limited, released, served } from "../../support/key-results.ts";
import { hour, minute, noon, second, terms, TestState } from "../../support/state.ts";

const two = [terms("a"), terms("b")];

describe("a key that is limited", () => {
  it("rests until the very time that the provider named, not a second longer", async () => {
    const s = new TestState();
    await s.turn(limited(noon + 90 * second));
    s.now = noon + 90 * second - 1;
    expect(await s.take()).toEqual({ kind: "cooling", until: noon + 90 * second, reason: "rateLimited" });
    s.now++;
    expect(await s.take()).toMatchObject({ kind: "taken", key: "a", probe: true });
  });

  it("lets the next key serve, and its own other models", async () => {
    const s = new TestState();
    await s.turn(limited(), { keys: two });
    expect(await s.turn(served(), { keys: two })).toBe("b");
    expect(await s.turn(served(), { keys: two, model: "other" })).toBe("a");
  });

  it("rests for every model where the key itself is at fault, and only with its own provider", async () => {
    const s = new TestState();
    await s.turn(failed({ cools: "key", opens: "at-once", reason: "keyRejected" }));
    expect(await s.take({ model: "other" })).toMatchObject({ kind: "cooling", reason: "keyRejected" });
    expect(await s.take({ provider: "q" })).toMatchObject({ kind: "taken", probe: false });
  });

  it("is asked again in a week, however far away the named reset is", async () => {
    const s = new TestState();
    await s.turn(limited(noon + 400 * 24 * hour));
    expect(await s.take()).toMatchObject({ kind: "cooling", until: noon + 7 * 24 * hour });
  });

  it("rests by the configured time where the one that the provider named has passed", async () => {
    const s = new TestState();
    await s.turn(limited(noon - hour));
    expect(await s.take()).toMatchObject({ kind: "cooling", until: noon + 10 * second });
  });

  it("rests no longer than the provider named where that was so short that it has just passed", async () => {
    const s = new TestState();
    await s.turn(limited(noon - 2));
    expect(await s.take()).toMatchObject({ kind: "taken", key: "a" });
  });

  it("a failure that says nothing of it leaves it alone", async () => {
    const s = new TestState();
    for (let i = 0; i < 20; i++) await s.turn(failed({ cools: "nothing", opens: "at-once" }));
    for (let i = 0; i < 20; i++) await s.turn(released);
    expect(await s.take()).toMatchObject({ kind: "taken", probe: false });
  });
});

describe("a model that fails", () => {
  it("rests with every key after five failures in a row, and a success in between starts the count again", async () => {
    const s = new TestState();
    for (let i = 0; i < 4; i++) await s.turn(failed());
    await s.turn(served());
    for (let i = 0; i < 4; i++) await s.turn(failed());
    await s.turn(failed(), { keys: [terms("b")] });
    expect(await s.take({ keys: two })).toEqual({
      kind: "cooling",
      until: noon + 10 * second,
      reason: "unavailable",
    });
    expect(await s.take({ model: "other", keys: two })).toMatchObject({ kind: "taken" });
  });

  it("rests twice as long each time that its probe fails, up to the bound, and from the start again once it served", async () => {
    const s = new TestState();
    const once = failed({ opens: "at-once" });
    await s.turn(once);
    const rested: number[] = [];
    for (let i = 0; i < 9; i++) {
      const taken = await s.take();
      if (taken.kind !== "cooling") throw new Error("it does not rest");
      rested.push((taken.until - s.now) / second);
      s.now = taken.until;
      // One failure is enough: it has not been well since.
      await s.turn(failed());
    }
    expect(rested).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
    s.now += 600 * second;
    await s.turn(served());
    await s.turn(once);
    expect(await s.take()).toMatchObject({ until: s.now + 10 * second });
  });

  it("rests once for many calls that were in flight together, and their successes do not end it", async () => {
    const s = new TestState();
    const flight = await Promise.all(Array.from({ length: 20 }, () => s.hold()));
    s.now += second;
    for (const { lease } of flight.slice(0, 15)) await s.give(lease, failed({ opens: "at-once" }));
    await s.give(flight[15]!.lease, served());
    expect(await s.take()).toMatchObject({ kind: "cooling", until: s.now + 10 * second });
    // One of them fails only when the rest is over: still the same trouble.
    s.now += 10 * second;
    await s.give(flight[16]!.lease, failed({ opens: "at-once" }));
    expect(await s.take()).toMatchObject({ kind: "taken", probe: true });
  });

  it("rests longer where a later answer names a later time", async () => {
    const s = new TestState();
    const [one, other, third] = [await s.hold(), await s.hold(), await s.hold()];
    await s.give(one.lease, limited(noon + 30 * second));
    await s.give(other.lease, limited(noon + hour));
    await s.give(third.lease, limited(noon + 5 * second));
    expect(await s.take()).toMatchObject({ kind: "cooling", until: noon + hour });
  });

  it("is forgotten an hour after the end of its rest, when nobody asks", async () => {
    const s = new TestState();
    await s.turn(failed({ opens: "at-once" }));
    s.now += hour + 11 * second;
    expect(await s.take()).toMatchObject({ kind: "taken", probe: false });
  });
});

describe("after a rest", () => {
  const rested = async (): Promise<TestState> => {
    const s = new TestState();
    await s.turn(limited());
    s.now += 10 * second;
    return s;
  };

  it("a single call goes through until it has come back", async () => {
    const s = await rested();
    const probe = await s.hold();
    expect(probe.probe).toBe(true);
    expect(await s.take()).toEqual({ kind: "cooling", until: s.now + second, reason: "rateLimited" });
    await s.give(probe.lease, served());
    expect([await s.take(), await s.take()]).toMatchObject([{ probe: false }, { probe: false }]);
  });

  it("a probe that says nothing of the key lets the next one try", async () => {
    const s = await rested();
    for (let i = 0; i < 3; i++) {
      const probe = await s.hold();
      expect(probe.probe).toBe(true);
      await s.give(probe.lease, i === 0 ? released : failed({ cools: "nothing" }));
    }
    expect(await s.take()).toMatchObject({ kind: "taken", probe: true });
  });

  it("a probe that never comes back is taken for lost after two minutes", async () => {
    const s = await rested();
    await s.hold();
    s.now += 2 * minute - 1;
    expect(await s.take()).toMatchObject({ kind: "cooling" });
    s.now++;
    expect(await s.take()).toMatchObject({ kind: "taken", probe: true });
  });

  it("others serve while one key is tried", async () => {
    const s = new TestState();
    await s.turn(limited(), { keys: two });
    s.now += 10 * second;
    expect(await s.hold({ keys: two })).toMatchObject({ key: "a", probe: true });
    expect(await s.hold({ keys: two })).toMatchObject({ key: "b", probe: false });
  });
});

describe("a clock that is set", () => {
  it("back by an hour leaves no rest that is longer than it was meant to be", async () => {
    const s = new TestState();
    await s.turn(limited(noon + 5 * minute));
    s.now -= hour;
    expect(await s.take()).toMatchObject({ kind: "cooling", until: s.now + 5 * minute });
    s.now += 5 * minute;
    expect(await s.take()).toMatchObject({ kind: "taken", probe: true });
  });

  it("back while a probe is under way does not wait an hour for it", async () => {
    const s = new TestState();
    await s.turn(limited());
    s.now += 10 * second;
    await s.hold();
    s.now -= hour;
    const taken = await s.take();
    expect(taken.kind === "cooling" ? taken.until - s.now : 0).toBeLessThanOrEqual(10 * second);
    s.now += 10 * second;
    expect(await s.take()).toMatchObject({ kind: "taken" });
  });

  it("at random never keeps a key longer than its bound from when it is asked", async () => {
    const step = fc.oneof(
      fc.record({ jump: fc.integer({ min: -2 * hour, max: 2 * hour }) }),
      fc.record({ named: fc.option(fc.integer({ min: -hour, max: 20 * minute })) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const s = new TestState();
        for (const each of steps) {
          if ("jump" in each) s.now += each.jump;
          const taken = await s.take();
          if (taken.kind === "cooling") expect(taken.until - s.now).toBeLessThanOrEqual(20 * minute);
          if (taken.kind !== "taken") continue;
          const named = "named" in each && each.named !== null ? s.now + each.named : undefined;
          await s.give(taken.lease, limited(named));
        }
        s.now += 20 * minute;
        expect(await s.take()).toMatchObject({ kind: "taken" });
      }),
    );
  });
});

describe("when all are cooling", () => {
  const scopes = ["key", "key-model", "model"] as const;
  const rest = fc.record({
    key: fc.integer({ min: 0, max: 2 }),
    model: fc.constantFrom("m", "n"),
    cools: fc.constantFrom(...scopes),
    lasts: fc.integer({ min: 1, max: hour }),
  });
  const keys: readonly KeyTerms[] = ["a", "b", "c"].map((id) => terms(id));

  it("the named time is the earliest true recovery: nothing is free before it, something is at it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rest, { minLength: 1, maxLength: 12 }), async (all) => {
        const s = new TestState();
        // All in flight together, so that each of them is heard.
        const flight = await Promise.all(all.map(({ key, model }) => s.hold({ keys: [keys[key]!], model })));
        for (const [i, { cools, lasts }] of all.entries())
          await s.give(flight[i]!.lease, failed({ cools, opens: "at-once", until: noon + lasts }));
        const taken = await s.take({ keys });
        fc.pre(taken.kind === "cooling");
        if (taken.kind !== "cooling") return;
        s.now = taken.until - 1;
        expect(await s.take({ keys })).toEqual(taken);
        s.now = taken.until;
        expect(await s.take({ keys })).toMatchObject({ kind: "taken", probe: true });
      }),
    );
  });

  it("nothing rests after `cooldown clear`, of a provider, of a target, or of all", async () => {
    const targets = fc.record({
      provider: fc.constantFrom("p", undefined),
      model: fc.constantFrom("m", undefined),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(rest, { minLength: 1, maxLength: 12 }), targets, async (all, what) => {
        const s = new TestState();
        for (const { key, model, cools, lasts } of all) {
          const taken = await s.take({ keys: [keys[key]!], model });
          if (taken.kind === "taken")
            await s.give(taken.lease, failed({ cools, opens: "at-once", until: noon + lasts }));
        }
        await s.state.call(clearCooldowns, { provider: what.provider, model: what.model });
        for (const each of keys)
          expect(await s.take({ keys: [each] })).toMatchObject({ kind: "taken", probe: false });
      }),
    );
  });

  it("`cooldown clear` of one leaves what others rest for", async () => {
    const s = new TestState();
    await s.turn(limited());
    await s.turn(limited(), { model: "n" });
    await s.turn(limited(), { provider: "q" });
    expect(await s.state.call(clearCooldowns, { provider: "p", model: "m" })).toEqual({ cleared: 1 });
    expect(await s.take()).toMatchObject({ kind: "taken" });
    expect(await s.take({ model: "n" })).toMatchObject({ kind: "cooling" });
    expect(await s.take({ provider: "q" })).toMatchObject({ kind: "cooling" });
  });
});

it("no key is left where each was tried in this turn, or none may be used at this hour", async () => {
  const s = new TestState();
  expect(await s.take({ keys: two, tried: ["b", "a"] })).toEqual({ kind: "none" });
  expect(await s.take({ keys: [] })).toEqual({ kind: "none" });
});

it("a lease that is given back twice, or was never given, changes nothing", async () => {
  const s = new TestState();
  const { lease } = await s.hold();
  await s.give(lease, served());
  for (const each of [lease, "lease 99"]) await s.give(each, limited());
  expect(await s.take()).toMatchObject({ kind: "taken", probe: false });
});
