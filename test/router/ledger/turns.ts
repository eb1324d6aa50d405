/** Turns for tests of the ledger. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLedger, type Ledger } from "../../../src/router/ledger/ledger.ts";
import type { Keeping } from "../../../src/router/ledger/queries.ts";
import type { TurnRecord } from "../../../src/router/ledger/record.ts";
import { closing } from "../../support/open.ts";
import { turnRecord } from "../../support/turns.ts";

export const hour = 3_600_000;
export const day = 24 * hour;
/** Noon of a Saturday in winter. */
export const noon = Date.parse("2026-11-21T12:00:00Z");
export const keeping: Keeping = { retention: 90 * day, totals: 730 * day };

let made = 0;

/** Each has an id of its own. */
export const turn = (fields: Partial<TurnRecord> = {}): TurnRecord =>
  turnRecord({
    id: `req_${String(++made).padStart(24, "0")}`,
    at: noon,
    session: "s1",
    target: "up,m1",
    attempts: [{ target: "up,m1", key: "…f3a1", result: "served", status: 200, duration: 900 }],
    tokens: { input: 100, output: 20, cacheWrite: 3, cacheRead: 7, reasoning: 5 },
    firstToken: 300,
    duration: 1_000,
    ...fields,
  });

export interface TestLedger {
  readonly ledger: Ledger;
  readonly folder: string;
  /** What the log was told. */
  readonly said: string[];
  /** Another router on the same folder. */
  another(): Ledger;
  /** The clock. */
  now: number;
}

/** @param inMemory without a folder */
export const testLedger = (options: { inMemory?: boolean; keeping?: Keeping } = {}): TestLedger => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-ledger-"));
  closing({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  const said: string[] = [];
  const tell = (_fields: unknown, text: string): void => void said.push(text);
  const open = (): Ledger =>
    closing(
      createLedger({
        folder: options.inMemory === true ? undefined : folder,
        keeping: options.keeping ?? keeping,
        log: { warn: tell, error: tell } as never,
        now: () => tested.now,
      }),
    );
  const tested: TestLedger = {
    get ledger() {
      return first;
    },
    folder,
    said,
    another: open,
    now: noon + hour,
  };
  const first = open();
  return tested;
};
