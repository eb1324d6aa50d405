/** What is asked of the state to show how all budgets stand. */
import type { Config } from "../../config/types.ts";
import type { ClientKeyRecord } from "../../shared/client-keys.ts";
import { keyBudget, termsFor } from "./terms-of.ts";
import type { ViewArgs } from "./view.ts";

/** Budgets of the configuration, then those of the keys that are valid. */
export const viewArgs = (config: Config, keys: readonly ClientKeyRecord[]): ViewArgs => ({
  budgets: [
    ...config.budgets.map((budget) => {
      const { terms } = termsFor(budget, null);
      return { ...terms, of: budget.scope === "all" ? [null] : budget.which };
    }),
    ...keys.flatMap(({ name, budget, revokedAt }) =>
      budget === null || revokedAt !== null ? [] : [{ ...keyBudget(name, budget), of: [name] }],
    ),
  ],
});
