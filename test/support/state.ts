/** The state of a router on a clock that only the test moves. */
import { createMemoryState } from "../../src/router/state/memory.ts";
import type { RouterState } from "../../src/router/state/state.ts";
import { giveKey } from "../../src/router/keys/give.ts";
import { takeKey } from "../../src/router/keys/take.ts";
import type { KeyResult, KeyTerms, TakeArgs, Taken } from "../../src/router/keys/terms.ts";

export const second = 1_000;
export const minute = 60_000;
export const hour = 3_600_000;

/** Sunday, 1 November 2026, noon in UTC. */
export const noon = Date.UTC(2026, 10, 1, 12);

export const terms = (id: string, more: Partial<KeyTerms> = {}): KeyTerms => ({
  id,
  priority: 0,
  weight: 1,
  ...more,
});

export class TestState {
  now = noon;
  readonly warnings: string[] = [];
  readonly state: RouterState;

  constructor(file?: string) {
    this.state = createMemoryState({
      file,
      now: () => this.now,
      log: { warn: (...said: unknown[]) => void this.warnings.push(JSON.stringify(said)) },
    });
  }

  /** Of provider `p`, model `m`, without a conversation, key `a` alone, unless told otherwise. */
  take(more: Partial<TakeArgs> = {}): Promise<Taken> {
    return this.state.call(takeKey, {
      provider: "p",
      model: "m",
      keys: [terms("a")],
      strategy: "fill-first",
      conversation: undefined,
      tokens: 0,
      tried: [],
      ...more,
    });
  }

  /** @returns the lease's key; throws where none was free */
  async hold(more: Partial<TakeArgs> = {}): Promise<Extract<Taken, { kind: "taken" }>> {
    const taken = await this.take(more);
    if (taken.kind !== "taken") throw new Error(`no key was free: ${JSON.stringify(taken)}`);
    return taken;
  }

  give(lease: string, result: KeyResult): Promise<void> {
    return this.state.call(giveKey, { lease, result });
  }

  /** One call from its beginning to its end. @returns the id of its key */
  async turn(result: KeyResult, more: Partial<TakeArgs> = {}): Promise<string> {
    const { key, lease } = await this.hold(more);
    await this.give(lease, result);
    return key;
  }
}
