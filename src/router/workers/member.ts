/** One worker, as the process that began it sees it. */
import type { Worker } from "node:cluster";
import { SwitchyardError } from "../../shared/errors.ts";
import { errorOf, type Asked, type Begin, type Figures, type FromWorker, type ToWorker } from "./messages.ts";

/** From its fork to its first word, and from there to its listening: a machine may be very busy; milliseconds. */
const begins = 60_000;

export class Member {
  readonly pid: number | undefined;
  /** As it last told. */
  figures: Figures = { inFlight: 0, resident: 0, processor: 0 };
  /** Since when it serves, milliseconds since the epoch. One that ends before is not replaced: its start has failed. */
  served: number | undefined;
  /** Resolves with the reason when it has ended. */
  readonly gone: Promise<string>;
  readonly #worker: Worker;
  readonly #up: Promise<void>;
  readonly #asked = new Map<number, (problem: SwitchyardError | undefined) => void>();
  #number = 0;
  #begun = false;
  /** Why it has. */
  #ended: string | undefined;

  /** @param tell told of what is no answer */
  constructor(worker: Worker, tell: (message: FromWorker) => void) {
    this.#worker = worker;
    this.pid = worker.process.pid;
    const { promise: up, resolve } = Promise.withResolvers<void>();
    this.#up = up;
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "up") resolve();
      else if (message.kind === "done") this.#done(message);
      else tell(message);
    });
    worker.on("error", () => undefined);
    this.gone = new Promise((ended) => {
      worker.once("exit", (status: number | null, signal: string | null) =>
        ended(signal ?? `exit status ${status ?? "unknown"}`),
      );
    });
    void this.#leave(resolve);
  }

  async #leave(up: () => void): Promise<void> {
    this.#ended = await this.gone;
    up();
    for (const answer of this.#asked.values()) answer(undefined);
    this.#asked.clear();
  }

  /** Tells it what it needs, once it can hear. @returns why it does not serve; undefined: it does */
  async begin(how: () => Begin): Promise<SwitchyardError | undefined> {
    await this.#up;
    const asked = this.#ask({ kind: "begin", begin: how() });
    // What all are told comes behind it.
    this.#begun = true;
    const problem = await Promise.race([
      asked,
      this.#late(begins, new SwitchyardError("internal", { detail: "a worker does not begin" })),
    ]);
    return this.#ended === undefined
      ? problem
      : new SwitchyardError("internal", { detail: `a worker has ended: ${this.#ended}` });
  }

  /** @param within milliseconds; undefined: as long as it lives @returns its problem; one that has ended has none */
  async ask(asked: Asked, within?: number): Promise<SwitchyardError | undefined> {
    if (!this.#begun) return undefined;
    const answer = this.#ask(asked);
    return within === undefined ? answer : Promise.race([answer, this.#late(within, undefined)]);
  }

  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
  }

  kill(): void {
    this.#worker.process.kill("SIGKILL");
  }

  #ask(asked: Asked): Promise<SwitchyardError | undefined> {
    if (this.#ended !== undefined || !this.#worker.isConnected()) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const number = ++this.#number;
      this.#asked.set(number, resolve);
      this.send({ number, ...asked });
    });
  }

  #done({ number, figures, problem }: Extract<FromWorker, { kind: "done" }>): void {
    this.figures = figures;
    this.#asked.get(number)?.(problem === undefined ? undefined : errorOf(problem));
    this.#asked.delete(number);
  }

  #late<Given>(milliseconds: number, given: Given): Promise<Given> {
    return new Promise((resolve) => setTimeout(() => resolve(given), milliseconds).unref());
  }
}
