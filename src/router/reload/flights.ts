/** The requests that are under way: what a drain waits for, and which configurations and secrets are still in use. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { DenseSet, type Placed } from "../../shared/dense-set.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";

interface Flight extends Placed {
  readonly res: ServerResponse;
  /** Number of swaps of the configuration before it began. */
  readonly generation: number;
  /** Ends it early, in a form that the client understands; undefined: it is short, and its connection is just closed. */
  cut: ((failure: UpstreamFailure) => void) | undefined;
}

const flightOf = Symbol("flight");

/** An answer knows its own flight. */
type Tracked = ServerResponse & { [flightOf]?: Flight };

export class Flights {
  readonly #open = new DenseSet<Flight>();
  /** Of them, those that began before the last swap. */
  #older = 0;
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
    const flight: Flight = { place: -1, res, generation: this.#generation, cut: undefined };
    (res as Tracked)[flightOf] = flight;
    this.#open.add(flight);
    res.once("close", () => this.#left(flight));
  }

  /** Says how the request of this answer is ended early. */
  cutBy(res: ServerResponse, cut: (failure: UpstreamFailure) => void): void {
    const flight = (res as Tracked)[flightOf];
    if (flight !== undefined) flight.cut = cut;
  }

  #left(flight: Flight): void {
    if (this.#open.delete(flight) && flight.generation < this.#generation) this.#older--;
    this.onLeave?.();
  }

  /**
   * Takes an answer out of what is under way: somebody watches, and no drain waits for it.
   * @param end ends it, once the router begins to drain
   */
  leave(res: ServerResponse, end: () => void): void {
    const flight = (res as Tracked)[flightOf];
    if (flight !== undefined) this.#left(flight);
    if (this.#draining) return end();
    this.#watching.set(res, end);
    res.once("close", () => this.#watching.delete(res));
  }

  /** Those that begin from now on belong to a new configuration. */
  turnOver(): void {
    this.#generation++;
    this.#older = this.#open.size;
  }

  /** Whether one is under way that began before the last `turnOver`. */
  get hasOlder(): boolean {
    return this.#older > 0;
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
    const open = this.#open.all();
    for (const { res, cut } of open) {
      if (cut === undefined) res.destroy();
      else cut(failure);
    }
    return open.length;
  }
}
