/**
 * The small calls that open a provider's billing window at set times: a plan that counts five hours from the first call is to begin before work does,
 * so that its reset falls into the day. The call itself is given in; this only knows when.
 */
import type { ProviderKey } from "../../config/types.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { instantsOf } from "./schedule.ts";

export type Activated = Pick<ProviderKey, "schedule" | "startsAt" | "activate">;

/** A key whose windows are opened, and how. */
export interface ActivationPlan {
  /** The provider, and the key's id and label. */
  readonly provider: string;
  readonly key: Activated & Pick<ProviderKey, "id" | "label">;
  /** Makes the call; rejects where it failed. */
  call(): Promise<void>;
}

/** The first of a key's times after an instant (milliseconds since the epoch); undefined where it has none. */
export const nextActivation = (key: Activated, after: number): number | undefined => {
  const from = Math.max(after, (key.startsAt ?? after) - 1);
  return key.activate
    .flatMap(({ days, at }) => instantsOf(key.schedule.timezone, days, at, from))
    .filter((instant) => instant > from)
    .toSorted((a, b) => a - b)[0];
};

/** Longest sleep of the timer: a machine that was suspended, or a clock that was set, is noticed by then. Milliseconds. */
const longestSleep = 60_000;
/** A time that was slept through is made up for within so many milliseconds; later, the window is the user's own to open. */
const lateness = 3_600_000;
/** Waits before a failed call is tried again, in milliseconds. */
const retries = [60_000, 300_000];

export interface ActivatorOptions {
  readonly log: Pick<Logger, "info" | "warn">;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Activator {
  /** Takes other plans: after a reload. A key that stays is not called twice for one time. */
  plan(plans: readonly ActivationPlan[]): void;
  stop(): void;
}

interface Due {
  plan: ActivationPlan;
  /** Its next time, by the plan. */
  at: number | undefined;
  /** When a call that failed is tried again. */
  again: number | undefined;
  /** Failed calls for one time. */
  failures: number;
  /** The time that was served last: it does not come again where the clock is set back. */
  served: number;
}

/** Makes the calls of plans at their times. Holds no process up. */
export const createActivator = (options: ActivatorOptions): Activator => new Timetable(options);

class Timetable implements Activator {
  readonly #log: ActivatorOptions["log"];
  readonly #now: () => number;
  #dues = new Map<string, Due>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ log, now = Date.now }: ActivatorOptions) {
    this.#log = log;
    this.#now = now;
  }

  plan(plans: readonly ActivationPlan[]): void {
    const before = this.#dues;
    const now = this.#now();
    this.#dues = new Map();
    for (const plan of plans) {
      const due = before.get(plan.key.id) ?? {
        plan,
        at: undefined,
        again: undefined,
        failures: 0,
        served: -Infinity,
      };
      due.plan = plan;
      // A time that has just come, and that the timer has not seen yet, is not left out.
      const after = due.at !== undefined && due.at <= now ? due.at - 1 : Math.max(now, due.served);
      due.at = nextActivation(plan.key, after);
      this.#dues.set(plan.key.id, due);
    }
    this.#schedule();
  }

  stop(): void {
    this.#dues = new Map();
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const times = [...this.#dues.values()].flatMap(({ at, again }) => [at ?? [], again ?? []].flat());
    if (times.length === 0) return;
    const wait = Math.min(longestSleep, Math.min(...times) - this.#now());
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, wait)).unref();
  }

  #wake(): void {
    const now = this.#now();
    for (const due of this.#dues.values()) {
      const { at, again } = due;
      if (at !== undefined && at <= now) {
        Object.assign(due, { served: at, again: undefined, failures: 0 });
        due.at = nextActivation(due.plan.key, now);
        if (now - at <= lateness) void this.#call(due);
      } else if (again !== undefined && again <= now) {
        due.again = undefined;
        void this.#call(due);
      }
    }
    this.#schedule();
  }

  async #call(due: Due): Promise<void> {
    const { plan } = due;
    const { provider, key } = plan;
    const about = { provider, key: key.label };
    const { at } = due;
    try {
      await plan.call();
      this.#log.info(about, "the key's billing window is open");
    } catch (error) {
      const wait = retries[due.failures++];
      const reason = messageOf(error);
      this.#log.warn({ ...about, reason, retriedIn: wait }, "the call that opens a billing window failed");
      // Meanwhile a reload may have taken the key away, or its next time may have come.
      if (wait === undefined || this.#dues.get(key.id) !== due || due.at !== at) return;
      due.again = this.#now() + wait;
      this.#schedule();
    }
  }
}
