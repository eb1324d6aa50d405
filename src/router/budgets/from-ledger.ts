/** Budgets take up what the ledger knows: the state may have been lost, or the router killed before it wrote the last turns down. */
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

/** To be called once, after the start. Never rejects: a ledger that cannot be read is told of, and budgets go by the state alone. */
export const restoreFromLedger = async ({
  config,
  clients,
  state,
  ledger,
  log,
}: Pick<RouterContext, "config" | "clients" | "state" | "ledger" | "log">): Promise<void> => {
  const keys = clients.list();
  if (ledger?.folder === undefined) return;
  // Whoever holds the tables has taken it up, and counted since.
  if (state.joined) return;
  if (config.budgets.length === 0 && keys.every(({ budget }) => budget === null)) return;
  try {
    await restoreBudgets({ config, keys, state, spent: spentIn(ledger), now: Date.now() });
  } catch (error) {
    log.warn(
      { code: "budget.notRestored", reason: messageOf(error) },
      "what was spent before could not be read from the ledger: budgets go by what the router remembers itself",
    );
  }
};
