/**
 * One attempt: one call of one target with one key, from dispatch to the end of its answer. Synchronous per chunk. The
 * attempt is settled once: as `done` when the client has its answer, as `failed` while nothing of it was shown.
 */
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { ProviderConfig } from "../../config/types.ts";
import type { Usage } from "../../protocol/anthropic.ts";
import type {
  DialectContext,
  EncodedRequest,
  HttpDialect,
  StreamDecoder,
  StreamTap,
  UpstreamFailure,
} from "../dialects/dialect.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import { errorEvent, StreamSink } from "../sinks/stream-sink.ts";
import { failureOfError, notProtocol } from "../upstream/failures.ts";
import { BodyCollector } from "./body-collector.ts";
import type { Reply } from "./reply.ts";

export type Outcome =
  | { kind: "done"; usage: Usage | undefined; stopReason: string | undefined }
  /** Nothing was shown to the client. */
  | { kind: "failed"; failure: UpstreamFailure; headSeen: boolean }
  /** The client saw a part, and was told of the failure. */
  | { kind: "cut"; failure: UpstreamFailure; usage: Usage | undefined }
  | { kind: "aborted" };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const errorBodyLimit = 1024 * 1024;
const answerLimit = 256 * 1024 * 1024;
/** What a provider may still send after the answer was complete before its connection is dropped. */
const tailLimit = 64 * 1024;

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #dialect: HttpDialect;
  readonly #context: DialectContext;
  readonly #reply: Reply;
  readonly #settle: (outcome: Outcome) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #headSeen = false;
  #tail = 0;
  #onChunk: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #inflater: Transform | undefined;

  constructor(
    dialect: HttpDialect,
    context: DialectContext,
    reply: Reply,
    settle: (outcome: Outcome) => void,
  ) {
    this.#dialect = dialect;
    this.#context = context;
    this.#reply = reply;
    this.#settle = settle;
  }

  /** Sends the request. Errors of dispatching itself come out as a failed attempt too. */
  start(dispatcher: Dispatcher, request: EncodedRequest, credentials: Record<string, string>): void {
    const base = new URL(this.#context.provider.baseUrl);
    this.#reply.onAbort = () => this.#abort({ kind: "aborted" });
    this.#reply.onDrain = () => this.#controller?.resume();
    try {
      dispatcher.dispatch(
        {
          origin: base.origin,
          path: joinPath(base.pathname, request.path),
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: this.#context.stream ? "text/event-stream" : "application/json",
            // A compressed stream would arrive in lumps.
            "accept-encoding": "identity",
            ...request.headers,
            ...this.#context.provider.headers,
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
    if (this.#settled) controller.abort(new Error("the client has gone"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#controller = controller;
    this.#headSeen = true;
    const type = String(headers["content-type"] ?? "");
    this.#inflater = inflaterOf(String(headers["content-encoding"] ?? ""));
    this.#inflater?.on("data", (chunk: Buffer) => this.#onChunk?.(chunk));
    this.#inflater?.on("end", () => this.#onEnd?.());
    this.#inflater?.on("error", (error) => this.#broken(error));

    if (status >= 300) return this.#readError(status, headers);
    const isStream = /^text\/event-stream/i.test(type);
    const tap = this.#dialect.tap?.(this.#context);
    if (isStream && this.#context.stream && tap !== undefined) return this.#passStream(tap);
    if (isStream) return this.#decodeStream();
    return this.#readWhole(type, headers, tap !== undefined);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) {
      this.#tail += chunk.length;
      if (this.#tail > tailLimit) this.#controller?.abort(new Error("the answer was complete"));
      return;
    }
    if (this.#inflater === undefined) this.#onChunk?.(chunk);
    else this.#inflater.write(chunk);
  }

  onResponseEnd(): void {
    if (this.#inflater === undefined) this.#onEnd?.();
    else this.#inflater.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#broken(error);
  }

  /** What is to be done when the connection breaks; replaced once something was shown. */
  #broken = (error: unknown): void => {
    this.#finish({
      kind: "failed",
      failure: failureOfError(error, this.#where(), this.#headSeen),
      headSeen: this.#headSeen,
    });
  };

  // ——— error answers

  #readError(status: number, headers: Headers): void {
    const body = new BodyCollector(errorBodyLimit);
    this.#onChunk = (chunk) => body.push(chunk);
    this.#onEnd = () => {
      const failure = this.#dialect.decodeError(status, headers, body.text());
      this.#finish({ kind: "failed", failure, headSeen: true });
    };
  }

  // ——— bytes through

  #passStream(tap: StreamTap): void {
    let held: Buffer[] | undefined = [];
    const cut = (failure: UpstreamFailure): void => {
      // The blank line ends whatever event was cut in two.
      if (!tap.errorSent) this.#reply.write(`\n\n${errorEvent(failure)}`);
      this.#reply.end();
      this.#finish({ kind: "cut", failure, usage: tap.usage });
    };
    this.#onChunk = (chunk) => {
      tap.push(chunk);
      if (held !== undefined) {
        held.push(chunk);
        if (tap.failure !== undefined && !tap.started)
          return this.#abort({ kind: "failed", failure: tap.failure, headSeen: true });
        if (!tap.started) return undefined;
        chunk = held.length === 1 ? chunk : Buffer.concat(held);
        held = undefined;
        this.#broken = (error) => cut(failureOfError(error, this.#where(), true));
      }
      if (!this.#reply.write(chunk)) this.#controller?.pause();
      return undefined;
    };
    this.#onEnd = () => {
      tap.end();
      if (!tap.started) {
        const failure = tap.failure ?? failureOfError(new Error("empty"), this.#where(), true);
        return this.#finish({ kind: "failed", failure, headSeen: true });
      }
      if (tap.failure !== undefined) return cut(tap.failure);
      this.#reply.end();
      return this.#finish({ kind: "done", usage: tap.usage, stopReason: tap.stopReason });
    };
  }

  // ——— decoded streams

  #decodeStream(): void {
    if (this.#context.stream) this.#decodeToStream();
    else this.#decodeToMessage();
  }

  #decodeToStream(): void {
    const sink = new StreamSink(this.#context.model);
    const decoder = this.#dialect.decodeStream(sink, this.#context);
    const step = (): void => {
      if (!sink.committed) {
        if (sink.failure !== undefined)
          this.#abort({ kind: "failed", failure: sink.failure, headSeen: true });
        return;
      }
      const out = sink.take();
      if (out !== "" && !this.#reply.write(out)) this.#controller?.pause();
      if (sink.ended) this.#streamEnded(sink);
    };
    this.#broken = (error) => {
      sink.fail(failureOfError(error, this.#where(), true));
      step();
    };
    this.#onChunk = (chunk) => {
      decoder.push(chunk);
      step();
    };
    this.#onEnd = () => {
      decoder.end();
      step();
    };
  }

  #streamEnded(sink: StreamSink): void {
    this.#reply.end();
    const { failure, usage, stopReason } = sink;
    if (failure === undefined) this.#finish({ kind: "done", usage, stopReason });
    else this.#abort({ kind: "cut", failure, usage });
  }

  /** The provider streams although the client did not ask for it. */
  #decodeToMessage(): void {
    const sink = new MessageCollector(this.#context.model);
    const decoder: StreamDecoder = this.#dialect.decodeStream(sink, this.#context);
    this.#broken = (error) => {
      sink.fail(failureOfError(error, this.#where(), true));
      this.#deliver(sink);
    };
    this.#onChunk = (chunk) => {
      decoder.push(chunk);
      if (sink.ended) this.#deliver(sink);
    };
    this.#onEnd = () => {
      decoder.end();
      this.#deliver(sink);
    };
  }

  // ——— whole answers

  #readWhole(type: string, headers: Headers, raw: boolean): void {
    const body = new BodyCollector(answerLimit);
    this.#onChunk = (chunk) => body.push(chunk);
    this.#onEnd = () => {
      const bytes = body.bytes();
      const text = bytes.toString("utf8");
      // Some providers stream under another content type.
      if (this.#context.stream && /^\s*(:|data:|event:|id:)/.test(text)) {
        this.#decodeStream();
        this.#onChunk?.(bytes);
        if (!this.#settled) this.#onEnd?.();
        return;
      }
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        const failure = notProtocol(text, type, this.#where());
        return this.#finish({ kind: "failed", failure, headSeen: true });
      }
      if (raw && !this.#context.stream) {
        this.#reply.send(200, bytes, { "content-type": type });
        const { usage, stop_reason } = json as { usage?: Usage; stop_reason?: string };
        return this.#finish({ kind: "done", usage, stopReason: stop_reason });
      }
      if (this.#context.stream) {
        const sink = new StreamSink(this.#context.model);
        this.#dialect.decodeMessage(json, sink, this.#context);
        if (sink.failure !== undefined)
          return this.#finish({ kind: "failed", failure: sink.failure, headSeen: true });
        this.#reply.write(sink.take());
        return this.#streamEnded(sink);
      }
      const sink = new MessageCollector(this.#context.model);
      this.#dialect.decodeMessage(json, sink, this.#context);
      return this.#deliver(sink);
    };
  }

  #deliver(sink: MessageCollector): void {
    if (this.#settled) return;
    if (sink.failure !== undefined)
      return this.#abort({ kind: "failed", failure: sink.failure, headSeen: true });
    this.#reply.send(200, JSON.stringify(sink.message()));
    this.#finish({ kind: "done", usage: sink.usage, stopReason: sink.stopReason });
  }

  // ——— the end

  #where(): string {
    const provider: ProviderConfig = this.#context.provider;
    return `${provider.name} (${new URL(provider.baseUrl).origin})`;
  }

  #abort(outcome: Outcome): void {
    this.#finish(outcome);
    this.#controller?.abort(new Error("no longer needed"));
  }

  #finish(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reply.onAbort = undefined;
    this.#reply.onDrain = undefined;
    // What follows the end of a complete answer is read and dropped, so that the connection can be used again.
    this.#controller?.resume();
    this.#settle(outcome);
  }
}

const joinPath = (base: string, path: string): string =>
  base === "/" ? path : `${base.replace(/\/+$/, "")}${path}`;

/** A provider may compress although it was asked not to. */
const inflaterOf = (encoding: string): Transform | undefined => {
  switch (encoding.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    default:
      return undefined;
  }
};
