/** A stream that goes to the client as bytes, in whole events, while a tap watches it. */
import type { Usage } from "../../../protocol/anthropic.ts";
import type { StreamTap, UpstreamFailure } from "../../dialects/dialect.ts";
import type { ClientForm } from "../../inbound/client-form.ts";
import type { Outcome } from "../outcome.ts";
import type { Reply } from "../reply.ts";
import { lastEvent, WholeEvents } from "./whole-events.ts";

export class PassThrough {
  readonly #tap: StreamTap;
  readonly #reply: Pick<Reply, "write" | "end" | "ending">;
  readonly #redact: (text: string) => string;
  readonly #form: Pick<ClientForm, "errorEvent">;
  readonly #events = new WholeEvents();
  /** What came before the message began: another target may still answer. */
  #held: Buffer[] | undefined = [];
  /** Set when the stream has ended, one way or another. */
  outcome: Outcome | undefined;

  constructor(
    tap: StreamTap,
    reply: Pick<Reply, "write" | "end" | "ending">,
    redact: (text: string) => string,
    form: Pick<ClientForm, "errorEvent">,
  ) {
    this.#tap = tap;
    this.#reply = reply;
    this.#redact = redact;
    this.#form = form;
  }

  get usage(): Usage | undefined {
    return this.#tap.usage;
  }

  /** Takes the next bytes. False: the client does not read so fast. */
  push(chunk: Buffer): boolean {
    const tap = this.#tap;
    let whole = this.#events.push(chunk);
    if (whole === undefined) return true;
    tap.push(whole);
    if (this.#held !== undefined) {
      this.#held.push(whole);
      if (!tap.started) {
        if (tap.failure !== undefined) this.outcome = { kind: "failed", failure: tap.failure };
        return true;
      }
      whole = this.#held.length === 1 ? whole : Buffer.concat(this.#held);
      this.#held = undefined;
    }
    if (tap.ended) this.#ending();
    const fast = this.#write(whole);
    // Some keep the connection after the end: the client must not wait for its close.
    if (tap.ended) this.#ended();
    return fast;
  }

  /** The connection ended as the provider wished. */
  end(): void {
    const tap = this.#tap;
    const broken = this.#events.rest();
    if (broken.length > 0) tap.push(broken);
    tap.end();
    const rest = Buffer.concat([...(this.#held ?? []), lastEvent(broken)]);
    if (!tap.started) {
      this.outcome = { kind: "failed", failure: tap.failure! };
      return;
    }
    this.#held = undefined;
    this.#ending();
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
    const tap = this.#tap;
    const due = tap.rewrite === undefined ? part : tap.rewrite(part);
    if (due.length === 0) return true;
    // Only what fails may quote a key; all else is content.
    return this.#reply.write(tap.failure === undefined ? due : this.#redact(due.toString("utf8")));
  }

  #ending(): void {
    const { failure, usage, stopReason } = this.#tap;
    this.#reply.ending(
      failure === undefined ? { kind: "done", usage, stopReason } : { kind: "cut", failure, usage },
    );
  }

  #ended(): void {
    const { failure, usage, stopReason } = this.#tap;
    if (failure !== undefined) return this.#cut(failure);
    const closing = this.#tap.closing?.() ?? "";
    if (closing !== "") this.#reply.write(closing);
    this.#reply.end();
    this.outcome = { kind: "done", usage, stopReason };
    return undefined;
  }

  #cut(failure: UpstreamFailure): void {
    const told = { ...failure, message: this.#redact(failure.message) };
    this.#reply.ending({ kind: "cut", failure: told, usage: this.#tap.usage });
    if (!this.#tap.errorSent) this.#reply.write(this.#tap.cut?.(told) ?? this.#form.errorEvent(told));
    this.#reply.end();
    this.outcome = { kind: "cut", failure: told, usage: this.#tap.usage };
  }
}
