/**
 * Time-outs of calls without a timer for each: one ticker looks at all calls once a second. A token costs a flag, not a timer.
 * undici's own time-outs count from the last byte: a provider that sends one byte a minute would never be cut.
 */
import { heartbeat, type Beating } from "./heartbeat.ts";

const tick = 1000;

export class Watch implements Beating {
  place = -1;
  readonly #idle: number;
  readonly #total: number;
  readonly #onTimeout: (what: "idle" | "total") => void;
  #quiet = 0;
  #all = 0;
  /** Before the answer begins it is the first byte's time-out that counts. */
  #paused = true;
  #alive = false;

  /**
   * @param limits milliseconds; 0 sets none. `idle`: without a whole line of the answer. `total`: of the whole call
   * @param onTimeout called once
   */
  constructor(limits: { idle: number; total: number }, onTimeout: (what: "idle" | "total") => void) {
    this.#idle = limits.idle;
    this.#total = limits.total;
    this.#onTimeout = onTimeout;
    heartbeat(tick).add(this);
  }

  /** Bytes of the answer have come. @param streamed then only a whole line is a sign of life */
  saw(chunk: Buffer, streamed: boolean): void {
    if (!this.#alive && (!streamed || chunk.includes(10))) this.#alive = true;
  }

  /** The client does not read: that is no silence of the provider's. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  end(): void {
    heartbeat(tick).delete(this);
  }

  beat(): void {
    this.#all += tick;
    this.#quiet = this.#alive || this.#paused ? 0 : this.#quiet + tick;
    this.#alive = false;
    const what = over(this.#all, this.#total) ? "total" : over(this.#quiet, this.#idle) ? "idle" : undefined;
    if (what === undefined) return;
    this.end();
    this.#onTimeout(what);
  }
}

const over = (spent: number, limit: number): boolean => limit > 0 && spent > limit;
