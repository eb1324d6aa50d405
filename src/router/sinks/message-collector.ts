/** A `MessageSink` that collects one whole answer, for clients that asked for no stream. */
import type { ContentBlock, MessageResponse, StopReason, Usage } from "../../protocol/anthropic.ts";
import type { MessageEnd, MessageSink, UpstreamFailure } from "../dialects/dialect.ts";
import { messageId, startUsage } from "./message-head.ts";

type AnyBlock = { type: string; [field: string]: unknown };

export class MessageCollector implements MessageSink {
  readonly #model: string;
  #head: { id?: string; model?: string; usage?: Partial<Usage> } = {};
  #content: AnyBlock[] = [];
  #open: AnyBlock | undefined;
  /** Pieces of the open block's text, thinking or JSON: joined once. */
  #pieces: string[] = [];
  #started = false;
  ended = false;
  failure: UpstreamFailure | undefined;
  usage: Usage | undefined;
  stopReason: StopReason | undefined;
  #stopSequence: string | null = null;
  #safeguardResults: readonly unknown[] | undefined;

  constructor(model: string) {
    this.#model = model;
  }

  start(head: { id?: string; model?: string; usage?: Partial<Usage> }): void {
    if (this.#started || this.ended) return;
    this.#started = true;
    this.#head = head;
  }

  text(delta: string): void {
    if (delta === "" || this.ended) return;
    if (this.#open?.type !== "text") this.#begin({ type: "text", text: "" });
    this.#pieces.push(delta);
  }

  thinking(delta: string): void {
    if (delta === "" || this.ended) return;
    if (this.#open?.type !== "thinking") this.#begin({ type: "thinking", thinking: "", signature: "" });
    this.#pieces.push(delta);
  }

  signature(value: string): void {
    if (value === "" || this.ended) return;
    if (this.#open?.type !== "thinking") this.#begin({ type: "thinking", thinking: "", signature: "" });
    this.#open!["signature"] = value;
    this.endBlock();
  }

  toolStart(id: string, name: string): void {
    if (!this.ended) this.#begin({ type: "tool_use", id, name, input: {} });
  }

  toolInput(partialJson: string): void {
    if (this.ended || this.#open === undefined || !("input" in this.#open)) return;
    this.#pieces.push(partialJson);
  }

  openBlock(block: AnyBlock): void {
    if (!this.ended) this.#begin({ ...block });
  }

  delta(delta: AnyBlock): void {
    if (this.ended || this.#open === undefined) return;
    switch (delta.type) {
      case "input_json_delta":
        this.#piece(delta["partial_json"]);
        break;
      case "text_delta":
        this.#piece(delta["text"]);
        break;
      case "citations_delta":
        this.#open["citations"] = [
          ...(Array.isArray(this.#open["citations"]) ? (this.#open["citations"] as unknown[]) : []),
          delta["citation"],
        ];
        break;
      default: // a delta that is not known here belongs to no field that is known here
    }
  }

  block(block: AnyBlock | ContentBlock): void {
    if (this.ended) return;
    this.endBlock();
    this.#content.push(block as AnyBlock);
  }

  endBlock(): void {
    const block = this.#open;
    if (block === undefined) return;
    const joined = this.#pieces.join("");
    this.#open = undefined;
    this.#pieces = [];
    if (block.type === "text") block["text"] = joined;
    else if (block.type === "thinking") block["thinking"] = joined;
    else if ("input" in block && joined !== "") block["input"] = parseInput(joined);
    this.#content.push(block);
  }

  finish(end: MessageEnd): void {
    if (this.ended) return;
    this.endBlock();
    this.ended = true;
    this.usage = end.usage;
    this.stopReason = end.stopReason;
    this.#stopSequence = end.stopSequence ?? null;
    this.#safeguardResults = end.safeguardResults;
  }

  fail(failure: UpstreamFailure): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
  }

  /** The answer, after `finish`. */
  message(): MessageResponse {
    return {
      id: this.#head.id ?? messageId(),
      type: "message",
      role: "assistant",
      model: this.#head.model ?? this.#model,
      content: this.#content as unknown as ContentBlock[],
      stop_reason: this.stopReason ?? null,
      stop_sequence: this.#stopSequence,
      usage: this.usage ?? startUsage(this.#head.usage),
      ...(this.#safeguardResults !== undefined && { safeguard_results: this.#safeguardResults }),
    };
  }

  #piece(value: unknown): void {
    if (typeof value === "string") this.#pieces.push(value);
  }

  #begin(block: AnyBlock): void {
    this.endBlock();
    this.#open = block;
  }
}

/** Arguments that are not JSON (cut by `max_tokens`) have no whole form: an empty object, as no argument can be trusted. */
const parseInput = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return {};
  }
};
