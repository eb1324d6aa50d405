/** A stream that goes to the client as bytes, in whole events, while a tap watches it. */
import type { StreamTap, UpstreamFailure } from "../dialects/dialect.ts";
import { errorEvent } from "../sinks/stream-sink.ts";
import type { Outcome } from "./outcome.ts";
import type { Reply } from "./reply.ts";
import { WholeEvents } from "./whole-events.ts";

export class PassThrough {
  readonly #tap: StreamTap;
  readonly #reply: Reply;
  readonly #redact: (text: string) => string;
  readonly #events = new WholeEvents();
  /** What came before the message began: another target may still answer. */
  #held: Buffer[] | undefined = [];
  /** Set when the stream has ended, one way or another. */
  outcome: Outcome | undefined;

  constructor(tap: StreamTap, reply: Reply, redact: (text: string) => string) {
    this.#tap = tap;
    this.#reply = reply;
    this.#redact = redact;
  }

  /** Takes the next bytes. False: the client does not read so fast. */
  push(chunk: Buffer): boolean {
    const tap = this.#tap;
    tap.push(chunk);
    let whole = this.#events.push(chunk);
    if (whole === undefined) return true;
    if (this.#held !== undefined) {
      this.#held.push(whole);
      if (!tap.started) {
        if (tap.failure !== undefined) this.outcome = { kind: "failed", failure: tap.failure };
        return true;
      }
      whole = this.#held.length === 1 ? whole : Buffer.concat(this.#held);
      this.#held = undefined;
    }
    const fast = this.#write(whole);
    // Some keep the connection after the end: the client must not wait for its close.
    if (tap.ended) this.#ended();
    return fast;
  }

  /** The connection ended as the provider wished. */
  end(): void {
    const tap = this.#tap;
    tap.end();
    const rest = Buffer.concat([...(this.#held ?? []), this.#events.rest()]);
    if (!tap.started) {
      this.outcome = { kind: "failed", failure: tap.failure! };
      return;
    }
    this.#held = undefined;
    if (rest.length > 0 && (tap.failure === undefined || tap.errorSent)) this.#write(rest);
    this.#ended();
  }

  /** The connection broke. The part of an event that came last is left out. */
  broken(failure: UpstreamFailure): void {
    if (this.outcome !== undefined) return;
    if (this.#held !== undefined) this.outcome = { kind: "failed", failure };
    else this.#cut(failure);
  }

  #write(part: Buffer): boolean {
    // Only an error event may quote a key; all else is content.
    return this.#reply.write(this.#tap.errorSent ? this.#redact(part.toString("utf8")) : part);
  }

  #ended(): void {
    const { failure, usage, stopReason } = this.#tap;
    if (failure !== undefined) return this.#cut(failure);
    this.#reply.end();
    this.outcome = { kind: "done", usage, stopReason };
    return undefined;
  }

  #cut(failure: UpstreamFailure): void {
    const told = { ...failure, message: this.#redact(failure.message) };
    if (!this.#tap.errorSent) this.#reply.write(errorEvent(told));
    this.#reply.end();
    this.outcome = { kind: "cut", failure: told, usage: this.#tap.usage };
  }
}
