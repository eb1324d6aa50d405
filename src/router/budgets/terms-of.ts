/** From the configuration's budgets, and a client key's own, to those that apply to a turn. */
import type { BudgetConfig, Config, Target } from "../../config/types.ts";
import { machineZone } from "../../config/hours.ts";
import type { ClientKeyTerms } from "../../shared/client-keys.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import type { BudgetTerms } from "./tables.ts";

/** Who spends. */
export interface Spender {
  readonly client: ClientIdentity | undefined;
  readonly profile: string | undefined;
}

export interface TurnBudget {
  readonly terms: BudgetTerms;
  /** What serves once the limit is reached; empty: the turn is refused. */
  readonly use: readonly Target[];
}

/** A key's own budget. Names of the configuration's have no slash before them. */
export const keyBudget = (name: string, budget: NonNullable<ClientKeyTerms["budget"]>): BudgetTerms => ({
  name: `/key ${name}`,
  of: name,
  timezone: machineZone(),
  ...budget,
  warnAt: [0.5, 0.8],
});

export const termsFor = (budget: BudgetConfig, of: string | null): TurnBudget => ({
  terms: {
    name: budget.name,
    of,
    limit: budget.limit,
    per: budget.per,
    timezone: budget.timezone,
    warnAt: budget.warnAt,
  },
  use: budget.use,
});

/** Whether a budget counts what this provider, profile or client key spends. */
export const counts = ({ which }: BudgetConfig, name: string): boolean =>
  which.length === 0 || which.includes(name);

/** Those that apply whatever target answers. */
export const budgetsOfTurn = (config: Config, { client, profile }: Spender): TurnBudget[] => {
  const found: TurnBudget[] = [];
  for (const budget of config.budgets) {
    if (budget.scope === "all") found.push(termsFor(budget, null));
    const of = budget.scope === "clientKey" ? client?.name : budget.scope === "profile" ? profile : undefined;
    if (of !== undefined && counts(budget, of)) found.push(termsFor(budget, of));
  }
  const own = client?.terms?.budget;
  if (client !== undefined && own) found.push({ terms: keyBudget(client.name, own), use: [] });
  return found;
};

/** Those of a provider. */
export const budgetsOfProvider = (config: Config, provider: string): TurnBudget[] =>
  config.budgets
    .filter((budget) => budget.scope === "provider" && counts(budget, provider))
    .map((budget) => termsFor(budget, provider));
