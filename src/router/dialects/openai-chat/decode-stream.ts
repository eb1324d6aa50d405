/** Reads a stream of chat completion chunks: synchronous, at most one `JSON.parse` for each event. */
import type { Usage } from "../../../protocol/anthropic.ts";
import type { ChatAnswer } from "../../../protocol/openai-chat.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { Answer } from "./answer.ts";
import { decodeMessage } from "./decode-message.ts";
import { failureOfBody } from "../shared/errors.ts";
import { EventStreamDecoder } from "../shared/event-stream.ts";
import { RepeatedChunk } from "./repeated-chunk.ts";
import { saysSomething, toUsage } from "./usage.ts";

export class ChatStreamDecoder extends EventStreamDecoder {
  readonly #answer: Answer;
  readonly #chunks = new RepeatedChunk();

  constructor(sink: MessageSink, context: DialectContext) {
    super(sink, context, decodeMessage);
    this.#answer = new Answer(sink, context);
  }

  override get usage(): Usage | undefined {
    return this.#answer.usage;
  }

  /**
   * The end of the connection. With a finish reason the answer is whole though `[DONE]` is missing. Without either it was cut, and to
   * present it as a regular end would leave the client with half a sentence that looks meant.
   */
  protected override atEnd(): void {
    if (this.#answer.finishReason !== undefined) this.#answer.finish();
    else this.cut("the stream ended without a finish reason");
  }

  protected override event(event: string, data: string): void {
    if (this.sink.ended || data === "") return;
    if (data.charCodeAt(0) === 91 && data.startsWith("[DONE]")) {
      // The finish may be missing (Snowflake, Kimi by Novita), but not everything.
      if (this.#answer.begun) this.#answer.finish();
      else this.cut("the stream held no answer");
      return;
    }
    if (event === "error") return this.fail(data);
    let chunk: ChatAnswer | null;
    try {
      chunk = this.#chunks.parse(data);
    } catch {
      return this.notJson();
    }
    if (typeof chunk !== "object" || chunk === null) return undefined;
    if (chunk.error !== undefined && chunk.error !== null)
      return this.sink.fail({
        ...failureOfBody(chunk),
        ...(saysSomething(chunk.usage) && { usage: toUsage(chunk.usage) }),
      });
    // The finish waits for `[DONE]` or the end: usage comes after the finish reason with most providers, and so may an error.
    this.#answer.take(chunk, "delta");
    return undefined;
  }
}
