/** The thread that holds the ledger's database: no query holds up a turn. Only started by thread.ts. */
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../shared/errors.ts";
import { LedgerStore } from "./store/store.ts";
import type { FromLedger, ThreadData, ToLedger } from "./thread-messages.ts";

const port = parentPort;
if (port === null) throw new Error("ledger-thread.ts runs as a worker thread only");
const say = (message: FromLedger): void => port.postMessage(message);

const { folder } = workerData as ThreadData;
const store = new LedgerStore({ folder, warn: (...warned) => say({ warned }) });

port.on("message", ({ call, name, args, time }: ToLedger) => {
  try {
    if (name === "close") {
      store.call("ingest", undefined, time);
      store.close();
      say({ call, result: undefined });
      port.close();
    } else say({ call, result: store.call(name, args, time) });
  } catch (error) {
    say({ call, failed: messageOf(error) });
  }
});
// As in bin/start.mjs: one that is killed should have left its cache for the next.
setTimeout(flushCompileCache, 1500).unref();
