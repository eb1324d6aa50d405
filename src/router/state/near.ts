/**
 * What a worker answers by itself, of a state that another process holds: a question to it wakes two processes, which costs more than all else that a turn asks. What was
 * answered here is told in one go a moment later, or with the next question.
 */
import { messageOf } from "../../shared/errors.ts";
import { grantRoom, toldTurns } from "../budgets/grants.ts";
import { NearBudgets } from "../budgets/near.ts";
import type { ReserveArgs } from "../budgets/reserve.ts";
import { settleAll, type SettleArgs } from "../budgets/settle.ts";
import { logWarning } from "../budgets/warnings.ts";
import { NearKeys } from "../keys/near.ts";
import { affinities } from "../keys/tables.ts";
import type { GiveArgs, TakeArgs, Taken } from "../keys/terms.ts";
import { toldUse } from "../keys/told.ts";
import type { Logger } from "../../shared/log.ts";
import { switchedOff } from "../switches/commands.ts";
import { Mirror, type MirroredRow } from "./mirror.ts";
import type { RouterState, StateCommand } from "./state.ts";

/** Milliseconds: what a kill of this process may cost of what was only counted. */
const tellAfter = 100;

export interface NearStateOptions {
  /** Sends what is not answered. */
  readonly tell: <Args>(command: StateCommand<Args, unknown>, args: Args) => void;
  /** Asks where the tables are. */
  readonly ask: RouterState["call"];
  readonly log: Pick<Logger, "warn">;
}

export class NearState {
  readonly #mirror = new Mirror();
  readonly #keys = new NearKeys(this.#mirror);
  readonly #budgets: NearBudgets;
  readonly #options: NearStateOptions;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #settling: Promise<void> = Promise.resolve();

  /** @param rows of the tables that are mirrored */
  constructor(rows: readonly MirroredRow[], options: NearStateOptions) {
    this.#mirror.take(rows);
    this.#options = options;
    this.#budgets = new NearBudgets({
      mirror: this.#mirror,
      ask: (budgets) => options.ask(grantRoom, { budgets }),
      wake: (when) => {
        if (when === "soon") this.#later();
        else this.#soon ??= setImmediate(() => this.flush());
      },
    });
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
      case "budgets.reserve": {
        const result = this.#budgets.reserve(args as ReserveArgs, now);
        return result && { result };
      }
      case "budgets.settle":
        return this.#budgets.settle(args as SettleArgs) ? { result: [] } : undefined;
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
    clearImmediate(this.#soon);
    [this.#timer, this.#soon] = [undefined, undefined];
    const { tell } = this.#options;
    const use = this.#keys.told();
    if (use !== undefined) tell(toldUse, use);
    const turns = this.#budgets.told();
    if (turns !== undefined) tell(toldTurns, turns);
    const costs = this.#budgets.costs();
    if (costs.length > 0) this.#settling = this.#settle(costs);
  }

  /** Tells all, and waits until it is counted. */
  async end(): Promise<void> {
    this.flush();
    await this.#settling;
  }

  /** Asked, not told: it is asked again where the one that holds the tables ends meanwhile. */
  async #settle(turns: readonly SettleArgs[]): Promise<void> {
    const { ask, log } = this.#options;
    const before = this.#settling;
    try {
      for (const warning of await ask(settleAll, { turns })) logWarning(log, warning);
    } catch (error) {
      log.warn(
        { code: "budget.untold", count: turns.length, reason: messageOf(error) },
        "what the last turns cost could not be told; the ledger knows them",
      );
    }
    await before;
  }

  #done(result: unknown): { readonly result: unknown } {
    this.#later();
    return { result };
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.flush(), tellAfter).unref();
  }
}
