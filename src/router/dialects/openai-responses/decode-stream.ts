/** Reads a stream of `response.*` events (api reference, responses, streaming): synchronous, one `JSON.parse` for each event. */
import type { ResponsesAnswer, ResponsesEvent } from "../../../protocol/openai-responses.ts";
import { errorTable } from "../../../shared/errors.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { failureOfBody } from "../shared/errors.ts";
import { EventStreamDecoder } from "../shared/event-stream.ts";
import { Answer } from "./answer.ts";
import { decodeMessage } from "./decode-message.ts";

export class ResponsesStreamDecoder extends EventStreamDecoder {
  readonly #answer: Answer;

  constructor(sink: MessageSink, context: DialectContext) {
    super(sink, context, decodeMessage);
    this.#answer = new Answer(sink, context);
  }

  /** The end of the connection. Only the last event tells that an answer is whole: without it half a sentence would look meant. */
  protected override atEnd(): void {
    this.#cut();
  }

  protected override event(name: string, data: string): void {
    if (this.sink.ended || data === "") return;
    if (data.charCodeAt(0) === 91 && data.startsWith("[DONE]")) return this.#cut();
    if (name === "error") return this.fail(data);
    let event: ResponsesEvent | null;
    try {
      event = JSON.parse(data) as ResponsesEvent | null;
    } catch {
      return this.notJson();
    }
    if (isJsonObject(event)) this.#take(event, typeof event.type === "string" ? event.type : name);
    return undefined;
  }

  /** Events that are not named here are progress reports, or pieces of items that come whole later. */
  #take(event: ResponsesEvent, type: string): void {
    const answer = this.#answer;
    switch (type) {
      case "response.output_text.delta":
        return answer.text(event);
      case "response.function_call_arguments.delta":
        return answer.arguments(event);
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_summary.delta":
        return answer.summary(event);
      case "response.reasoning_text.delta":
      case "response.reasoning.delta":
        return answer.reasoning(event);
      case "response.refusal.delta":
        return answer.refusal(event);
      case "response.output_text.done":
        return answer.part(event, { type: "output_text", text: event.text });
      case "response.refusal.done":
        return answer.refusal(event, typeof event.refusal === "string" ? event.refusal : "");
      case "response.reasoning_summary_text.done":
        return answer.summary(event, typeof event.text === "string" ? event.text : "");
      case "response.reasoning_text.done":
        return answer.reasoning(event, typeof event.text === "string" ? event.text : "");
      case "response.content_part.added":
      case "response.content_part.done":
      case "response.reasoning_summary_part.added":
      case "response.reasoning_summary_part.done":
      case "response.reasoning_part.added":
      case "response.reasoning_part.done":
        return isJsonObject(event.part) ? answer.part(event, event.part) : undefined;
      case "response.output_text.annotation.added":
        return answer.annotation(event);
      case "response.function_call_arguments.done":
        return answer.arguments(event, event.arguments);
      case "response.output_item.added":
        return answer.added(event);
      case "response.output_item.done":
        return answer.done(event);
      case "response.created":
      case "response.in_progress":
        return answer.begin(responseOf(event));
      case "response.completed":
      case "response.done":
        return answer.end({ status: "completed", ...responseOf(event) });
      case "response.incomplete":
        return answer.end({ ...responseOf(event), status: "incomplete" });
      case "response.failed":
      case "response.cancelled":
        return answer.end({ ...responseOf(event), status: "failed" });
      case "error":
        return this.sink.fail(failureOfBody(event));
      default:
        // A gateway's error in the place of an event.
        return type === "" && event.error !== undefined && event.error !== null
          ? this.sink.fail(failureOfBody(event))
          : undefined;
    }
  }

  #cut(): void {
    this.sink.fail({
      status: 502,
      type: "api_error",
      message: `${errorTable["upstream.cut"].message}: the stream ended without response.completed`,
    });
  }
}

const responseOf = (event: ResponsesEvent): ResponsesAnswer =>
  isJsonObject(event.response) ? event.response : {};
