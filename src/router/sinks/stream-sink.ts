/**
 * A `MessageSink` that writes an Anthropic stream. It guarantees the invariants whatever the decoder calls: one
 * `message_start`, blocks numbered from 0 without gaps and never interleaved, deltas only for the open block, one
 * `message_delta`, `message_stop` last (platform.claude.com/docs, build-with-claude/streaming).
 */
import type { StopReason, Usage } from "../../protocol/anthropic.ts";
import type { MessageEnd, MessageSink, UpstreamFailure } from "../dialects/dialect.ts";
import { messageId, reportedAtStart, startUsage } from "./message-head.ts";

type OpenKind = "none" | "text" | "thinking" | "tool" | "other";

/** An Anthropic `error` event as it stands in a stream. */
export const errorEvent = (failure: Pick<UpstreamFailure, "type" | "message">): string =>
  `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: failure.type, message: failure.message } })}\n\n`;

export const pingEvent = 'event: ping\ndata: {"type":"ping"}\n\n';

/** What stands in a message whatever the provider says of it. */
export interface AnswerOwn {
  /** The model id of the message's head. */
  readonly model?: string;
  /** `safeguard_results` where the provider gives none. */
  readonly notJudged?: readonly object[] | undefined;
}

export class StreamSink implements MessageSink {
  readonly #model: string;
  readonly #redact: (text: string) => string;
  readonly #own: AnswerOwn;
  #out = "";
  #index = -1;
  #open: OpenKind = "none";
  #started = false;
  /** True once something that cannot be taken back stands in the output: the first content, or a regular end. */
  committed = false;
  ended = false;
  failure: UpstreamFailure | undefined;
  usage: Usage | undefined;
  stopReason: StopReason | undefined;

  /** @param model the model id for the message's head, where the provider names none; @param redact takes secrets out of a failure's words */
  constructor(model: string, redact: (text: string) => string = (text) => text, own: AnswerOwn = {}) {
    this.#model = model;
    this.#redact = redact;
    this.#own = own;
  }

  /** What is to be written to the client since the last call. */
  take(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }

  start(head: { id?: string; model?: string; usage?: Partial<Usage> }): void {
    if (this.#started || this.ended) return;
    this.#started = true;
    this.usage = reportedAtStart(head.usage);
    const message = {
      id: head.id ?? messageId(),
      type: "message",
      role: "assistant",
      model: this.#own.model ?? head.model ?? this.#model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: startUsage(head.usage),
    };
    this.#out += `event: message_start\ndata: ${JSON.stringify({ type: "message_start", message })}\n\n`;
  }

  text(delta: string): void {
    if (delta === "" || this.ended) return;
    if (this.#open !== "text") this.#begin("text", '{"type":"text","text":""}');
    this.#out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{"type":"text_delta","text":${JSON.stringify(delta)}}}\n\n`;
  }

  thinking(delta: string): void {
    if (delta === "" || this.ended) return;
    if (this.#open !== "thinking")
      this.#begin("thinking", '{"type":"thinking","thinking":"","signature":""}');
    this.#out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{"type":"thinking_delta","thinking":${JSON.stringify(delta)}}}\n\n`;
  }

  signature(value: string): void {
    if (value === "" || this.ended) return;
    if (this.#open !== "thinking")
      this.#begin("thinking", '{"type":"thinking","thinking":"","signature":""}');
    this.delta({ type: "signature_delta", signature: value });
    this.endBlock();
  }

  toolStart(id: string, name: string): void {
    if (this.ended) return;
    this.#begin("tool", JSON.stringify({ type: "tool_use", id, name, input: {} }));
  }

  toolInput(partialJson: string): void {
    if (partialJson === "" || this.ended || this.#open !== "tool") return;
    this.#out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{"type":"input_json_delta","partial_json":${JSON.stringify(partialJson)}}}\n\n`;
  }

  openBlock(block: { type: string; [field: string]: unknown }): void {
    if (!this.ended) this.#begin(kindOf(block.type), JSON.stringify(block));
  }

  delta(delta: { type: string; [field: string]: unknown }): void {
    if (this.ended || this.#open === "none") return;
    this.#out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${JSON.stringify(delta)}}\n\n`;
  }

  block(block: { type: string }): void {
    if (this.ended) return;
    this.#begin("other", JSON.stringify(block));
    this.endBlock();
  }

  endBlock(): void {
    if (this.ended || this.#open === "none") return;
    this.#open = "none";
    this.#out += `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#index}}\n\n`;
  }

  finish(end: MessageEnd): void {
    if (this.ended) return;
    this.start({});
    this.endBlock();
    this.ended = true;
    this.committed = true;
    this.usage = end.usage;
    this.stopReason = end.stopReason;
    const results = end.safeguardResults ?? this.#own.notJudged;
    const delta = {
      stop_reason: end.stopReason,
      stop_sequence: end.stopSequence ?? null,
      ...(results !== undefined && { safeguard_results: results }),
    };
    this.#out += `event: message_delta\ndata: ${JSON.stringify({ type: "message_delta", delta, usage: end.usage })}\n\n`;
    this.#out += 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
  }

  fail(failure: UpstreamFailure): void {
    if (this.ended) return;
    this.ended = true;
    this.usage = failure.usage ?? this.usage;
    this.failure = { ...failure, message: this.#redact(failure.message) };
    if (this.committed) this.#out += errorEvent(this.failure);
  }

  #begin(kind: OpenKind, block: string): void {
    this.start({});
    this.endBlock();
    this.committed = true;
    this.#open = kind;
    this.#index++;
    this.#out += `event: content_block_start\ndata: {"type":"content_block_start","index":${this.#index},"content_block":${block}}\n\n`;
  }
}

const kindOf = (type: string): OpenKind => {
  if (type === "text" || type === "thinking") return type;
  return type === "tool_use" ? "tool" : "other";
};
