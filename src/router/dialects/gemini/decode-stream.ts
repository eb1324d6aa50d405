/** Reads a stream of `streamGenerateContent?alt=sse`: synchronous, one `JSON.parse` for each event. */
import { SseParser } from "../../../protocol/sse.ts";
import { errorTable } from "../../../shared/errors.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink, StreamDecoder } from "../dialect.ts";
import { decodeError, failureOfBody } from "../shared/errors.ts";
import { Answer } from "./answer.ts";
import { decodeMessage } from "./decode-message.ts";

const codes = { openBrace: 0x7b, openBracket: 0x5b, less: 0x3c };

export class GeminiStreamDecoder implements StreamDecoder {
  readonly #sink: MessageSink;
  readonly #context: DialectContext;
  readonly #answer: Answer;
  readonly #parser: SseParser;
  #atStart = true;
  /** The bytes, where they are no events: a JSON list, as Google streams without `alt=sse`, one answer, or a page. */
  #whole: Buffer[] | undefined;

  constructor(sink: MessageSink, context: DialectContext) {
    this.#sink = sink;
    this.#context = context;
    this.#answer = new Answer(sink, context);
    this.#parser = new SseParser({
      onEvent: (event, data) => this.#event(event, data),
      onUnknownField: (name, value) => {
        if (name === "error") this.#fail(value);
      },
    });
  }

  push(chunk: Buffer): void {
    if (this.#atStart) this.#look(chunk);
    if (this.#whole !== undefined) this.#whole.push(chunk);
    else if (!this.#sink.ended) this.#parser.push(chunk);
  }

  #look(chunk: Buffer): void {
    for (const byte of chunk) {
      if (byte === 32 || byte === 9 || byte === 10 || byte === 13) continue;
      this.#atStart = false;
      if (byte === codes.openBrace || byte === codes.openBracket || byte === codes.less) this.#whole = [];
      return;
    }
  }

  /**
   * The end of the connection, which is the only end of a stream: Google sends no `[DONE]`, and counts may follow the finish reason. Without a
   * finish reason the answer was cut.
   */
  end(): void {
    if (this.#sink.ended) return;
    if (this.#whole !== undefined) return this.#decodeWhole(Buffer.concat(this.#whole).toString("utf8"));
    this.#parser.end();
    if (this.#sink.ended) return;
    if (this.#answer.finishReason !== undefined || this.#answer.blocked) this.#answer.finish();
    else
      this.#sink.fail({
        status: 502,
        type: "api_error",
        message: `${errorTable["upstream.cut"].message}: the stream ended without a finish reason`,
      });
  }

  #decodeWhole(text: string): void {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return this.#sink.fail(decodeError(502, {}, text));
    }
    return decodeMessage(body, this.#sink, this.#context);
  }

  #event(event: string, data: string): void {
    if (this.#sink.ended || data === "" || data.startsWith("[DONE]")) return;
    if (event === "error") return this.#fail(data);
    let chunk: unknown;
    try {
      chunk = JSON.parse(data);
    } catch {
      return this.#sink.fail({
        status: 502,
        type: "api_error",
        message: `${errorTable["upstream.badStream"].message}: an event is not JSON`,
      });
    }
    if (!isJsonObject(chunk)) return undefined;
    if (chunk["error"] !== undefined && chunk["error"] !== null) return this.#sink.fail(failureOfBody(chunk));
    this.#answer.take(chunk);
    return undefined;
  }

  #fail(data: string): void {
    let body: unknown = data;
    try {
      body = JSON.parse(data);
    } catch {
      // plain text: the message itself
    }
    this.#sink.fail(failureOfBody(body));
  }
}
