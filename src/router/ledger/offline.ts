/** A ledger whose router has ended, read where it lies. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { UsageAnswer, UsageQuestion } from "../../shared/usage.ts";
import { hourOf } from "./segments.ts";
import { databaseFile, LedgerStore } from "./store/store.ts";

const day = 24 * 3_600_000;

/**
 * What a ledger of this machine says, with what is left in its journal.
 * @returns undefined where there is none
 * @throws what SQLite or the file system says
 */
export const readUsage = (folder: string, question: UsageQuestion): UsageAnswer | undefined => {
  const there =
    existsSync(join(folder, databaseFile)) ||
    (existsSync(folder) && readdirSync(folder).some((name) => hourOf(name) !== undefined));
  if (!there) return undefined;
  const store = new LedgerStore({ folder, warn: () => undefined });
  try {
    // A question removes nothing, whatever is to be kept.
    const keeping = { retention: 90 * day, totals: 730 * day };
    return store.call("usage", question, { now: Date.now(), keeping });
  } finally {
    store.close();
  }
};
