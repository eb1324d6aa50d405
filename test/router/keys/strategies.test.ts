/** Which key goes next. */
import { describe, expect, it } from "vitest";
import type { KeyStrategy } from "../../../src/config/types.ts";
import type { TakeArgs } from "../../../src/router/keys/terms.ts";
import { limited, served } from "../../support/key-results.ts";
import { hour, minute, second, terms, TestState } from "../../support/state.ts";

const three = ["a", "b", "c"].map((id) => terms(id));

/** The keys of so many turns, one after the other. */
const keysOf = async (s: TestState, count: number, args: Partial<TakeArgs>): Promise<string> => {
  const out: string[] = [];
  for (let i = 0; i < count; i++) {
    out.push(await s.turn(served(), { keys: three, ...args }));
    s.now += second;
  }
  return out.join("");
};

it("fill-first uses the first while it can, then the next", async () => {
  const s = new TestState();
  expect(await keysOf(s, 3, {})).toBe("aaa");
  await s.turn(limited(s.now + hour), { keys: three });
  expect(await keysOf(s, 3, {})).toBe("bbb");
});

describe("round-robin", () => {
  it("goes round, and on where one was left out for a while or a key is new", async () => {
    const s = new TestState();
    const strategy = "round-robin";
    expect(await keysOf(s, 6, { strategy })).toBe("abcabc");
    await s.turn(limited(s.now + 10 * second), { keys: three, strategy });
    expect(await keysOf(s, 4, { strategy })).toBe("bcbc");
    s.now += minute;
    expect(await keysOf(s, 3, { strategy })).toBe("abc");
    expect(await keysOf(s, 5, { strategy, keys: [...three, terms("d")] })).toBe("dabcd");
  });
});

describe("weighted", () => {
  it("gives each key its share, not all of it on end", async () => {
    const s = new TestState();
    const keys = [terms("a", { weight: 3 }), terms("b", { weight: 1 }), terms("c", { weight: 0 })];
    expect(await keysOf(s, 12, { strategy: "weighted", keys })).toBe("aabaaabaaaba");
  });

  it("uses one of weight 0 where no other is free", async () => {
    const s = new TestState();
    const keys = [terms("a"), terms("c", { weight: 0 })];
    await s.turn(limited(s.now + hour), { keys });
    expect(await keysOf(s, 2, { strategy: "weighted", keys })).toBe("cc");
  });
});

it("least-busy takes the one with the fewest calls under way, in turn where they are equal", async () => {
  const s = new TestState();
  const args = { keys: three, strategy: "least-busy" } as const;
  const held = [await s.hold(args), await s.hold(args), await s.hold(args), await s.hold(args)];
  expect(held.map(({ key }) => key).join("")).toBe("abca");
  await s.give(held[1]!.lease, served());
  expect((await s.hold(args)).key).toBe("b");
});

describe("least-used", () => {
  const args = { keys: three.slice(0, 2), strategy: "least-used" } as const;

  it("evens out the tokens as the provider counted them", async () => {
    const s = new TestState();
    expect(await s.turn(served(10_000), { ...args, tokens: 10 })).toBe("a");
    for (let i = 0; i < 4; i++) expect(await s.turn(served(3_000), args)).toBe("b");
    // a has 10,000, b 12,000.
    expect(await s.turn(served(), args)).toBe("a");
  });

  it("forgets old use by and by", async () => {
    const s = new TestState();
    await s.turn(served(10_000), { ...args, keys: [terms("a")] });
    s.now += 5 * hour;
    // 312 are left of it.
    await s.turn(served(400), { ...args, keys: [terms("b")] });
    expect(await s.turn(served(), args)).toBe("a");
    s.now += hour / 2;
    await s.turn(served(200), { ...args, keys: [terms("a")] });
    expect(await s.turn(served(), args)).toBe("b");
  });
});

it.each<KeyStrategy>(["fill-first", "round-robin", "weighted", "least-busy", "least-used"])(
  "a higher priority goes before any strategy, a lower one serves what is left: %s",
  async (strategy) => {
    const s = new TestState();
    const keys = [
      terms("low", { weight: 100 }),
      terms("high", { priority: 10 }),
      terms("top", { priority: 10 }),
    ];
    const taken = new Set<string>();
    for (let i = 0; i < 6; i++) taken.add((await s.hold({ keys, strategy })).key);
    expect(taken.has("low")).toBe(false);
    const out = await s.hold({ keys, strategy, tried: ["high", "top"] });
    expect(out.key).toBe("low");
  },
);
