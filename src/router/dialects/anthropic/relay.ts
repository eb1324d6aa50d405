/**
 * The stream of a provider that speaks Anthropic's form without being Anthropic. Each event is understood and given to the
 * sink, which writes a valid stream: a second `message_start`, thinking inside a text block, deltas of a block that never
 * started and blocks that never ended are put right here, and a cut is an error instead of an end.
 */
import type { Usage } from "../../../protocol/anthropic.ts";
import { SseParser } from "../../../protocol/sse.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { MessageSink, StreamDecoder } from "../dialect.ts";
import { Blocks, stopReasonOf } from "./blocks.ts";
import { cutFailure, failureOfErrorEvent, notUnderstood } from "./failures.ts";
import { headOf } from "./head.ts";
import { mergeUsage } from "./usage.ts";

export class RelayDecoder implements StreamDecoder {
  readonly #sink: MessageSink;
  readonly #blocks: Blocks;
  readonly #sse: SseParser;
  #usage: Usage = { input_tokens: 0, output_tokens: 0 };
  #stop: { reason: string; sequence: string | null } | undefined;
  #safeguardResults: readonly unknown[] | undefined;

  constructor(sink: MessageSink) {
    this.#sink = sink;
    this.#blocks = new Blocks(sink);
    this.#sse = new SseParser({ onEvent: (event, data) => this.#event(event, data) });
  }

  get usage(): Usage {
    return this.#usage;
  }

  push(chunk: Buffer): void {
    this.#sse.push(chunk);
  }

  end(): void {
    this.#sse.end();
    if (!this.#sink.ended) this.#finish();
  }

  #event(name: string, data: string): void {
    if (this.#sink.ended || data === "[DONE]") return;
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      if (name !== "ping") this.#sink.fail(notUnderstood(data));
      return;
    }
    if (!isJsonObject(event)) return;
    // An error is known by its event's name too: some put the error's own type where the event's belongs, or none.
    if (name === "error" || (event["type"] === undefined && isJsonObject(event["error"])))
      return this.#sink.fail(failureOfErrorEvent(event));
    const { index } = event;
    switch (event["type"] ?? name) {
      case "message_start":
        this.#messageStart(event["message"]);
        break;
      case "content_block_start":
        if (isJsonObject(event["content_block"]))
          this.#blocks.take({ type: "start", index, body: event["content_block"] });
        break;
      case "content_block_delta":
        if (isJsonObject(event["delta"])) this.#blocks.take({ type: "delta", index, body: event["delta"] });
        break;
      case "content_block_stop":
        this.#blocks.take({ type: "stop", index, body: event });
        break;
      case "message_delta":
        this.#messageDelta(event);
        break;
      case "message_stop":
        this.#finish();
        break;
      case "error":
        this.#sink.fail(failureOfErrorEvent(event));
        break;
      default: // ping, and whatever comes to be: nothing that a client of today would miss
    }
  }

  #messageStart(message: unknown): void {
    if (!isJsonObject(message)) return;
    this.#usage = mergeUsage(this.#usage, message["usage"]);
    this.#sink.start({
      ...headOf(message),
      usage: this.#usage,
    });
  }

  #messageDelta(event: JsonObject): void {
    this.#usage = mergeUsage(this.#usage, event["usage"]);
    const delta = isJsonObject(event["delta"]) ? event["delta"] : {};
    const results: unknown = delta["safeguard_results"];
    if (Array.isArray(results)) this.#safeguardResults = results;
    if (typeof delta["stop_reason"] === "string") {
      const sequence = delta["stop_sequence"];
      this.#stop = {
        reason: delta["stop_reason"],
        sequence: typeof sequence === "string" ? sequence : null,
      };
    }
  }

  /** Some providers leave out `message_stop`; with the stop reason said, nothing is missing, and without it something is. */
  #finish(): void {
    if (this.#stop === undefined) return this.#sink.fail(cutFailure());
    this.#blocks.end();
    return this.#sink.finish({
      stopReason: stopReasonOf(this.#stop.reason, this.#blocks.called),
      stopSequence: this.#stop.sequence,
      usage: this.#usage,
      ...(this.#safeguardResults !== undefined && { safeguardResults: this.#safeguardResults }),
    });
  }
}
