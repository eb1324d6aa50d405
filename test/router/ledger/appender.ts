/**
 * A process that appends turns to a ledger as fast as it can, until it is killed: `node appender.ts FOLDER NAME HOW`. The file `NAME.said` gets the
 * ids of what was appended, one a line, each after the call has returned.
 *
 * HOW is `thread`: the ledger as a router has it; or `alone`: its journal and its store without the thread, which takes most of such a
 * process's start.
 */
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { TurnRecord } from "../../../src/router/ledger/record.ts";
import { turnRecord } from "../../support/turns.ts";

const [folder = "", name = "", how = ""] = process.argv.slice(2);
const day = 86_400_000;
const keeping = { retention: 90 * day, totals: 730 * day };
const log = { warn: () => undefined, error: () => undefined };

interface Appender {
  append(record: TurnRecord): void;
  /** Has the database take what there is. */
  take(): void;
}

const inThread = async (): Promise<Appender> => {
  const { createLedger } = await import("../../../src/router/ledger/ledger.ts");
  const ledger = createLedger({ folder, keeping, log });
  await ledger.turn("");
  return {
    append: (record) => ledger.append(record),
    take: () => void ledger.turn("").catch(() => undefined),
  };
};

const alone = async (): Promise<Appender> => {
  const [{ Journal }, { encodeTurn }, { LedgerStore }] = await Promise.all([
    import("../../../src/router/ledger/journal.ts"),
    import("../../../src/router/ledger/line.ts"),
    import("../../../src/router/ledger/store/store.ts"),
  ]);
  const journal = new Journal({ folder, log, now: Date.now });
  const store = new LedgerStore({ folder, warn: () => undefined });
  return {
    append: (record) => journal.append(encodeTurn(record)),
    take: () => store.call("ingest", undefined, { now: Date.now(), keeping }),
  };
};

const appender = await (how === "thread" ? inThread() : alone());
const said = openSync(join(folder, `${name}.said`), "a");
writeSync(1, "begun\n");

for (let n = 0; ; n++) {
  const id = `${name}-${n}`;
  appender.append(
    turnRecord({
      id,
      at: Date.now(),
      session: name,
      target: `up,m${n % 3}`,
      tokens: { input: n, output: 1, cacheWrite: 0, cacheRead: 0, reasoning: 0 },
    }),
  );
  writeSync(said, `${id}\n`);
  if (n % 20 === 19) appender.take();
  await setImmediate();
}
