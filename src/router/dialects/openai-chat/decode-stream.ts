/** Reads a stream of chat completion chunks: synchronous, one `JSON.parse` for each event. */
import type { ChatAnswer } from "../../../protocol/openai-chat.ts";
import { SseParser } from "../../../protocol/sse.ts";
import { errorTable } from "../../../shared/errors.ts";
import type { DialectContext, MessageSink, StreamDecoder } from "../dialect.ts";
import { Answer } from "./answer.ts";
import { decodeMessage } from "./decode-message.ts";
import { decodeError, failureOfBody } from "../shared/errors.ts";

export class ChatStreamDecoder implements StreamDecoder {
  readonly #sink: MessageSink;
  readonly #answer: Answer;
  readonly #parser: SseParser;
  #atStart = true;
  /** The bytes, where they are no stream but one whole JSON answer, or a page, under a wrong content type. */
  #whole: Buffer[] | undefined;

  readonly #context: DialectContext;

  constructor(sink: MessageSink, context: DialectContext) {
    this.#sink = sink;
    this.#context = context;
    this.#answer = new Answer(sink, context);
    this.#parser = new SseParser({
      onEvent: (event, data) => this.#event(event, data),
      // llama.cpp based servers end a failed stream with a bare `error: {…}` line.
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
      if (byte === 0x7b || byte === 0x5b || byte === 0x3c) this.#whole = [];
      return;
    }
  }

  /**
   * The end of the connection. With a finish reason the answer is whole though `[DONE]` is missing. Without either it was cut, and to
   * present it as a regular end would leave the client with half a sentence that looks meant.
   */
  end(): void {
    if (this.#sink.ended) return;
    if (this.#whole !== undefined) return this.#decodeWhole(Buffer.concat(this.#whole).toString("utf8"));
    this.#parser.end();
    if (this.#sink.ended) return;
    if (this.#answer.finishReason !== undefined) this.#answer.finish();
    else this.#cut("the stream ended without a finish reason");
  }

  #decodeWhole(text: string): void {
    try {
      decodeMessage(JSON.parse(text), this.#sink, this.#context);
    } catch {
      this.#sink.fail(decodeError(502, {}, text));
    }
  }

  #event(event: string, data: string): void {
    if (this.#sink.ended || data === "") return;
    if (data.charCodeAt(0) === 91 && data.startsWith("[DONE]")) {
      // The finish may be missing (Snowflake, Kimi by Novita), but not everything.
      if (this.#answer.begun) this.#answer.finish();
      else this.#cut("the stream held no answer");
      return;
    }
    if (event === "error") return this.#fail(data);
    let chunk: ChatAnswer | null;
    try {
      chunk = JSON.parse(data) as ChatAnswer | null;
    } catch {
      return this.#sink.fail({
        status: 502,
        type: "api_error",
        message: `${errorTable["upstream.badStream"].message}: an event is not JSON`,
      });
    }
    if (typeof chunk !== "object" || chunk === null) return undefined;
    if (chunk.error !== undefined && chunk.error !== null) return this.#sink.fail(failureOfBody(chunk));
    // The finish waits for `[DONE]` or the end: usage comes after the finish reason with most providers, and so may an error.
    this.#answer.take(chunk, "delta");
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

  #cut(how: string): void {
    this.#sink.fail({
      status: 502,
      type: "api_error",
      message: `${errorTable["upstream.cut"].message}: ${how}`,
    });
  }
}
