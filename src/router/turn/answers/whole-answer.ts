/** An answer in one piece, for a client that wants one, or a stream made of it; and a stream for a client that wants none. */
import type { Usage } from "../../../protocol/anthropic.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { StreamDecoder, UpstreamFailure } from "../../dialects/dialect.ts";
import { MessageCollector } from "../../sinks/message-collector.ts";
import { failureOf, notProtocol } from "../../upstream/failures.ts";
import { BodyCollector } from "./body-collector.ts";
import type { AnswerHost, AnswerReader } from "./reader.ts";
import { endOf, endStream, reportedIn, streamAnswer } from "./stream-answer.ts";

const answerLimit = 256 * 1024 * 1024;
/** Bytes in which a stream of another content type is known by its beginning. */
const beginning = 64;

export class WholeAnswer implements AnswerReader {
  readonly #host: AnswerHost;
  readonly #type: string;
  readonly #body = new BodyCollector(answerLimit);
  /** Set once the answer turned out to be a stream. */
  #stream: AnswerReader | undefined;
  #reported: Usage | undefined;

  /** @param type content type of the answer */
  constructor(host: AnswerHost, type: string) {
    this.#host = host;
    this.#type = type;
  }

  get usage(): Usage | undefined {
    return this.#stream === undefined ? this.#reported : this.#stream.usage;
  }

  push(chunk: Buffer): void {
    if (this.#stream !== undefined) return this.#stream.push(chunk);
    const unknown = this.#host.context.stream && this.#body.length < beginning;
    if (!this.#body.push(chunk))
      return this.broken(failureOf("upstream.notJson", `${this.#host.where} sent too much`));
    // Some providers stream under another content type, or under none.
    if (!unknown) return undefined;
    const start = this.#body.bytes();
    if (!looksLikeEvents(start.toString("utf8", 0, beginning))) return undefined;
    this.#stream = streamAnswer(this.#host);
    return this.#stream.push(start);
  }

  end(): void {
    if (this.#stream !== undefined) return this.#stream.end();
    const bytes = this.#body.bytes();
    let json: unknown;
    try {
      json = JSON.parse(bytes.toString("utf8"));
    } catch {
      const failure = notProtocol(bytes.toString("utf8", 0, 2000), this.#type, this.#host.where);
      return this.#host.finish({ kind: "failed", failure });
    }
    return this.#whole(json, bytes);
  }

  broken(failure: UpstreamFailure): void {
    if (this.#stream !== undefined) this.#stream.broken(failure);
    else this.#host.abort({ kind: "failed", failure });
  }

  /** @param bytes the answer as it came: the client has it so where it may */
  #whole(json: unknown, bytes: Buffer): void {
    const { client, dialect, context, redact } = this.#host;
    if (context.stream) {
      const sink = client.streamWriter(context.model, redact);
      dialect.decodeMessage(json, sink, context);
      this.#reported = reportedIn(sink, undefined);
      if (sink.failure !== undefined) return this.#host.finish({ kind: "failed", failure: sink.failure });
      this.#host.ending(endOf(sink));
      this.#host.write(sink.take());
      return endStream(this.#host, sink);
    }
    const passed = isJsonObject(json) ? client.passes(dialect, context, json) : undefined;
    if (passed !== undefined) {
      this.#reported = passed.usage;
      this.#host.ending({ kind: "done", ...passed });
      this.#host.send(client.passed?.(bytes, context) ?? bytes);
      return this.#host.finish({ kind: "done", ...passed });
    }
    const sink = new MessageCollector(context.model);
    dialect.decodeMessage(json, sink, context);
    this.#reported = reportedIn(sink, undefined);
    return deliver(this.#host, sink);
  }
}

/** The provider streams although the client did not ask for it. */
export class CollectedStream implements AnswerReader {
  readonly #host: AnswerHost;
  readonly #sink: MessageCollector;
  readonly #decoder: StreamDecoder;

  constructor(host: AnswerHost) {
    this.#host = host;
    this.#sink = new MessageCollector(host.context.model);
    this.#decoder = host.dialect.decodeStream(this.#sink, host.context);
  }

  get usage(): Usage | undefined {
    return reportedIn(this.#sink, this.#decoder);
  }

  push(chunk: Buffer): void {
    this.#decoder.push(chunk);
    if (this.#sink.ended) deliver(this.#host, this.#sink);
  }

  end(): void {
    this.#decoder.end();
    deliver(this.#host, this.#sink);
  }

  broken(failure: UpstreamFailure): void {
    this.#sink.fail(failure);
    deliver(this.#host, this.#sink);
  }
}

const deliver = (host: AnswerHost, sink: MessageCollector): void => {
  if (host.settled) return;
  if (sink.failure !== undefined) return host.abort({ kind: "failed", failure: sink.failure });
  const outcome = { kind: "done", usage: sink.usage, stopReason: sink.stopReason } as const;
  host.ending(outcome);
  host.send(host.client.message(sink.message()));
  host.finish(outcome);
};

const looksLikeEvents = (start: string): boolean => /^\uFEFF?\s*(:|data:|event:|id:|retry:)/.test(start);
