/**
 * A worker lets turns in by itself while it has room for them in every budget that applies. It holds a share of what is left, for a second, and tells of each turn before it can
 * end and of its cost a moment after. Near a limit, and where a budget has another route, the process that holds the tables decides.
 */
import type { Mirror } from "../state/mirror.ts";
import { nearLease } from "../state/near-lease.ts";
import { grantLasts, type Granted, type LetIn, type ToldTurns } from "./grants.ts";
import type { Reserved, ReserveArgs } from "./reserve.ts";
import type { SettleArgs } from "./settle.ts";
import { accountOf, reached, type BudgetTerms } from "./tables.ts";

interface Pocket {
  readonly lease: string;
  /** Of the budget, as it was: US dollars. */
  readonly limit: number;
  /** US dollars. */
  left: number;
}

interface Open {
  readonly under: readonly string[];
  readonly amount: number;
}

export interface NearBudgetsOptions {
  readonly mirror: Mirror;
  /** Asks for room. */
  readonly ask: (budgets: readonly BudgetTerms[]) => Promise<readonly Granted[]>;
  /** There is something to be told: before anything that comes over the network is read, or a moment later. */
  readonly wake: (when: "at once" | "soon") => void;
}

export class NearBudgets {
  readonly #options: NearBudgetsOptions;
  readonly #pockets = new Map<string, Pocket>();
  /** Accounts for which room is being asked for. */
  readonly #asking = new Set<string>();
  readonly #open = new Map<string, Open>();
  #letIn: LetIn[] = [];
  #returned: string[] = [];
  #settled: SettleArgs[] = [];

  constructor(options: NearBudgetsOptions) {
    this.#options = options;
  }

  /** @returns undefined: it is to be asked for */
  reserve({ budgets, amount, longest, turn }: ReserveArgs, now: number): Reserved | undefined {
    const under = budgets.map((terms) => accountOf(terms, now).name);
    const pockets = under.map((name, i) => this.#pocket(name, budgets[i]!, amount, now));
    if (!pockets.every((pocket) => pocket !== undefined)) {
      this.#want(budgets, under);
      return undefined;
    }
    for (const pocket of pockets) pocket.left -= amount;
    const lease = nearLease(now);
    this.#open.set(lease, { under, amount });
    const grants = pockets.map((pocket) => pocket.lease);
    this.#letIn.push({ lease, turn, amount, under, grants, until: now + longest });
    this.#options.wake("at once");
    return { kind: "reserved", lease, at: now };
  }

  /** @returns false: it is to be sent */
  settle(args: SettleArgs): boolean {
    const open = this.#open.get(args.lease);
    this.#open.delete(args.lease);
    // What no ledger knows would be lost with this process.
    if (open === undefined || args.kept !== true) return false;
    this.#settled.push(args);
    const more = Math.max(0, ...args.charges.map(({ cost }) => cost)) - open.amount;
    let over = false;
    if (more > 0)
      for (const name of open.under) {
        const pocket = this.#pockets.get(name);
        if (pocket === undefined) continue;
        pocket.left -= more;
        over ||= pocket.left <= 0;
      }
    // It cost more than was held for it: the others are to know how little is left.
    this.#options.wake(over ? "at once" : "soon");
    return true;
  }

  /** Turns that were let in; undefined: none. */
  told(): ToldTurns | undefined {
    const [letIn, returned] = [this.#letIn, this.#returned];
    if (letIn.length === 0 && returned.length === 0) return undefined;
    [this.#letIn, this.#returned] = [[], []];
    return { letIn, returned };
  }

  /** What turns have cost, each once. */
  costs(): readonly SettleArgs[] {
    const settled = this.#settled;
    this.#settled = [];
    return settled;
  }

  #pocket(
    name: string,
    { enforced, limit }: ReserveArgs["budgets"][number],
    amount: number,
    now: number,
  ): Pocket | undefined {
    const pocket = this.#pockets.get(name);
    if (pocket === undefined || !enforced || pocket.limit !== limit) return undefined;
    if (pocket.left <= 0 || amount > pocket.left) return undefined;
    return this.#options.mirror.get(reached, name, now) === undefined ? pocket : undefined;
  }

  /** In the background: the turn that found none has asked for itself. */
  #want(budgets: ReserveArgs["budgets"], under: readonly string[]): void {
    const missing = budgets.filter(
      ({ enforced }, i) => enforced && !this.#pockets.has(under[i]!) && !this.#asking.has(under[i]!),
    );
    if (missing.length === 0) return;
    const names = under.filter((_, i) => missing.includes(budgets[i]!));
    for (const name of names) this.#asking.add(name);
    void this.#fill(missing, names);
  }

  async #fill(budgets: readonly BudgetTerms[], names: readonly string[]): Promise<void> {
    const asked = performance.now();
    try {
      for (const [i, { name, lease, room }] of (await this.#options.ask(budgets)).entries()) {
        this.#pockets.set(name, { lease, limit: budgets[i]!.limit, left: room });
        const left = Math.max(0, grantLasts - (performance.now() - asked));
        setTimeout(() => this.#giveBack(name, lease), left).unref();
      }
    } catch {
      // The state ends.
    } finally {
      for (const name of names) this.#asking.delete(name);
    }
  }

  #giveBack(name: string, lease: string): void {
    if (this.#pockets.get(name)?.lease === lease) this.#pockets.delete(name);
    this.#returned.push(lease);
    this.#options.wake("soon");
  }
}
