/** Reads a stream of `streamGenerateContent?alt=sse`: synchronous, one `JSON.parse` for each event. */
import type { Usage } from "../../../protocol/anthropic.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { failureOfBody } from "../shared/errors.ts";
import { EventStreamDecoder } from "../shared/event-stream.ts";
import { Answer } from "./answer.ts";
import { decodeMessage } from "./decode-message.ts";

export class GeminiStreamDecoder extends EventStreamDecoder {
  readonly #answer: Answer;

  constructor(sink: MessageSink, context: DialectContext) {
    super(sink, context, decodeMessage);
    this.#answer = new Answer(sink, context);
  }

  override get usage(): Usage | undefined {
    return this.#answer.usage;
  }

  /**
   * The end of the connection, which is the only end of a stream: Google sends no `[DONE]`, and counts may follow the finish reason. Without a
   * finish reason the answer was cut.
   */
  protected override atEnd(): void {
    if (this.#answer.finishReason !== undefined || this.#answer.blocked) this.#answer.finish();
    else this.cut("the stream ended without a finish reason");
  }

  protected override event(event: string, data: string): void {
    if (this.sink.ended || data === "" || data.startsWith("[DONE]")) return;
    if (event === "error") return this.fail(data);
    let chunk: unknown;
    try {
      chunk = JSON.parse(data);
    } catch {
      return this.notJson();
    }
    if (!isJsonObject(chunk)) return undefined;
    if (chunk["error"] !== undefined && chunk["error"] !== null) return this.sink.fail(failureOfBody(chunk));
    this.#answer.take(chunk);
    return undefined;
  }
}
