/** One timer for the pings of all streams: a stream that waits costs a place in a set, and a token costs no timer. */
import { DenseSet, type Placed } from "../../shared/dense-set.ts";

export interface Beating extends Placed {
  /** Called once an interval. */
  beat(): void;
}

class Heartbeat {
  readonly #members = new DenseSet<Beating>();
  readonly #interval: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(interval: number) {
    this.#interval = interval;
  }

  add(member: Beating): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => {
      for (const each of this.#members.all()) if (this.#members.has(each)) each.beat();
    }, this.#interval);
    this.#timer.unref();
  }

  delete(member: Beating): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

const beats = new Map<number, Heartbeat>();

/** The heartbeat of an interval in milliseconds, shared by all who want that one. */
export const heartbeat = (interval: number): Heartbeat => {
  let beat = beats.get(interval);
  if (beat === undefined) beats.set(interval, (beat = new Heartbeat(interval)));
  return beat;
};
