/** A streamed answer for a client that wants a stream: as bytes where it may have them, decoded and written anew otherwise. */
import type { Usage } from "../../../protocol/anthropic.ts";
import type { StreamDecoder, StreamTap, UpstreamFailure } from "../../dialects/dialect.ts";
import type { StreamWriter } from "../../inbound/client-form.ts";
import { PassThrough } from "./pass-through.ts";
import type { Outcome } from "../outcome.ts";
import type { AnswerHost, AnswerReader } from "./reader.ts";

export const streamAnswer = (host: AnswerHost): AnswerReader => {
  const tap = host.client.tap(host.dialect, host.context);
  return tap === undefined ? new DecodedStream(host) : new PassedStream(host, tap);
};

class PassedStream implements AnswerReader {
  readonly #host: AnswerHost;
  readonly #pass: PassThrough;

  constructor(host: AnswerHost, tap: StreamTap) {
    this.#host = host;
    const reply = {
      write: (part: string | Buffer) => host.write(part),
      end: () => host.endReply(),
      ending: (outcome: Outcome) => host.ending(outcome),
    };
    this.#pass = new PassThrough(tap, reply, host.redact, host.client);
  }

  get usage(): Usage | undefined {
    return this.#pass.usage;
  }

  push(chunk: Buffer): void {
    if (!this.#pass.push(chunk)) this.#host.pause();
    this.#step();
  }

  end(): void {
    this.#pass.end();
    this.#step();
  }

  broken(failure: UpstreamFailure): void {
    this.#pass.broken(failure);
    this.#step();
  }

  #step(): void {
    const { outcome } = this.#pass;
    if (outcome?.kind === "done") this.#host.finish({ ...outcome, firstToken: this.#host.firstToken });
    else if (outcome !== undefined) this.#host.abort(outcome);
  }
}

class DecodedStream implements AnswerReader {
  readonly #host: AnswerHost;
  readonly #sink: StreamWriter;
  readonly #decoder: StreamDecoder;

  constructor(host: AnswerHost) {
    this.#host = host;
    this.#sink = host.client.streamWriter(host.context.model, host.redact);
    this.#decoder = host.dialect.decodeStream(this.#sink, host.context);
  }

  get usage(): Usage | undefined {
    return reportedIn(this.#sink, this.#decoder);
  }

  push(chunk: Buffer): void {
    this.#decoder.push(chunk);
    this.#step();
  }

  end(): void {
    this.#decoder.end();
    this.#step();
  }

  broken(failure: UpstreamFailure): void {
    this.#sink.fail(failure);
    this.#step();
  }

  #step(): void {
    const sink = this.#sink;
    if (!sink.committed) {
      if (sink.failure !== undefined) this.#host.abort({ kind: "failed", failure: sink.failure });
      return;
    }
    if (sink.ended && sink.interrupted !== true) this.#host.ending(endOf(sink));
    const out = sink.take();
    if (out !== "" && !this.#host.write(out)) this.#host.pause();
    if (sink.ended) endStream(this.#host, sink);
  }
}

/** What the provider said that it used: beside its failure, at its end, or so far. */
export const reportedIn = (
  { ended, failure, usage }: Pick<StreamWriter, "ended" | "failure" | "usage">,
  decoder: StreamDecoder | undefined,
): Usage | undefined => {
  const said = failure?.usage ?? decoder?.usage;
  return ended && failure === undefined ? (usage ?? said) : (said ?? usage);
};

/** How a stream ended. */
export const endOf = ({ failure, usage, stopReason }: StreamWriter): Outcome =>
  failure === undefined ? { kind: "done", usage, stopReason } : { kind: "cut", failure, usage };

/** The client's stream has its end; the attempt, too. */
export const endStream = (host: AnswerHost, sink: StreamWriter): void => {
  const { failure, usage, stopReason } = sink;
  if (failure !== undefined && sink.interrupted === true) return host.abort({ kind: "interrupted", failure });
  host.endReply();
  if (failure === undefined) host.finish({ kind: "done", usage, stopReason, firstToken: host.firstToken });
  else host.abort({ kind: "cut", failure, usage });
  return undefined;
};
