/** Budgets take up what the ledger knows: the state may have been lost, or the router killed before it wrote the last turns down. */
import { isDeepStrictEqual } from "node:util";
import type { BudgetConfig, Config } from "../../config/types.ts";
import { messageOf } from "../../shared/errors.ts";
import type { RouterContext } from "../endpoints/context.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { restoreBudgets, type SpentSince } from "./restore.ts";

/** Sums of the ledger. A turn without a name (no key, no profile) belongs to none. */
const spentIn =
  (ledger: Pick<Ledger, "usage">): SpentSince =>
  async (by, since) => {
    const { rows, total } = await ledger.usage({
      by: by === "all" ? "provider" : by === "clientKey" ? "key" : by,
      since,
    });
    if (by === "all") return new Map([["", total.cost ?? 0]]);
    return new Map(rows.flatMap(({ name, cost }) => (name === null ? [] : [[name, cost ?? 0] as const])));
  };

type Restored = Pick<RouterContext, "config" | "clients" | "state" | "ledger" | "log">;

/** To be called before the first turn comes. Never rejects: a ledger that cannot be read is told of, and budgets go by the state alone. */
export const restoreFromLedger = async (context: Restored): Promise<void> => {
  if (context.ledger?.folder === undefined) return;
  // Whoever holds the tables has taken it up, and counted since.
  if (!context.state.joined) await takeUp(context);
};

/**
 * The same of a configuration that is read while the router runs: a budget that is new in it, or has another name, period or zone, knows what was spent before. To be called right
 * before it comes into force: what ends between, such a budget learns at the next start.
 * @param config the next one
 */
export const restoreChanged = async (context: Restored, config: Config): Promise<void> => {
  const before = context.config.budgets;
  if (!isDeepStrictEqual(config.budgets, before)) await takeUp({ ...context, config }, before);
};

const takeUp = async (
  { config, clients, state, ledger, log }: Restored,
  before?: readonly BudgetConfig[],
): Promise<void> => {
  // A file of keys that is damaged was told of: what it said before counts. Budgets of keys are no part of a configuration.
  const keys = before === undefined ? clients.records() : [];
  if (ledger === undefined) return;
  if (config.budgets.length === 0 && keys.every(({ budget }) => budget === null)) return;
  try {
    await restoreBudgets({
      config,
      keys,
      state,
      spent: spentIn(ledger),
      ...(before !== undefined && { before }),
      now: Date.now(),
    });
  } catch (error) {
    log.warn(
      { code: "budget.notRestored", reason: messageOf(error) },
      "what was spent before could not be read from the ledger: budgets go by what the router remembers itself",
    );
  }
};
