/** What the decoders of streamed answers share: server-sent events, or one whole answer under a wrong content type. */
import type { Usage } from "../../../protocol/anthropic.ts";
import { SseParser } from "../../../protocol/sse.ts";
import { errorTable } from "../../../shared/errors.ts";
import type { DialectContext, MessageSink, StreamDecoder } from "../dialect.ts";
import { decodeError, failureOfBody } from "./errors.ts";

type DecodeMessage = (body: unknown, sink: MessageSink, context: DialectContext) => void;

/** Characters with which JSON or a page begins, and no event does. */
const beginsWhole = (byte: number): boolean => byte === 0x7b || byte === 0x5b || byte === 0x3c;

export abstract class EventStreamDecoder implements StreamDecoder {
  protected readonly sink: MessageSink;
  readonly #context: DialectContext;
  readonly #decodeMessage: DecodeMessage;
  readonly #parser: SseParser;
  #atStart = true;
  /** The bytes, where they are no stream but one whole JSON answer, or a page, under a wrong content type. */
  #whole: Buffer[] | undefined;

  /** @param decodeMessage of the same dialect, for an answer that comes in one piece */
  constructor(sink: MessageSink, context: DialectContext, decodeMessage: DecodeMessage) {
    this.sink = sink;
    this.#context = context;
    this.#decodeMessage = decodeMessage;
    this.#parser = new SseParser({
      onEvent: (event, data) => this.event(event, data),
      // llama.cpp based servers end a failed stream with a bare `error: {…}` line.
      onUnknownField: (name, value) => {
        if (name === "error") this.fail(value);
      },
    });
  }

  /** Default: of those that report at the end alone, which the sink is told. */
  get usage(): Usage | undefined {
    return undefined;
  }

  /** An event, its data as it came. */
  protected abstract event(name: string, data: string): void;
  /** The connection has ended without an end of the message: finishes what is whole, or says that it was cut. */
  protected abstract atEnd(): void;

  push(chunk: Buffer): void {
    if (this.#atStart) this.#look(chunk);
    if (this.#whole !== undefined) this.#whole.push(chunk);
    else if (!this.sink.ended) this.#parser.push(chunk);
  }

  end(): void {
    if (this.sink.ended) return;
    if (this.#whole !== undefined) return this.#decodeWhole(Buffer.concat(this.#whole).toString("utf8"));
    this.#parser.end();
    if (!this.sink.ended) this.atEnd();
  }

  #look(chunk: Buffer): void {
    for (const byte of chunk) {
      if (byte === 32 || byte === 9 || byte === 10 || byte === 13) continue;
      this.#atStart = false;
      if (beginsWhole(byte)) this.#whole = [];
      return;
    }
  }

  #decodeWhole(text: string): void {
    try {
      this.#decodeMessage(JSON.parse(text), this.sink, this.#context);
    } catch {
      this.sink.fail(decodeError(502, {}, text));
    }
  }

  /** The provider's error: JSON, or the message itself as plain text. */
  protected fail(data: string): void {
    let body: unknown = data;
    try {
      body = JSON.parse(data);
    } catch {
      // plain text: the message itself
    }
    this.sink.fail(failureOfBody(body));
  }

  protected cut(how: string): void {
    this.sink.fail({
      status: 502,
      type: "api_error",
      message: `${errorTable["upstream.cut"].message}: ${how}`,
    });
  }

  protected notJson(): void {
    this.sink.fail({
      status: 502,
      type: "api_error",
      message: `${errorTable["upstream.badStream"].message}: an event is not JSON`,
    });
  }
}
