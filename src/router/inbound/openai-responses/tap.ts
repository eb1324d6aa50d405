/**
 * Watches a stream of Responses events while it passes as bytes: whether it has begun, what it used, whether it ended well. Events of content
 * are not parsed.
 */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { ResponsesAnswer, ResponsesEvent } from "../../../protocol/openai-responses.ts";
import { SseParser } from "../../../protocol/sse.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "../../../shared/json.ts";
import { errorTable } from "../../../shared/errors.ts";
import { failureOfStatus } from "../../dialects/openai-responses/status.ts";
import { toUsage } from "../../dialects/openai-responses/usage.ts";
import type { StreamTap, UpstreamFailure } from "../../dialects/dialect.ts";
import { failureOfBody } from "../../dialects/shared/errors.ts";
import type { Origin } from "../../dialects/shared/origin.ts";
import { newHead } from "./response.ts";
import { markSealed } from "./sealed-items.ts";
import { failedEvent } from "./stream-sink.ts";

/** Events that say nothing yet: another target may still answer. */
const before = new Set(["response.created", "response.queued", "response.in_progress"]);
const last = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
  "response.cancelled",
  "error",
]);

/** The type of an event that has no name in its frame. Most begin with it; Bedrock's have it behind other fields. */
const typeOf = (data: string): string => {
  const first = /^\{\s*"type"\s*:\s*"([^"]+)"/.exec(data)?.[1];
  if (first !== undefined) return first;
  const type = parseJsonObject(data)?.["type"];
  return typeof type === "string" ? type : "";
};

export class ResponsesTap implements StreamTap {
  readonly #origin: Origin;
  readonly #request: JsonObject;
  /** Data of the first and of the latest event: parsed only where the stream is cut. */
  #first = "";
  #latest = "";
  readonly #sse = new SseParser({ onEvent: (name, data) => this.#event(name, data) });
  started = false;
  ended = false;
  failure: UpstreamFailure | undefined;
  errorSent = false;
  usage: Usage | undefined;
  stopReason: StopReason | undefined;

  /** @param origin whose answer it is; @param request the client's, parsed */
  constructor(origin: Origin, request: JsonObject) {
    this.#origin = origin;
    this.#request = request;
  }

  /** The end of the response that the client has seen begin, numbered after what came before. */
  cut(failure: UpstreamFailure): string {
    const model = String(this.#request["model"]);
    const number = parseJsonObject(this.#latest)?.["sequence_number"];
    const begun = parseJsonObject(this.#first)?.["response"];
    const { id, created_at: created } = isJsonObject(begun) ? begun : {};
    const head = newHead(model);
    return failedEvent(this.#request, failure, {
      number: typeof number === "number" ? number + 1 : 0,
      head: {
        id: typeof id === "string" ? id : head.id,
        created: typeof created === "number" ? created : head.created,
        model,
      },
    });
  }

  rewrite(events: Buffer): Buffer {
    return markSealed(events, this.#origin);
  }

  push(chunk: Buffer): void {
    this.#sse.push(chunk);
  }

  end(): void {
    const latest = this.#latest;
    this.#sse.end();
    if (this.ended) return;
    // The part of an event that came last is not passed on.
    this.#latest = latest;
    const { message, http, type } = errorTable["upstream.cut"];
    this.failure = { status: http, type, message: `${message}: the stream ended without response.completed` };
  }

  #event(name: string, data: string): void {
    if (this.ended || data === "" || data.startsWith("[DONE]")) return;
    if (this.#first === "") this.#first = data;
    this.#latest = data;
    const type = name === "" ? typeOf(data) : name;
    if (last.has(type)) this.#end(type, data);
    else if (type !== "" && !before.has(type)) this.started = true;
    else if (type === "" && data.includes('"error"')) this.#end("error", data);
  }

  #end(type: string, data: string): void {
    let event: ResponsesEvent;
    try {
      event = JSON.parse(data) as ResponsesEvent;
    } catch {
      event = {};
    }
    this.ended = true;
    const { response } = event;
    if (type === "error") this.failure = failureOfBody(event.error === undefined ? { error: event } : event);
    else if (typeof response === "object" && response !== null) this.#answer(response);
    if (type === "response.failed" || type === "response.cancelled")
      this.failure ??= failureOfBody({ error: response?.error ?? {} });
    this.errorSent = this.failure !== undefined;
    if (this.failure === undefined) this.started = true;
  }

  #answer(response: ResponsesAnswer): void {
    this.failure = failureOfStatus(response);
    if (response.usage !== undefined && response.usage !== null) this.usage = toUsage(response.usage, 0);
    this.stopReason = response.status === "incomplete" ? "max_tokens" : "end_turn";
  }
}
