/** What was spent, by the ledger's word: for a router whose state was lost, or that was killed before it could write the last turns down. */
import type { BudgetConfig, Config } from "../../config/types.ts";
import type { ClientKeyRecord } from "../../shared/client-keys.ts";
import type { RouterState } from "../state/state.ts";
import { accountOf, type BudgetTerms } from "./tables.ts";
import { counts, keyBudget, termsFor } from "./terms-of.ts";
import { restoreSpending } from "./view.ts";

/**
 * US dollars since an instant, by name. `all`: one sum under the empty name.
 * @param since milliseconds since the epoch
 */
export type SpentSince = (
  by: "all" | "provider" | "profile" | "clientKey",
  since: number,
) => Promise<ReadonlyMap<string, number>>;

export interface RestoreOptions {
  readonly config: Config;
  readonly keys: readonly ClientKeyRecord[];
  readonly state: RouterState;
  readonly spent: SpentSince;
  /** Budgets that were counted so far. What they have counted stands: of turns that end just now the ledger knows first. */
  readonly before?: readonly BudgetConfig[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** It only ever raises what was spent. To be called before turns are counted in these budgets: the ledger knows of a turn sooner than they do. */
export const restoreBudgets = async ({
  config,
  keys,
  state,
  spent,
  before = [],
  now,
}: RestoreOptions): Promise<void> => {
  const found: { terms: BudgetTerms; amount: number }[] = [];
  for (const budget of config.budgets) {
    const { terms } = termsFor(budget, null);
    for (const [name, amount] of await spent(budget.scope, accountOf(terms, now).period.start)) {
      if (!counts(budget, name) || before.some((each) => isSame(each, budget) && counts(each, name)))
        continue;
      found.push({ terms: { ...terms, of: budget.scope === "all" ? null : name }, amount });
    }
  }
  for (const { name, budget } of keys) {
    if (budget === null) continue;
    const terms = keyBudget(name, budget);
    const sums = await spent("clientKey", accountOf(terms, now).period.start);
    found.push({ terms, amount: sums.get(name) ?? 0 });
  }
  await state.call(restoreSpending, {
    budgets: found.map(({ terms }) => terms),
    spent: found.map(({ amount }) => amount),
  });
};

/** They are counted in one account. */
const isSame = (one: BudgetConfig, other: BudgetConfig): boolean =>
  one.name === other.name &&
  one.scope === other.scope &&
  one.per === other.per &&
  one.timezone === other.timezone;
