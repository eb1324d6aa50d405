/**
 * One attempt: one call of one target with one key, from dispatch to the end of its answer. Synchronous per chunk. The
 * attempt is settled once: as `done` when the client has its answer, as `failed` while nothing of it was shown.
 */
import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { ProviderConfig } from "../../config/types.ts";
import type { Usage } from "../../protocol/anthropic.ts";
import type { Logger } from "../../shared/log.ts";
import type { DialectContext, EncodedRequest, HttpDialect, UpstreamFailure } from "../dialects/dialect.ts";
import type { ClientForm } from "../inbound/client-form.ts";
import { failureOf, failureOfError, isLostConnection, redirected } from "../upstream/failures.ts";
import { ErrorAnswer, type AnswerHeaders } from "./answers/error-answer.ts";
import type { AnswerHost, AnswerReader } from "./answers/reader.ts";
import { streamAnswer } from "./answers/stream-answer.ts";
import { CollectedStream, WholeAnswer } from "./answers/whole-answer.ts";
import { inflaterOf } from "./inflate.ts";
import type { Outcome } from "./outcome.ts";
import type { Reply } from "./reply.ts";
import { TickChunks } from "./tick-chunks.ts";
import { Watch } from "./watch.ts";

/** What a provider may still send after the answer was complete before its connection is dropped. */
const tailLimit = 64 * 1024;

/** The client's reply as far as one call of a provider has to do with it. */
export type AttemptReply = Pick<
  Reply,
  "write" | "end" | "send" | "ending" | "onAbort" | "onCut" | "onDrain" | "extraHeaders"
>;

export interface AttemptOptions {
  readonly dialect: HttpDialect;
  readonly context: DialectContext;
  readonly client: ClientForm;
  /** URL of the proxy that the configuration names for the provider or the key. */
  readonly proxy?: string | undefined;
  readonly reply: AttemptReply;
  /** Takes secrets out of what a provider says in the middle of a stream. */
  readonly redact: (text: string) => string;
  readonly log: Logger;
  readonly settle: (outcome: Outcome) => void;
}

export class Attempt implements Dispatcher.DispatchHandler, AnswerHost {
  readonly dialect: HttpDialect;
  readonly context: DialectContext;
  readonly client: ClientForm;
  readonly redact: (text: string) => string;
  readonly #proxy: string | undefined;
  readonly #reply: AttemptReply;
  readonly #log: Logger;
  readonly #settle: (outcome: Outcome) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #reader: AnswerReader | undefined;
  readonly #chunks = new TickChunks((bytes) => this.#received(bytes));
  #tail = 0;
  #inflater: Transform | undefined;
  #watch: Watch | undefined;
  /** The answer comes in lines: only a whole one is a sign of life. */
  #streamed = false;
  #startedAt = 0;
  settled = false;
  firstToken: number | undefined;
  /** The provider's own id of its answer, where it gave one. */
  providerRequestId: string | undefined;

  // No functions that are written where they are assigned to a property: V8 makes such a function old at once, for it takes it for a method that is there to stay, and with it
  // lives all that it knows, here the whole turn, until the whole heap is collected.
  readonly #onAbort = (): void => this.abort({ kind: "aborted" });
  readonly #onCut = (failure: UpstreamFailure): void => this.#broken(failure);
  readonly #onDrain = (): void => this.#resume();

  constructor(options: AttemptOptions) {
    this.dialect = options.dialect;
    this.context = options.context;
    this.client = options.client;
    this.redact = options.redact;
    this.#proxy = options.proxy;
    this.#reply = options.reply;
    this.#log = options.log;
    this.#settle = options.settle;
  }

  /** What the provider has reported so far; undefined: nothing. */
  get usage(): Usage | undefined {
    return this.#reader?.usage;
  }

  get where(): string {
    const { provider } = this.context;
    const through = this.#proxy === undefined ? "" : `, through the proxy ${withoutLogin(this.#proxy)}`;
    return `${provider.name} (${new URL(provider.baseUrl).origin}${through})`;
  }

  /** Sends the request. Errors of dispatching itself come out as a failed attempt too. */
  start(dispatcher: Dispatcher, request: EncodedRequest, credentials: Record<string, string>): void {
    const { provider } = this.context;
    const base = addressOf(provider);
    this.#reply.onAbort = this.#onAbort;
    this.#reply.onCut = this.#onCut;
    this.#reply.onDrain = this.#onDrain;
    this.#reply.extraHeaders = undefined;
    this.#startedAt = performance.now();
    this.#watch = new Watch(provider.timeouts, (what) => this.#timedOut(what));
    try {
      dispatcher.dispatch(
        {
          origin: base.origin,
          path: `${base.path}${request.path}`,
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: this.context.stream ? "text/event-stream" : "application/json",
            // A compressed stream would arrive in lumps.
            "accept-encoding": "identity",
            ...request.headers,
            ...provider.headers,
            ...credentials,
          },
          body: request.body,
        },
        this,
      );
    } catch (error) {
      this.onResponseError(undefined, error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.settled) controller.abort(new Error("the client has gone"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) return;
    this.#controller = controller;
    this.#watch?.resume();
    const id = headers["request-id"] ?? headers["x-request-id"];
    if (typeof id === "string") this.providerRequestId = id;
    this.#inflater = inflaterOf(String(headers["content-encoding"] ?? ""));
    this.#inflater?.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#inflater?.on("end", () => this.#end());
    this.#inflater?.on("error", (error) => this.#lost(error));
    this.#reply.extraHeaders = this.dialect.answerHeaders?.(headers, this.context);
    const type = String(headers["content-type"] ?? "");
    this.#streamed = status < 300 && /^text\/event-stream/i.test(type);
    if (status >= 400) this.#reader = new ErrorAnswer(this, status, headers, this.#reply.extraHeaders);
    else if (status >= 300) {
      const failure = redirected(status, String(headers["location"] ?? ""), this.where);
      this.abort({ kind: "failed", failure });
    } else if (!this.#streamed) this.#reader = new WholeAnswer(this, type);
    else this.#reader = this.context.stream ? streamAnswer(this) : new CollectedStream(this);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.settled) {
      this.#tail += chunk.length;
      if (this.#tail > tailLimit) this.#controller?.abort(new Error("the answer was complete"));
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#chunks.flush();
    if (this.#inflater === undefined) this.#end();
    else this.#inflater.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#chunks.flush();
    this.#lost(error);
  }

  // ——— what happens to the answer

  /** The bytes of one tick. */
  #received(bytes: Buffer): void {
    if (this.settled) return;
    this.#watch?.saw(bytes, this.#streamed);
    if (this.#inflater === undefined) this.#take(bytes);
    else this.#inflater.write(bytes);
  }

  #take(chunk: Buffer): void {
    if (this.settled) return;
    try {
      this.#reader?.push(chunk);
    } catch (error) {
      this.#fault(error);
    }
  }

  #end(): void {
    if (this.settled) return;
    try {
      this.#reader?.end();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** The connection broke, or what came over it cannot be unpacked. */
  #lost(error: unknown): void {
    if (this.settled) return;
    const failure = failureOfError(error, this.where, this.#reader !== undefined);
    if (this.#reader !== undefined) this.#reader.broken(failure);
    else this.finish({ kind: "failed", failure, lost: isLostConnection(error) });
  }

  #timedOut(what: "idle" | "total"): void {
    const { timeouts } = this.context.provider;
    const which =
      what === "idle"
        ? `timeouts.idle: ${timeouts.idle / 1000} s without an event`
        : `timeouts.total: ${timeouts.total / 1000} s`;
    this.#broken(failureOf("upstream.timeout", `${this.where} (${which})`));
    this.#controller?.abort(new Error("it took too long"));
  }

  /** A defect of ours: the turn goes on with the next target, and the log has the place. */
  #fault(error: unknown): void {
    this.#log.error({ err: error, provider: this.context.provider.name }, "an answer could not be read");
    this.#broken(failureOf("internal", `reading the answer of ${this.where}`));
  }

  #broken(failure: UpstreamFailure): void {
    if (this.settled) return;
    if (this.#reader === undefined) this.abort({ kind: "failed", failure });
    else this.#reader.broken(failure);
  }

  // ——— for the reader of the answer

  write(part: string | Buffer): boolean {
    this.firstToken ??= performance.now() - this.#startedAt;
    return this.#reply.write(part);
  }

  endReply(): void {
    this.#reply.end();
  }

  ending(outcome: Outcome): void {
    this.#reply.ending(outcome);
  }

  send(body: string | Buffer): void {
    this.#reply.send(200, body);
  }

  pause(): void {
    this.#controller?.pause();
    this.#watch?.pause();
  }

  #resume(): void {
    this.#controller?.resume();
    this.#watch?.resume();
  }

  abort(outcome: Outcome): void {
    this.finish(outcome);
    this.#controller?.abort(new Error("no longer needed"));
  }

  finish(outcome: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    this.#reply.onAbort = undefined;
    this.#reply.onCut = undefined;
    this.#reply.onDrain = undefined;
    this.#inflater?.destroy();
    this.#watch?.end();
    // What follows the end of a complete answer is read and dropped, so that the connection can be used again.
    this.#controller?.resume();
    this.#settle(outcome);
  }
}

/** A proxy's URL may hold a name and a password. */
const withoutLogin = (proxy: string): string => {
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
};

interface Address {
  readonly origin: string;
  /** Without a slash at its end. */
  readonly path: string;
}

/** Parsed once: a provider of a configuration never changes. */
const addresses = new WeakMap<ProviderConfig, Address>();

const addressOf = (provider: ProviderConfig): Address => {
  let address = addresses.get(provider);
  if (address === undefined) {
    const { origin, pathname } = new URL(provider.baseUrl);
    addresses.set(provider, (address = { origin, path: pathname.replace(/\/+$/, "") }));
  }
  return address;
};
