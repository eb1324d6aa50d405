/** The requests that are under way: what a drain waits for, and which configurations and secrets are still in use. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { UpstreamFailure } from "../dialects/dialect.ts";

interface Flight {
  /** Number of swaps of the configuration before it began. */
  readonly generation: number;
  /** Ends it early, in a form that the client understands; undefined: it is short, and its connection is just closed. */
  cut: ((failure: UpstreamFailure) => void) | undefined;
}

export class Flights {
  readonly #open = new Map<ServerResponse, Flight>();
  /** Answers that last as long as somebody watches, and how each is ended. */
  readonly #watching = new Map<ServerResponse, () => void>();
  #generation = 0;
  #draining = false;
  /** Called when one has ended. */
  onLeave: (() => void) | undefined;

  /** True from the signal that ends the router: nothing new is begun. */
  get draining(): boolean {
    return this.#draining;
  }

  get size(): number {
    return this.#open.size;
  }

  /** What is under way in other processes of this router. */
  elsewhere = (): number => 0;

  /** All that is under way. */
  get all(): number {
    return this.#open.size + this.elsewhere();
  }

  /** Counts a request until its answer is out or its client is gone. */
  enter(res: ServerResponse): void {
    this.#open.set(res, { generation: this.#generation, cut: undefined });
    res.once("close", () => {
      this.#open.delete(res);
      this.onLeave?.();
    });
  }

  /** Says how the request of this answer is ended early. */
  cutBy(res: ServerResponse, cut: (failure: UpstreamFailure) => void): void {
    const flight = this.#open.get(res);
    if (flight !== undefined) flight.cut = cut;
  }

  /**
   * Takes an answer out of what is under way: somebody watches, and no drain waits for it.
   * @param end ends it, once the router begins to drain
   */
  leave(res: ServerResponse, end: () => void): void {
    this.#open.delete(res);
    this.onLeave?.();
    if (this.#draining) return end();
    this.#watching.set(res, end);
    res.once("close", () => this.#watching.delete(res));
  }

  /** Those that begin from now on belong to a new configuration. */
  turnOver(): void {
    this.#generation++;
  }

  /** Whether one is under way that began before the last `turnOver`. */
  get hasOlder(): boolean {
    // The oldest is the first: a Map keeps the order in which they came.
    const [first] = this.#open.values();
    return first !== undefined && first.generation < this.#generation;
  }

  /** Begins to drain. May be called more than once. */
  close(): void {
    this.#draining = true;
    for (const end of this.#watching.values()) end();
  }

  /**
   * Waits until none is under way, for at most `bound` milliseconds.
   * @returns whether all have ended
   */
  async ended(bound: number): Promise<boolean> {
    const done = new AbortController();
    const late = sleep(bound, undefined, { signal: done.signal }).catch(() => undefined);
    const { promise: empty, resolve } = Promise.withResolvers<void>();
    const before = this.onLeave;
    const look = (): void => {
      before?.();
      if (this.#open.size === 0) resolve();
    };
    this.onLeave = look;
    if (this.#open.size === 0) resolve();
    await Promise.race([empty, late]);
    done.abort();
    this.onLeave = before;
    return this.#open.size === 0;
  }

  /** Ends all that is under way. @returns how many there were */
  cutAll(failure: UpstreamFailure): number {
    const open = [...this.#open.entries()];
    for (const [res, { cut }] of open) {
      if (cut === undefined) res.destroy();
      else cut(failure);
    }
    return open.length;
  }
}
