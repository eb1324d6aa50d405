/** The router's side of the ledger's thread, which is begun with the first question. */
import { Worker } from "node:worker_threads";
import { compileCacheVariable } from "../../shared/compile-cache.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { LedgerCall, LedgerCalls } from "./queries.ts";
import type { CallTime } from "./store/store.ts";
import type { FromLedger, ThreadData, ToLedger, Warn } from "./thread-messages.ts";

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const send = (worker: Worker, message: ToLedger): void => {
  worker.postMessage(message, []);
};

const failed = (reason: string): SwitchyardError => new SwitchyardError("ledger.failed", { detail: reason });

export class LedgerThread {
  readonly #data: ThreadData;
  readonly #warn: Warn;
  #worker: Worker | undefined;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;

  /** @param warn told of damage, and of a clock that jumped */
  constructor(data: ThreadData, warn: Warn) {
    this.#data = data;
    this.#warn = warn;
  }

  get begun(): boolean {
    return this.#worker !== undefined;
  }

  /** @throws SwitchyardError ledger.failed */
  call<Name extends LedgerCall>(
    name: Name,
    args: LedgerCalls[Name]["args"],
    time: CallTime,
  ): Promise<LedgerCalls[Name]["result"]> {
    const worker = (this.#worker ??= this.#begin());
    const call = ++this.#calls;
    // It keeps the process only while somebody waits for it.
    worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve: resolve as (result: unknown) => void, reject });
      send(worker, { call, name, args, time });
    });
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #begin(): Worker {
    const zone = process.env["TZ"];
    const worker = new Worker(new URL("ledger-thread.ts", import.meta.url), {
      workerData: this.#data,
      // No key is its business; days begin by the machine's zone.
      env: { ...compileCacheVariable(), ...(zone !== undefined && { TZ: zone }) },
      argv: [],
      execArgv: ["--disable-warning=ExperimentalWarning"],
      name: "ledger",
    });
    const lost = (reason: string): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#pending.values()) reject(failed(reason));
      this.#pending.clear();
    };
    worker.on("message", (message: FromLedger) => {
      if ("warned" in message) {
        this.#warn(...message.warned);
        return;
      }
      const pending = this.#pending.get(message.call);
      this.#pending.delete(message.call);
      if (this.#pending.size === 0) worker.unref();
      if ("failed" in message) pending?.reject(failed(message.failed));
      else pending?.resolve(message.result);
    });
    worker.on("error", (error: Error) => lost(error.message));
    worker.on("exit", () => lost("its thread has ended"));
    return worker;
  }
}
