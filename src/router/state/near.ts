/**
 * What a worker answers by itself, of a state that another process holds: a question to it wakes two processes, which costs more than all else that a turn asks. What was
 * answered here is told in one go a moment later, or with the next question.
 */
import { NearKeys } from "../keys/near.ts";
import { affinities } from "../keys/tables.ts";
import type { GiveArgs, TakeArgs, Taken } from "../keys/terms.ts";
import type { ToldUse } from "../keys/told.ts";
import { switchedOff } from "../switches/commands.ts";
import { Mirror, type MirroredRow } from "./mirror.ts";

/** Milliseconds: what a kill of this process may cost of what was only counted. */
const tellAfter = 100;

export class NearState {
  readonly #mirror = new Mirror();
  readonly #keys = new NearKeys(this.#mirror);
  readonly #tell: (use: ToldUse) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param rows of the tables that are mirrored @param tell sends what was done here */
  constructor(rows: readonly MirroredRow[], tell: (use: ToldUse) => void) {
    this.#mirror.take(rows);
    this.#tell = tell;
  }

  /** @param name of a command @returns undefined: it is to be asked */
  answer(name: string, args: unknown): { readonly result: unknown } | undefined {
    const now = Date.now();
    switch (name) {
      case "takeKey": {
        const result = this.#keys.take(args as TakeArgs, now);
        return result && this.#done(result);
      }
      case "giveKey":
        return this.#keys.give(args as GiveArgs) ? this.#done(undefined) : undefined;
      case "listSwitchedOff":
        return {
          result: [...this.#mirror.entries(switchedOff, now)].map(
            ([key, { since }]) => [key, since] as const,
          ),
        };
      default:
        return undefined;
    }
  }

  /** It was asked. */
  learn(name: string, args: unknown, result: unknown): void {
    if (name === "takeKey") this.#keys.learn(args as TakeArgs, result as Taken, Date.now());
  }

  /** Something has changed where the tables are. */
  changed(rows: readonly MirroredRow[]): void {
    for (const [table, key] of rows) if (table === affinities.name) this.#keys.moved(key);
    this.#mirror.take(rows.filter(([table]) => table !== affinities.name));
  }

  /** Tells what was done here, ahead of whatever is said next. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const use = this.#keys.told();
    if (use !== undefined) this.#tell(use);
  }

  #done(result: unknown): { readonly result: unknown } {
    this.#timer ??= setTimeout(() => this.flush(), tellAfter).unref();
    return { result };
  }
}
