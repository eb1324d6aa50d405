/** The keys of one turn: taken for each call, given back with what came of it; what rests is noted. */
import { targetName, type ProviderConfig, type Target } from "../../config/types.ts";
import { giveKey } from "../keys/give.ts";
import { nextOn } from "../keys/schedule.ts";
import { takeKey, whetherFree } from "../keys/take.ts";
import type { KeyResult, TakeArgs, Taken } from "../keys/terms.ts";
import { conversationOf } from "./conversation.ts";
import { keysOf } from "./key-use.ts";
import { atLimits, offHours, restReason, type Resting } from "./last-words.ts";
import type { Turn } from "./turn.ts";
import type { Waiting } from "./waiting.ts";

export class TurnKeys {
  readonly #turn: Turn;
  readonly #waiting: Waiting;
  readonly #conversation: string | undefined;

  constructor(turn: Turn, waiting: Waiting) {
    this.#turn = turn;
    this.#waiting = waiting;
    const conversation = conversationOf(turn.request, turn.headers);
    // It is kept on disk.
    this.#conversation = conversation === undefined ? undefined : turn.redact(conversation);
  }

  /**
   * A key of the provider, or undefined where the target must be left: it rests, is at its limits, or has none left.
   * @param refused ids of keys that failed in this turn; @param others targets are left that could be asked instead
   */
  async take(
    target: Target,
    provider: ProviderConfig,
    refused: readonly string[],
    others: boolean,
  ): Promise<Extract<Taken, { kind: "taken" }> | undefined> {
    const { retryBudget } = this.#turn.config.server;
    // Limits of our own are kept for as long as a turn may wait at all, where nobody else could answer.
    const patience = Date.now() + (others ? this.#waiting.longest(true) : retryBudget);
    for (;;) {
      const taken: Taken = await this.#turn.state.call(takeKey, this.#args(target, provider, refused));
      switch (taken.kind) {
        case "taken":
          return taken;
        case "cooling":
          this.#pass({ target, until: taken.until, reason: taken.reason });
          return undefined;
        case "busy": {
          const now = Date.now();
          if (await this.#waiting.pause(taken.until - now, patience - now)) break;
          this.#pass({ target, until: taken.until, reason: atLimits });
          return undefined;
        }
        case "none":
          if (refused.length > 0) await this.#noteRest(target, provider);
          else this.#noteHours(target, provider);
          return undefined;
      }
    }
  }

  /** Gives a key back. */
  give(lease: string, result: KeyResult): Promise<void> {
    return this.#turn.state.call(giveKey, { lease, result });
  }

  /** After every key has failed: until when the target rests by that, which may be soon. */
  async #noteRest(target: Target, provider: ProviderConfig): Promise<void> {
    const now = await this.#turn.state.call(whetherFree, this.#args(target, provider, []));
    if (now.kind === "free") this.#waiting.noteOver(target);
    if (now.kind === "cooling") this.#waiting.note({ target, until: now.until, reason: now.reason });
  }

  /** None of the keys may be used at this hour. */
  #noteHours(target: Target, provider: ProviderConfig): void {
    const now = Date.now();
    const until = Math.min(...provider.keys.map((key) => nextOn(key, now) ?? Infinity));
    this.#pass({ target, until, reason: offHours });
  }

  /** The target is left for now, and the turn's line in the log says why. */
  #pass(resting: Resting): void {
    this.#waiting.note(resting);
    const { skipped } = this.#turn.progress;
    const target = targetName(resting.target);
    const reason = restReason(resting);
    if (!skipped.some((each) => each.target === target && each.reason === reason))
      skipped.push({ target, reason });
  }

  #args(target: Target, provider: ProviderConfig, tried: readonly string[]): TakeArgs {
    const { total } = provider.timeouts;
    return {
      provider: provider.name,
      model: target.model,
      keys: keysOf(provider, this.#turn),
      strategy: provider.keyStrategy,
      conversation: provider.affinity ? this.#conversation : undefined,
      tokens: Math.ceil(this.#turn.size / 4),
      tried,
      ...(total > 0 && { longest: total + 60_000 }),
    };
  }
}
