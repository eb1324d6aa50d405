/** Waiting in the middle of a turn: what for, and for how long. */
import { targetName, type Target } from "../../config/types.ts";
import { passes, type Failed, type Resting } from "./last-words.ts";
import { pause } from "./pause.ts";
import type { Turn } from "./turn.ts";

/** Milliseconds that a target is waited for while others could be asked. */
const longestAside = 2000;

export class Waiting {
  readonly #turn: Turn;
  readonly #failed: readonly Failed[];
  /** By the target's name. */
  #resting = new Map<string, Resting>();
  /** Names of targets that failed, were waited for by their provider's word, and are not believed a second time. */
  readonly #believed = new Set<string>();
  /** Milliseconds that the turn has waited so far, of those that it may. */
  #waited = 0;

  /** @param failed of the turn, kept up to date */
  constructor(turn: Turn, failed: readonly Failed[]) {
    this.#turn = turn;
    this.#failed = failed;
  }

  get resting(): readonly Resting[] {
    return [...this.#resting.values()];
  }

  note(resting: Resting): void {
    this.#resting.set(targetName(resting.target), resting);
  }

  /** The target failed, and rests no more: the time that its provider named was so short that it has passed. */
  noteOver(target: Target): void {
    const over = this.#failed.find(
      (each) => each.target === targetName(target) && each.failure.until !== undefined,
    );
    if (over !== undefined) this.note({ target, until: Date.now(), reason: over.kind });
  }

  /**
   * So many milliseconds a turn waits for one thing. With others left, a provider's wish to be left alone for long is a reason to ask them.
   */
  longest(others: boolean): number {
    const { waitForRest } = this.#turn.config.server;
    return others ? Math.min(waitForRest, longestAside) : waitForRest;
  }

  /** @returns false where it would be too long, or the client went */
  async pause(wait: number, most: number): Promise<boolean> {
    if (wait > most || this.#waited + wait > this.#turn.config.server.retryBudget) return false;
    // Never for nothing: a clock that stands still must not let the turn run in a circle.
    const due = Math.max(1, wait);
    this.#waited += due;
    return pause(this.#turn.reply, due);
  }

  /** Waits for what recovers first, where that is soon. @returns the targets that are to be asked again; none: there is nothing to wait for */
  async rest(): Promise<Target[]> {
    const { config, reply } = this.#turn;
    const worth = this.resting.filter((each) => this.#isWorth(each));
    const soonest = Math.min(...worth.map(({ until }) => until));
    if (!(await this.pause(Math.max(0, soonest - Date.now()), config.server.waitForRest))) return [];
    if (reply.aborted) return [];
    for (const { target } of this.#failed) this.#believed.add(target);
    this.#resting = new Map(this.resting.filter((each) => !worth.includes(each)).map(byName));
    return worth.map(({ target }) => target);
  }

  /**
   * Whether a rest ends by itself. After a failure in this very turn only the provider's own word is waited for, once: a guess of ours is no
   * better than the client's, which asks again by itself.
   */
  #isWorth({ target, reason }: Resting): boolean {
    if (!passes(reason)) return false;
    const name = targetName(target);
    const failures = this.#failed.filter((each) => each.target === name);
    if (failures.length === 0) return true;
    return !this.#believed.has(name) && failures.some(({ failure }) => failure.until !== undefined);
  }
}

const byName = (resting: Resting): [string, Resting] => [targetName(resting.target), resting];
