/**
 * The stream of a provider that speaks Anthropic's form without being Anthropic. Each event is understood and given to the
 * sink, which writes a valid stream: a second `message_start`, thinking inside a text block, deltas of a block that never
 * started and blocks that never ended are put right here, and a cut is an error instead of an end.
 */
import type { MessageResponse, StopReason, Usage } from "../../../protocol/anthropic.ts";
import { SseParser } from "../../../protocol/sse.ts";
import type { MessageSink, StreamDecoder, UpstreamFailure } from "../dialect.ts";
import { cutFailure, failureOfErrorEvent, notUnderstood } from "./failures.ts";
import { mergeUsage } from "./usage.ts";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export class RelayDecoder implements StreamDecoder {
  readonly #sink: MessageSink;
  readonly #sse: SseParser;
  #usage: Usage = { input_tokens: 0, output_tokens: 0 };
  #stop: { reason: StopReason; sequence: string | null } | undefined;
  /** Index of the block that is open at the provider. */
  #index: unknown;
  /** A tool's input that stood in its start: sent when no delta comes. */
  #startInput: string | undefined;
  #toolOpen = false;

  constructor(sink: MessageSink) {
    this.#sink = sink;
    this.#sse = new SseParser({ onEvent: (event, data) => this.#event(event, data) });
  }

  push(chunk: Buffer): void {
    this.#sse.push(chunk);
  }

  end(): void {
    this.#sse.end();
    if (this.#sink.ended) return;
    // Some providers leave out message_stop; with the stop reason said, nothing is missing.
    if (this.#stop === undefined) this.#sink.fail(cutFailure());
    else this.#finish();
  }

  #event(name: string, data: string): void {
    if (this.#sink.ended || data === "[DONE]") return;
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      if (name !== "ping") this.#fail(notUnderstood(data));
      return;
    }
    if (!isObject(event)) return;
    switch (event["type"] ?? name) {
      case "message_start":
        this.#messageStart(event["message"]);
        break;
      case "content_block_start":
        if (isObject(event["content_block"])) this.#blockStart(event["index"], event["content_block"]);
        break;
      case "content_block_delta":
        if (isObject(event["delta"])) this.#blockDelta(event["index"], event["delta"]);
        break;
      case "content_block_stop":
        this.#blockStop();
        break;
      case "message_delta":
        this.#messageDelta(event);
        break;
      case "message_stop":
        if (this.#stop === undefined) this.#fail(cutFailure());
        else this.#finish();
        break;
      case "error":
        this.#fail(failureOfErrorEvent(event));
        break;
      default: // ping, and whatever comes to be: nothing that a client of today would miss
    }
  }

  #messageStart(message: unknown): void {
    if (!isObject(message)) return;
    this.#usage = mergeUsage(this.#usage, message["usage"]);
    this.#sink.start({
      ...(typeof message["id"] === "string" && message["id"] !== "" && { id: message["id"] }),
      ...(typeof message["model"] === "string" && message["model"] !== "" && { model: message["model"] }),
      usage: this.#usage,
    });
  }

  #blockStart(index: unknown, block: Json): void {
    this.#blockStop();
    this.#index = index;
    switch (block["type"]) {
      case "text":
        if (Array.isArray(block["citations"]))
          this.#sink.openBlock({ type: "text", text: "", citations: [] });
        this.#sink.text(textOf(block["text"]));
        break;
      case "thinking":
        this.#sink.thinking(textOf(block["thinking"]));
        break;
      case "tool_use":
        this.#toolOpen = true;
        this.#startInput = nonEmptyInput(block["input"]);
        this.#sink.toolStart(textOf(block["id"]), textOf(block["name"]));
        break;
      default:
        this.#sink.openBlock(block as { type: string });
    }
  }

  #blockDelta(index: unknown, delta: Json): void {
    switch (delta["type"]) {
      case "text_delta":
        return this.#sink.text(textOf(delta["text"]));
      case "thinking_delta":
        return this.#sink.thinking(textOf(delta["thinking"]));
      case "signature_delta":
        return this.#sink.signature(textOf(delta["signature"]));
      case "input_json_delta":
        if (this.#index !== index) return this.#fail(notUnderstood("tool arguments outside their block"));
        if (textOf(delta["partial_json"]) !== "") this.#startInput = undefined;
        // An open block that is no tool of the client's (server_tool_use) takes the same delta.
        if (this.#toolOpen) return this.#sink.toolInput(textOf(delta["partial_json"]));
        return this.#sink.delta(delta as { type: string });
      default:
        return this.#sink.delta(delta as { type: string });
    }
  }

  #blockStop(): void {
    if (this.#startInput !== undefined) this.#sink.toolInput(this.#startInput);
    this.#startInput = undefined;
    this.#toolOpen = false;
    this.#index = undefined;
    this.#sink.endBlock();
  }

  #messageDelta(event: Json): void {
    this.#usage = mergeUsage(this.#usage, event["usage"]);
    const delta = isObject(event["delta"]) ? event["delta"] : {};
    if (typeof delta["stop_reason"] === "string") {
      const sequence = delta["stop_sequence"];
      this.#stop = {
        reason: delta["stop_reason"] as StopReason,
        sequence: typeof sequence === "string" ? sequence : null,
      };
    }
  }

  #finish(): void {
    this.#blockStop();
    this.#sink.finish({
      stopReason: this.#stop!.reason,
      stopSequence: this.#stop!.sequence,
      usage: this.#usage,
    });
  }

  #fail(failure: UpstreamFailure): void {
    this.#sink.fail(failure);
  }
}

const nonEmptyInput = (input: unknown): string | undefined =>
  isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : undefined;

/** A whole answer of Anthropic's form. */
export const relayMessage = (body: unknown, sink: MessageSink): void => {
  if (!isObject(body) || !Array.isArray(body["content"])) {
    if (isObject(body) && "error" in body) sink.fail(failureOfErrorEvent(body));
    else sink.fail(notUnderstood(JSON.stringify(body)));
    return;
  }
  const message = body as unknown as MessageResponse;
  sink.start({ id: message.id, model: message.model, usage: message.usage });
  for (const block of message.content) {
    if (block.type === "text" && (block.citations === undefined || block.citations === null)) {
      sink.endBlock();
      sink.text(block.text);
    } else if (block.type === "thinking") {
      sink.endBlock();
      sink.thinking(block.thinking);
      if (block.signature !== undefined) sink.signature(block.signature);
    } else if (block.type === "tool_use") {
      sink.toolStart(block.id, block.name);
      const input = nonEmptyInput(block.input);
      if (input !== undefined) sink.toolInput(input);
      sink.endBlock();
    } else {
      sink.block(block);
    }
  }
  sink.finish({
    stopReason: message.stop_reason ?? "end_turn",
    stopSequence: message.stop_sequence ?? null,
    usage: mergeUsage({ input_tokens: 0, output_tokens: 0 }, message.usage),
  });
};
