/**
 * The client's side of one turn: the head of its answer, which is held while failover is possible, pings while a provider
 * is silent, and the end. Nothing is written twice, and nothing after the end.
 */
import type { ServerResponse } from "node:http";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import { anthropicForm } from "../inbound/anthropic.ts";
import type { ClientForm } from "../inbound/client-form.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { heartbeat, type Beating } from "./heartbeat.ts";
import type { Outcome } from "./outcome.ts";

export interface ReplyOptions {
  /** How long the head of a stream is held, in milliseconds. */
  headerHold: number;
  /** Between two pings, in milliseconds. */
  pingInterval: number;
  /** Headers of every answer of this turn, as they stand when the head is sent. */
  headers: () => Record<string, string>;
  /** How long a client may read nothing while its answer waits, in milliseconds; default: for ever. */
  stallTimeout?: number;
  /** Told of each part that goes out to the client, before it does; pings are none. */
  wrote?: (part: string | Buffer) => void;
  /** Told of the end, once, before the client gets the last bytes. @param status that the client sees */
  ending?: (outcome: Outcome, status: number) => void;
  /** How pings and failures are said; default: in Anthropic's form. */
  form?: Pick<ClientForm, "ping" | "streamType" | "errorEvent" | "errorAnswer">;
}

export class Reply implements Beating {
  place = -1;
  readonly #res: ServerResponse;
  readonly #options: ReplyOptions;
  readonly #form: NonNullable<ReplyOptions["form"]>;
  readonly #body: ChunkedBody;
  #holdTimer: NodeJS.Timeout | undefined;
  #beating = false;
  #wroteSinceBeat = false;
  /** Called when the client goes away before its answer is complete. */
  onAbort: (() => void) | undefined;
  /** Called when the client has read what was written, after `write` returned false. */
  onDrain: (() => void) | undefined;
  /** Called where the answer is ended early: what was begun of it is closed in its own form. */
  onCut: ((failure: UpstreamFailure) => void) | undefined;
  aborted = false;
  /** Why the answer was ended early: the router ends, or the client does not read. */
  cutBy: UpstreamFailure | undefined;
  #stalling = false;
  #watched = false;
  #ended = false;
  /** Headers of the provider that is being asked, for the head of the answer. The router's own win. */
  extraHeaders: Readonly<Record<string, string>> | undefined;

  constructor(res: ServerResponse, options: ReplyOptions) {
    this.#res = res;
    this.#body = new ChunkedBody(res);
    this.#options = options;
    this.#form = options.form ?? anthropicForm;
    // It may have gone while the request was being decided; no event tells of that any more.
    this.aborted = res.destroyed || res.req.socket.destroyed;
    // A write that comes too late has nobody to tell.
    res.on("error", () => undefined);
    res.on("close", () => {
      this.#quiet();
      if (res.writableFinished) return;
      this.aborted = true;
      this.onAbort?.();
    });
    res.on("drain", () => {
      if (this.#stalling) res.setTimeout(0);
      this.#stalling = false;
      this.onDrain?.();
    });
  }

  /** The 200 of a stream is on its way: what fails now can only be told inside the stream. */
  get headSent(): boolean {
    return this.#res.headersSent;
  }

  /** Begins to wait for a stream: after the hold, the head and pings go out. */
  holdStream(): void {
    if (this.aborted) return;
    this.#holdTimer = setTimeout(() => {
      this.write(this.#form.ping);
      this.#beat();
    }, this.#options.headerHold);
  }

  /** Writes a part of the stream, its head first where that is due. False: wait for `onDrain`. */
  write(part: string | Buffer): boolean {
    if (this.aborted || this.#res.writableEnded) return true;
    if (!this.#res.headersSent) {
      this.#res.writeHead(200, {
        "content-type": this.#form.streamType ?? "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
        ...this.extraHeaders,
        ...this.#options.headers(),
      });
      this.#release();
      this.#beat();
    }
    this.#wroteSinceBeat = true;
    if (part !== this.#form.ping) this.#options.wrote?.(part);
    if (this.#ended ? this.#body.writeLast(part) : this.#body.write(part)) return true;
    this.#watchReader();
    return false;
  }

  /** Ends a stream. */
  end(): void {
    this.#quiet();
    if (this.aborted || this.#res.writableEnded) return;
    this.#body.end();
    this.#watchReader();
  }

  /** Sends a whole answer. */
  send(status: number, body: string | Buffer, headers: Record<string, string> = {}): void {
    this.#quiet();
    if (this.aborted || this.#res.headersSent) return;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    this.#options.wrote?.(bytes);
    this.#res.writeHead(status, {
      "content-type": "application/json",
      ...this.extraHeaders,
      ...headers,
      "content-length": String(bytes.length),
      ...this.#options.headers(),
    });
    this.#res.end(bytes);
    this.#watchReader();
  }

  /** The last bytes are about to go out. The first call counts. */
  ending(outcome: Outcome): void {
    const tell = this.#options.ending;
    if (tell === undefined || this.#ended) return;
    this.#ended = true;
    const failed = outcome.kind === "failed" ? outcome.failure.status : 200;
    tell(outcome, this.#res.headersSent ? this.#res.statusCode : failed);
  }

  /** Tells the client of a failure: as its status while the head is held, as an error inside of the stream afterwards. */
  fail(failure: UpstreamFailure): void {
    this.ending({ kind: "failed", failure });
    if (this.#res.headersSent) {
      this.write(this.#form.errorEvent(failure));
      this.end();
      return;
    }
    const { status, body } = this.#form.errorAnswer(failure);
    this.extraHeaders = failure.headers;
    this.send(status, body, {
      ...(failure.retryAfter !== undefined && { "retry-after": failure.retryAfter }),
      ...(failure.hopeless === true && { "x-should-retry": "false" }),
    });
  }

  /** Ends the answer early: the client is told, in the form that fits how far it is, and whatever works on it stops. */
  cut(failure: UpstreamFailure): void {
    if (this.aborted || this.#res.writableEnded) return;
    this.cutBy = failure;
    this.onCut?.(failure);
    if (!this.#res.writableEnded) this.fail(failure);
    this.aborted = true;
    this.onAbort?.();
  }

  /** Gives up on a client that cannot be answered. */
  drop(): void {
    this.#quiet();
    this.#res.destroy();
  }

  beat(): void {
    if (!this.#wroteSinceBeat && !this.#stalling && this.#res.headersSent) this.#body.write(this.#form.ping);
    this.#wroteSinceBeat = false;
  }

  #beat(): void {
    if (this.#beating) return;
    this.#beating = true;
    heartbeat(this.#options.pingInterval).add(this);
  }

  /**
   * From when the client is behind until it has caught up: a client that reads slowly lasts, for every byte that goes begins the time anew; one that
   * reads nothing is cut off.
   */
  #watchReader(): void {
    const { stallTimeout } = this.#options;
    if (stallTimeout === undefined || this.#stalling || (this.#res.socket?.writableLength ?? 0) === 0) return;
    this.#stalling = true;
    // One listener, however often the client falls behind.
    if (!this.#watched) this.#res.on("timeout", () => this.#stalled(stallTimeout));
    this.#watched = true;
    this.#res.setTimeout(stallTimeout);
  }

  #stalled(stallTimeout: number): void {
    if (this.#res.writableFinished) return;
    const message = `The client has read nothing for ${stallTimeout / 1000} s`;
    this.cutBy = { status: 408, type: "timeout_error", message };
    this.drop();
  }

  #release(): void {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = undefined;
  }

  #quiet(): void {
    this.#release();
    if (this.#beating) heartbeat(this.#options.pingInterval).delete(this);
    this.#beating = false;
  }
}
