/** A conversation stays where its prompt cache is warm; others go elsewhere. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyStrategy } from "../../../src/config/types.ts";
import { limited, served } from "../../support/key-results.ts";
import { hour, minute, second, terms, TestState } from "../../support/state.ts";

const keys = ["a", "b", "c"].map((id) => terms(id));
const strategy = "round-robin";

describe("a conversation", () => {
  it("stays on its key, and subagents spread over all of them", async () => {
    const s = new TestState();
    const own = await s.turn(served(), { keys, strategy, conversation: "main" });
    const agents: string[] = [];
    for (let i = 0; i < 9; i++) {
      agents.push(await s.turn(served(), { keys, strategy, conversation: `main agent-${i}` }));
      expect(await s.turn(served(), { keys, strategy, conversation: "main" })).toBe(own);
    }
    // The key of the main conversation is the one that was used last each time.
    expect(agents.join("")).toBe("bcbcbcbcb");
  });

  it("moves on when its key rests, and stays there when it has recovered", async () => {
    const s = new TestState();
    const args = { keys, strategy, conversation: "main" } as const;
    expect(await s.turn(limited(), args)).toBe("a");
    expect(await s.turn(served(), args)).toBe("b");
    s.now += minute;
    expect(await s.turn(served(), args)).toBe("b");
  });

  it("moves on when its key failed in this turn, may not be used any more, or is gone from the configuration", async () => {
    const s = new TestState();
    const args = { keys, strategy, conversation: "main" } as const;
    await s.turn(served(), args);
    expect(await s.turn(served(), { ...args, tried: ["a"] })).toBe("b");
    expect(await s.turn(served(), args)).toBe("b");
    expect(await s.turn(served(), { ...args, keys: [terms("a"), terms("c")] })).not.toBe("b");
  });

  it("only steps aside while its key is at its limits", async () => {
    const s = new TestState();
    const narrow = [terms("a", { concurrent: 1 }), terms("b")];
    const args = { keys: narrow, conversation: "main" };
    const held = await s.hold(args);
    expect((await s.hold(args)).key).toBe("b");
    await s.give(held.lease, served());
    expect((await s.hold(args)).key).toBe("a");
  });

  it("that is silent for an hour is chosen for anew", async () => {
    const s = new TestState();
    const args = { keys, strategy, conversation: "main" } as const;
    expect(await s.turn(served(), args)).toBe("a");
    s.now += hour - 1;
    expect(await s.turn(served(), args)).toBe("a");
    s.now += hour;
    expect(await s.turn(served(), args)).toBe("b");
  });

  it("is remembered apart for each provider", async () => {
    const s = new TestState();
    const args = { keys, strategy, conversation: "main" } as const;
    await s.turn(served(), { keys, strategy, provider: "q", conversation: undefined });
    expect(await s.turn(served(), args)).toBe("a");
    expect(await s.turn(served(), { ...args, provider: "q" })).toBe("b");
    expect(await s.turn(served(), args)).toBe("a");
  });

  it("never changes its key while that one serves, whatever others do under whichever strategy", async () => {
    const strategies: KeyStrategy[] = ["fill-first", "round-robin", "weighted", "least-busy", "least-used"];
    const turns = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 0, max: 2000 }), fc.boolean()), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(turns, fc.constantFrom(...strategies), async (all, chosen) => {
        const s = new TestState();
        const own = new Map<string, string>();
        for (const [who, tokens, comesBack] of all) {
          s.now += second;
          const conversation = `conversation ${who}`;
          const { key, lease } = await s.hold({ keys, strategy: chosen, conversation, tokens });
          if (comesBack) await s.give(lease, served(tokens));
          expect(own.get(conversation) ?? key).toBe(key);
          own.set(conversation, key);
        }
      }),
    );
  });
});
