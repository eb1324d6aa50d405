/** One small request that is no turn: a search engine's, a call that opens a billing window. */
import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import { BodyCollector } from "../turn/answers/body-collector.ts";
import { inflaterOf } from "../turn/inflate.ts";

/** What is asked so answers with some ten kilobytes. */
const answerLimit = 4 * 1024 * 1024;

export interface OneRequest {
  readonly method: "GET" | "POST";
  /** Added to the base address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface OneAnswer {
  status: number;
  /** Undefined where it is too long. */
  body: string | undefined;
}

/**
 * @param base an address without a trailing slash
 * @throws Error where the connection fails or the signal says so
 */
export const callOnce = (
  dispatcher: Dispatcher,
  base: string,
  request: OneRequest,
  signal: AbortSignal,
): Promise<OneAnswer> =>
  new Promise((resolve, reject) => {
    const url = new URL(base + request.path);
    const handler = new Collecting(resolve, reject);
    if (signal.aborted) return reject(signal.reason as Error);
    const abort = (): void => handler.abort(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    const forget = (): void => signal.removeEventListener("abort", abort);
    handler.onSettled = forget;
    try {
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          headers: {
            accept: "application/json",
            "accept-encoding": "identity",
            ...(request.body !== undefined && { "content-type": "application/json" }),
            ...request.headers,
          },
          ...(request.body !== undefined && { body: request.body }),
        },
        handler,
      );
    } catch (error) {
      handler.onResponseError(undefined, error as Error);
    }
    return undefined;
  });

class Collecting implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: OneAnswer) => void;
  readonly #reject: (error: Error) => void;
  readonly #body = new BodyCollector(answerLimit);
  #status = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #inflater: Transform | undefined;
  #settled = false;
  onSettled: () => void = () => undefined;

  constructor(resolve: (answer: OneAnswer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  abort(reason: Error): void {
    if (!this.#settle()) return;
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error("no longer needed"));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#inflater = inflaterOf(String(headers["content-encoding"] ?? ""));
    this.#inflater?.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#inflater?.on("end", () => this.#end());
    this.#inflater?.on("error", (error) => this.onResponseError(undefined, error));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#inflater === undefined) this.#take(chunk);
    else this.#inflater.write(chunk);
  }

  onResponseEnd(): void {
    if (this.#inflater === undefined) this.#end();
    else this.#inflater.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  #take(chunk: Buffer): void {
    if (this.#settled || this.#body.push(chunk)) return;
    this.#settle();
    this.#resolve({ status: this.#status, body: undefined });
    this.#controller?.abort(new Error("the answer is too long"));
  }

  #end(): void {
    if (this.#settle()) this.#resolve({ status: this.#status, body: this.#body.text() });
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.onSettled();
    this.#inflater?.destroy();
    return true;
  }
}
