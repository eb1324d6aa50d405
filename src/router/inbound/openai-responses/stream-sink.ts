/**
 * A `MessageSink` that writes a stream of Responses events (developers.openai.com, api reference, responses streaming): created and
 * in_progress first, items numbered from 0 without gaps, each added before its deltas and done before the next, one event at the end that
 * holds the whole answer, sequence numbers that rise by one.
 */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { JsonObject } from "../../../shared/json.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";
import { reportedAtStart } from "../../sinks/message-head.ts";
import type { StreamWriter } from "../client-form.ts";
import { urlCitation } from "../shared/citations.ts";
import { StreamState } from "../shared/stream-state.ts";
import type { ClientTools } from "../shared/tools.ts";
import { hiddenReasoningItem, type Item } from "./items.ts";
import {
  MessageWriter,
  ReasoningWriter,
  SearchWriter,
  ToolWriter,
  type Emit,
  type ItemWriter,
} from "./item-writers.ts";
import { endOf, errorOf, newHead, responseObject, responsesUsageOf, type ResponseHead } from "./response.ts";

const event = (type: string, number: number, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...fields })}\n\n`;

/** Where a stream stands that was passed on as bytes. */
export interface StreamPlace {
  /** Of the next event. */
  readonly number: number;
  readonly head: ResponseHead;
}

/**
 * A failure that the provider's stream has not told of.
 * @param request the client's, parsed; @param place where the client has seen a part of a stream already
 */
export const failedEvent = (request: JsonObject, failure: UpstreamFailure, place?: StreamPlace): string =>
  event("response.failed", place?.number ?? 0, {
    response: responseObject(request, place?.head ?? newHead(String(request["model"])), {
      status: "failed",
      output: [],
      error: errorOf(failure),
    }),
  });

export interface ResponsesStreamOptions {
  /** Where the provider names no model. */
  readonly model: string;
  /** The client's request, parsed. */
  readonly request: JsonObject;
  readonly tools: ClientTools;
  /** Takes secrets out of a failure's words. */
  readonly redact: (text: string) => string;
}

export class ResponsesStreamSink extends StreamState implements StreamWriter {
  readonly #options: ResponsesStreamOptions;
  #out = "";
  #number = 0;
  #head: ResponseHead | undefined;
  readonly #output: Item[] = [];
  #open: ItemWriter | undefined;
  /** A block that is not shown. */
  #hidden = false;

  constructor(options: ResponsesStreamOptions) {
    super();
    this.#options = options;
  }

  take(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }

  start(head: { id?: string; model?: string; usage?: Partial<Usage> }): void {
    if (this.#head !== undefined || this.ended) return;
    this.usage = reportedAtStart(head.usage);
    this.#head = newHead(head.model ?? this.#options.model);
    const response = this.#response({ status: "in_progress", output: [] });
    this.#emit("response.created", { response });
    this.#emit("response.in_progress", { response });
  }

  text(delta: string): void {
    if (delta === "" || this.ended) return;
    this.#hidden = false;
    const open = this.#open;
    const writer = open instanceof MessageWriter ? open : this.#begin(new MessageWriter(this.#place));
    writer.text(delta);
  }

  thinking(delta: string): void {
    if (delta === "" || this.ended) return;
    const open = this.#open;
    const writer = open instanceof ReasoningWriter ? open : this.#begin(new ReasoningWriter(this.#place));
    writer.text(delta);
  }

  signature(value: string): void {
    if (value === "" || this.ended) return;
    const open = this.#open;
    const writer = open instanceof ReasoningWriter ? open : this.#begin(new ReasoningWriter(this.#place));
    writer.signature = value;
    this.endBlock();
  }

  toolStart(id: string, name: string): void {
    if (!this.ended) this.#begin(new ToolWriter(this.#place, { id, name }, this.#options.tools));
  }

  toolInput(partialJson: string): void {
    if (partialJson === "" || this.ended || !(this.#open instanceof ToolWriter)) return;
    this.#open.json(partialJson);
  }

  openBlock(block: { type: string; [field: string]: unknown }): void {
    if (this.ended) return;
    // A text with citations goes on with the message; its own start is told with its first word.
    if (block.type === "text") return;
    this.endBlock();
    if (block.type === "server_tool_use" && block["name"] === "web_search")
      this.#begin(new SearchWriter(this.#place));
    else this.#hidden = true;
  }

  delta(delta: { type: string; [field: string]: unknown }): void {
    if (this.ended || this.#hidden) return;
    const open = this.#open;
    if (open instanceof SearchWriter && typeof delta["partial_json"] === "string")
      open.json(delta["partial_json"]);
    else if (delta.type === "text_delta" && typeof delta["text"] === "string") this.text(delta["text"]);
    else if (delta.type === "citations_delta" && open instanceof MessageWriter) {
      const citation = urlCitation(delta["citation"], open.blockStart, open.length);
      if (citation !== undefined) open.annotation(citation);
    }
  }

  block(block: { type: string; [field: string]: unknown }): void {
    if (this.ended) return;
    this.endBlock();
    if (block.type !== "redacted_thinking" || typeof block["data"] !== "string") return;
    this.start({});
    this.#end();
    this.committed = true;
    const item = hiddenReasoningItem(block["data"]);
    const place = { output_index: this.#output.length, item };
    this.#emit("response.output_item.added", place);
    this.#emit("response.output_item.done", place);
    this.#output.push(item);
  }

  /** A text stays open: the next block may be a text too, and all of them are one message. */
  endBlock(): void {
    if (this.ended) return;
    this.#hidden = false;
    if (this.#open instanceof MessageWriter) this.#open.endBlock();
    else this.#end();
  }

  finish(end: { stopReason: StopReason; stopSequence?: string | null; usage: Usage }): void {
    if (this.ended) return;
    this.start({});
    this.#end();
    this.ended = true;
    this.committed = true;
    this.usage = end.usage;
    this.stopReason = end.stopReason;
    const state = endOf(end.stopReason);
    const response = this.#response({ ...state, output: this.#output, usage: responsesUsageOf(end.usage) });
    this.#emit(`response.${state.status}`, { response });
  }

  fail(failure: UpstreamFailure): void {
    const told = this.failed(failure, this.#options.redact);
    if (told === undefined) return;
    const response = this.#response({ status: "failed", output: this.#output, error: errorOf(told) });
    this.#emit("response.failed", { response });
  }

  readonly #emit: Emit = (type, fields) => {
    this.#out += event(type, this.#number++, fields);
  };

  get #place(): { emit: Emit; index: () => number } {
    return { emit: this.#emit, index: () => this.#output.length };
  }

  #begin<Writer extends ItemWriter>(writer: Writer): Writer {
    this.start({});
    this.#end();
    this.#hidden = false;
    this.committed = true;
    this.#open = writer;
    writer.begin();
    return writer;
  }

  #end(): void {
    const writer = this.#open;
    this.#open = undefined;
    if (writer !== undefined) this.#output.push(writer.end());
  }

  #response(state: Parameters<typeof responseObject>[2]): object {
    const head = (this.#head ??= newHead(this.#options.model));
    return responseObject(this.#options.request, head, state);
  }
}
