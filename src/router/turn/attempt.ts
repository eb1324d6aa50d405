/**
 * One attempt: one call of one target with one key, from dispatch to the end of its answer. Synchronous per chunk. The
 * attempt is settled once: as `done` when the client has its answer, as `failed` while nothing of it was shown.
 */
import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";
import type { Logger } from "../../shared/log.ts";
import type {
  DialectContext,
  EncodedRequest,
  HttpDialect,
  StreamTap,
  UpstreamFailure,
} from "../dialects/dialect.ts";
import { speaksSame, type ClientForm, type StreamWriter } from "../inbound/client-form.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import {
  failureOf,
  failureOfError,
  isLostConnection,
  notProtocol,
  redirected,
} from "../upstream/failures.ts";
import { BodyCollector } from "./body-collector.ts";
import { inflaterOf } from "./inflate.ts";
import type { Outcome } from "./outcome.ts";
import { PassThrough } from "./pass-through.ts";
import type { Reply } from "./reply.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const errorBodyLimit = 1024 * 1024;
const answerLimit = 256 * 1024 * 1024;
/** What a provider may still send after the answer was complete before its connection is dropped. */
const tailLimit = 64 * 1024;

/** The client's reply as far as one call of a provider has to do with it. */
export type AttemptReply = Pick<Reply, "write" | "end" | "send" | "onAbort" | "onDrain" | "extraHeaders">;

export interface AttemptOptions {
  readonly dialect: HttpDialect;
  readonly context: DialectContext;
  readonly client: ClientForm;
  readonly reply: AttemptReply;
  /** Takes secrets out of what a provider says in the middle of a stream. */
  readonly redact: (text: string) => string;
  readonly log: Logger;
  readonly settle: (outcome: Outcome) => void;
}

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #dialect: HttpDialect;
  readonly #context: DialectContext;
  readonly #client: ClientForm;
  readonly #reply: AttemptReply;
  readonly #redact: (text: string) => string;
  readonly #log: Logger;
  readonly #settle: (outcome: Outcome) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #headSeen = false;
  #tail = 0;
  #onChunk: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #inflater: Transform | undefined;
  /** The provider's own id of its answer, where it gave one. */
  providerRequestId: string | undefined;

  constructor(options: AttemptOptions) {
    this.#dialect = options.dialect;
    this.#context = options.context;
    this.#client = options.client;
    this.#reply = options.reply;
    this.#redact = options.redact;
    this.#log = options.log;
    this.#settle = options.settle;
  }

  /** Sends the request. Errors of dispatching itself come out as a failed attempt too. */
  start(dispatcher: Dispatcher, request: EncodedRequest, credentials: Record<string, string>): void {
    const base = new URL(this.#context.provider.baseUrl);
    this.#reply.onAbort = () => this.#abort({ kind: "aborted" });
    this.#reply.onDrain = () => this.#controller?.resume();
    this.#reply.extraHeaders = undefined;
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
    const id = headers["request-id"] ?? headers["x-request-id"];
    if (typeof id === "string") this.providerRequestId = id;
    this.#inflater = inflaterOf(String(headers["content-encoding"] ?? ""));
    this.#inflater?.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#inflater?.on("end", () => this.#end());
    this.#inflater?.on("error", (error) => this.#lost(error));
    this.#reply.extraHeaders = this.#dialect.answerHeaders?.(headers, this.#context);

    if (status >= 400) return this.#readError(status, headers);
    if (status >= 300) {
      const failure = redirected(status, String(headers["location"] ?? ""), this.#where());
      return this.#abort({ kind: "failed", failure });
    }
    const type = String(headers["content-type"] ?? "");
    return /^text\/event-stream/i.test(type) ? this.#readStream() : this.#readWhole(type);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) {
      this.#tail += chunk.length;
      if (this.#tail > tailLimit) this.#controller?.abort(new Error("the answer was complete"));
      return;
    }
    if (this.#inflater === undefined) this.#take(chunk);
    else this.#inflater.write(chunk);
  }

  onResponseEnd(): void {
    if (this.#inflater === undefined) this.#end();
    else this.#inflater.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#lost(error);
  }

  #take(chunk: Buffer): void {
    if (this.#settled) return;
    try {
      this.#onChunk?.(chunk);
    } catch (error) {
      this.#fault(error);
    }
  }

  #end(): void {
    if (this.#settled) return;
    try {
      this.#onEnd?.();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** The connection broke, or what came over it cannot be unpacked. */
  #lost(error: unknown): void {
    if (this.#settled) return;
    const failure = failureOfError(error, this.#where(), this.#headSeen);
    if (this.#headSeen) this.#broken(failure);
    else this.#finish({ kind: "failed", failure, lost: isLostConnection(error) });
  }

  /** A defect of ours: the turn goes on with the next target, and the log has the place. */
  #fault(error: unknown): void {
    this.#log.error({ err: error, provider: this.#context.provider.name }, "an answer could not be read");
    this.#broken(failureOf("internal", `reading the answer of ${this.#where()}`));
  }

  /** What is to be done when the answer breaks off; replaced once something was shown. */
  #broken = (failure: UpstreamFailure): void => this.#abort({ kind: "failed", failure });

  // ——— error answers

  #readError(status: number, headers: Headers): void {
    const received = new BodyCollector(errorBodyLimit);
    const told = (): void => {
      const text = received.text();
      const failure = this.#dialect.decodeError(status, headers, text);
      const body = this.#ownBody(failure.body, text);
      if (body === undefined) delete failure.body;
      else failure.body = body;
      if (this.#reply.extraHeaders !== undefined) failure.headers = this.#reply.extraHeaders;
      this.#finish({ kind: "failed", failure });
    };
    // The status says more than the break does.
    this.#broken = () => {
      told();
      this.#controller?.abort(new Error("no longer needed"));
    };
    this.#onChunk = (chunk) => {
      if (received.push(chunk)) return;
      told();
      this.#controller?.abort(new Error("the error is long enough"));
    };
    this.#onEnd = told;
  }

  /** The error's body where it is one of the client's own form: that goes back as it came. */
  #ownBody(anthropic: Buffer | undefined, text: string): Buffer | undefined {
    if (!speaksSame(this.#client, this.#dialect)) return undefined;
    if (this.#client.name === "anthropic") return anthropic;
    return isErrorBody(text) ? Buffer.from(text) : undefined;
  }

  // ——— bytes through

  #passStream(tap: StreamTap): void {
    const pass = new PassThrough(tap, this.#reply, this.#redact, this.#client);
    const step = (): void => {
      if (pass.outcome?.kind === "done") this.#finish(pass.outcome);
      else if (pass.outcome !== undefined) this.#abort(pass.outcome);
    };
    this.#broken = (failure) => {
      pass.broken(failure);
      step();
    };
    this.#onChunk = (chunk) => {
      if (!pass.push(chunk)) this.#controller?.pause();
      step();
    };
    this.#onEnd = () => {
      pass.end();
      step();
    };
  }

  // ——— decoded streams

  #readStream(): void {
    const tap = this.#context.stream ? this.#client.tap(this.#dialect, this.#context) : undefined;
    if (tap !== undefined) this.#passStream(tap);
    else if (this.#context.stream) this.#decodeToStream();
    else this.#decodeToMessage();
  }

  #decodeToStream(): void {
    const sink = this.#client.streamWriter(this.#context.model, this.#redact);
    const decoder = this.#dialect.decodeStream(sink, this.#context);
    const step = (): void => {
      if (!sink.committed) {
        if (sink.failure !== undefined) this.#abort({ kind: "failed", failure: sink.failure });
        return;
      }
      const out = sink.take();
      if (out !== "" && !this.#reply.write(out)) this.#controller?.pause();
      if (sink.ended) this.#streamEnded(sink);
    };
    this.#broken = (failure) => {
      sink.fail(failure);
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

  #streamEnded(sink: StreamWriter): void {
    this.#reply.end();
    const { failure, usage, stopReason } = sink;
    if (failure === undefined) this.#finish({ kind: "done", usage, stopReason });
    else this.#abort({ kind: "cut", failure, usage });
  }

  /** The provider streams although the client did not ask for it. */
  #decodeToMessage(): void {
    const sink = new MessageCollector(this.#context.model);
    const decoder = this.#dialect.decodeStream(sink, this.#context);
    this.#broken = (failure) => {
      sink.fail(failure);
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

  #readWhole(type: string): void {
    const body = new BodyCollector(answerLimit);
    this.#onChunk = (chunk) => {
      // Some providers stream under another content type, or under none.
      if (this.#context.stream && body.length < 64) {
        body.push(chunk);
        const start = body.bytes();
        if (!looksLikeEvents(start.toString("utf8", 0, 64))) return undefined;
        this.#readStream();
        return this.#onChunk?.(start);
      }
      if (!body.push(chunk)) this.#broken(failureOf("upstream.notJson", `${this.#where()} sent too much`));
      return undefined;
    };
    this.#onEnd = () => {
      const bytes = body.bytes();
      let json: unknown;
      try {
        json = JSON.parse(bytes.toString("utf8"));
      } catch {
        const failure = notProtocol(bytes.toString("utf8", 0, 2000), type, this.#where());
        return this.#finish({ kind: "failed", failure });
      }
      return this.#wholeAnswer(json, bytes);
    };
  }

  /** @param bytes the answer as it came: the client has it so where it may */
  #wholeAnswer(json: unknown, bytes: Buffer): void {
    if (this.#context.stream) {
      const sink = this.#client.streamWriter(this.#context.model, this.#redact);
      this.#dialect.decodeMessage(json, sink, this.#context);
      if (sink.failure !== undefined) return this.#finish({ kind: "failed", failure: sink.failure });
      this.#reply.write(sink.take());
      return this.#streamEnded(sink);
    }
    const passed = isJsonObject(json) ? this.#client.passes(this.#dialect, this.#context, json) : undefined;
    if (passed !== undefined) {
      this.#reply.send(200, this.#client.passed?.(bytes, this.#context) ?? bytes);
      return this.#finish({ kind: "done", ...passed });
    }
    const sink = new MessageCollector(this.#context.model);
    this.#dialect.decodeMessage(json, sink, this.#context);
    return this.#deliver(sink);
  }

  #deliver(sink: MessageCollector): void {
    if (this.#settled) return;
    if (sink.failure !== undefined) return this.#abort({ kind: "failed", failure: sink.failure });
    this.#reply.send(200, this.#client.message(sink.message()));
    this.#finish({ kind: "done", usage: sink.usage, stopReason: sink.stopReason });
  }

  // ——— the end

  #where(): string {
    const { provider } = this.#context;
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
    this.#inflater?.destroy();
    // What follows the end of a complete answer is read and dropped, so that the connection can be used again.
    this.#controller?.resume();
    this.#settle(outcome);
  }
}

const joinPath = (base: string, path: string): string =>
  base === "/" ? path : `${base.replace(/\/+$/, "")}${path}`;

/** An error of OpenAI's form: `{error: {message, …}}`. */
const isErrorBody = (text: string): boolean => {
  const error = parseJsonObject(text)?.["error"];
  return isJsonObject(error) && typeof error["message"] === "string";
};

const looksLikeEvents = (start: string): boolean => /^\uFEFF?\s*(:|data:|event:|id:|retry:)/.test(start);
