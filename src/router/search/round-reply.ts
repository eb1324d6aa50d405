/** What stands for the client while the model is called once: neither its form nor its reply may end the answer. */
import type { ClientForm, StreamWriter } from "../inbound/client-form.ts";
import type { AttemptReply } from "../turn/attempt.ts";
import type { Outcome } from "../turn/outcome.ts";

/** The client's form for one call: nothing passes as bytes, and what the model says is written by the round. */
export const formOf = (round: StreamWriter, client: ClientForm): ClientForm => ({
  name: client.name,
  ping: client.ping,
  encode: (dialect, request, context) => dialect.encode(request, context),
  tap: () => undefined,
  passes: () => undefined,
  streamWriter: () => round,
  message: (message) => client.message(message),
  errorEvent: (failure) => client.errorEvent(failure),
  errorAnswer: (failure) => client.errorAnswer(failure),
});

/** The client's reply as one call sees it: the end of a call is not the end of the answer. */
export class RoundReply implements AttemptReply {
  readonly #reply: AttemptReply;
  /** Never called: where the answer is ended early, the turn closes it. */
  onCut: AttemptReply["onCut"];

  constructor(reply: AttemptReply) {
    this.#reply = reply;
  }

  get onAbort(): (() => void) | undefined {
    return this.#reply.onAbort;
  }
  set onAbort(action: (() => void) | undefined) {
    this.#reply.onAbort = action;
  }
  get onDrain(): (() => void) | undefined {
    return this.#reply.onDrain;
  }
  set onDrain(action: (() => void) | undefined) {
    this.#reply.onDrain = action;
  }
  get extraHeaders(): Readonly<Record<string, string>> | undefined {
    return this.#reply.extraHeaders;
  }
  set extraHeaders(headers: Readonly<Record<string, string>> | undefined) {
    this.#reply.extraHeaders = headers;
  }

  write(part: string | Buffer): boolean {
    // An empty part would send the head, while another target may still answer.
    return part.length === 0 || this.#reply.write(part);
  }

  end(): void {
    // The turn ends it.
  }

  send(): void {
    // The turn sends it.
  }

  /** A call that broke off after something was shown is the end of the turn as well. */
  ending(outcome: Outcome): void {
    if (outcome.kind === "cut") this.#reply.ending(outcome);
  }
}
