/**
 * A `MessageSink` that writes a stream of chat completion chunks (developers.openai.com, api reference, chat streaming): one id, the role
 * first, calls numbered from 0, one finish reason, usage in a last chunk where it was asked for, `[DONE]`.
 */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";
import { reportedAtStart } from "../../sinks/message-head.ts";
import type { StreamWriter } from "../client-form.ts";
import { openAiError } from "../shared/errors.ts";
import { StreamState } from "../shared/stream-state.ts";
import { argumentsOf, type ClientTools } from "../shared/tools.ts";
import {
  chatAnnotation,
  chatCall,
  chatUsageOf,
  completionId,
  created,
  finishReasonOf,
  reasoningDetail,
} from "./completion.ts";

export const chatErrorEvent = (failure: UpstreamFailure): string =>
  `data: ${JSON.stringify({ error: openAiError(failure) })}\n\n`;

export interface ChatStreamOptions {
  /** For chunks whose provider names no model. */
  readonly model: string;
  readonly includeUsage: boolean;
  readonly tools: ClientTools;
  /** Takes secrets out of a failure's words. */
  readonly redact: (text: string) => string;
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  /** Pieces of the arguments of a custom tool, whose plain text can be told only when they are whole. */
  readonly held: string[] | undefined;
  empty: boolean;
}

export class ChatStreamSink extends StreamState implements StreamWriter {
  readonly #options: ChatStreamOptions;
  #out = "";
  /** Beginning of every chunk, up to its choices. */
  #head = "";
  /** End of every chunk. */
  readonly #tail: string;
  #open: "none" | "text" | "thinking" | "call" | "other" = "none";
  #call: OpenCall | undefined;
  #calls = 0;
  #thinking: string[] = [];
  #details = 0;
  #textLength = 0;
  #blockStart = 0;

  constructor(options: ChatStreamOptions) {
    super();
    this.#options = options;
    // Where usage was asked for, every other chunk says that it has none.
    this.#tail = options.includeUsage ? '],"usage":null}\n\n' : "]}\n\n";
  }

  take(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }

  start(head: { id?: string; model?: string; usage?: Partial<Usage> }): void {
    if (this.#head !== "" || this.ended) return;
    this.usage = reportedAtStart(head.usage);
    const model = JSON.stringify(head.model ?? this.#options.model);
    this.#head = `data: {"id":"${completionId()}","object":"chat.completion.chunk","created":${created()},"model":${model},"choices":[`;
    this.#delta('{"role":"assistant","content":"","refusal":null}');
  }

  text(delta: string): void {
    if (delta === "" || this.ended) return;
    this.#enter("text");
    this.#textLength += delta.length;
    this.#delta(`{"content":${JSON.stringify(delta)}}`);
  }

  thinking(delta: string): void {
    if (delta === "" || this.ended) return;
    this.#enter("thinking");
    this.#thinking.push(delta);
    this.#delta(`{"reasoning_content":${JSON.stringify(delta)}}`);
  }

  signature(value: string): void {
    if (value === "" || this.ended) return;
    this.#enter("thinking");
    const detail = reasoningDetail(this.#thinking.join(""), value, this.#details++);
    this.#delta(JSON.stringify({ reasoning_details: [detail] }));
    this.endBlock();
  }

  toolStart(id: string, name: string): void {
    if (this.ended) return;
    this.#enter("none");
    this.#enter("call");
    const custom = this.#options.tools.get(name)?.custom === true;
    this.#call = { id, name, held: custom ? [] : undefined, empty: true };
    if (custom) return;
    const call = { index: this.#calls, id, type: "function", function: { name, arguments: "" } };
    this.#delta(JSON.stringify({ tool_calls: [call] }));
  }

  toolInput(partialJson: string): void {
    const call = this.#call;
    if (partialJson === "" || this.ended || call === undefined) return;
    call.empty = false;
    if (call.held !== undefined) call.held.push(partialJson);
    else this.#arguments(partialJson);
  }

  openBlock(block: { type: string; [field: string]: unknown }): void {
    if (this.ended) return;
    this.#enter("none");
    // A search of the provider's own has no place here; the text that cites it has.
    this.#enter(block.type === "text" ? "text" : "other");
  }

  delta(delta: { type: string; [field: string]: unknown }): void {
    if (this.ended || this.#open !== "text") return;
    if (delta.type === "text_delta" && typeof delta["text"] === "string") this.text(delta["text"]);
    if (delta.type !== "citations_delta") return;
    const annotation = chatAnnotation(delta["citation"], this.#blockStart, this.#textLength);
    if (annotation !== undefined) this.#delta(JSON.stringify({ annotations: [annotation] }));
  }

  block(): void {
    if (!this.ended) this.#enter("none");
  }

  endBlock(): void {
    if (!this.ended) this.#enter("none");
  }

  finish(end: { stopReason: StopReason; stopSequence?: string | null; usage: Usage }): void {
    if (this.ended) return;
    this.#enter("none");
    this.start({});
    this.ended = true;
    this.committed = true;
    this.usage = end.usage;
    this.stopReason = end.stopReason;
    this.#delta("{}", JSON.stringify(finishReasonOf(end.stopReason)));
    if (this.#options.includeUsage)
      this.#out += `${this.#head}],"usage":${JSON.stringify(chatUsageOf(end.usage))}}\n\n`;
    this.#out += "data: [DONE]\n\n";
  }

  fail(failure: UpstreamFailure): void {
    const told = this.failed(failure, this.#options.redact);
    if (told !== undefined) this.#out += chatErrorEvent(told);
  }

  /** Goes over to a kind of content; `none` ends what is open. */
  #enter(kind: "none" | "text" | "thinking" | "call" | "other"): void {
    if (this.#open === kind) return;
    if (this.#open === "call") this.#endCall();
    this.#open = kind;
    if (kind === "none") return;
    this.start({});
    // A block that this form does not show commits to nothing.
    if (kind !== "other") this.committed = true;
    if (kind === "thinking") this.#thinking = [];
    if (kind === "text") this.#blockStart = this.#textLength;
  }

  #endCall(): void {
    const call = this.#call!;
    this.#call = undefined;
    if (call.held !== undefined) {
      const whole = { index: this.#calls, ...chatCall(call, call.held.join(""), this.#options.tools) };
      this.#delta(JSON.stringify({ tool_calls: [whole] }));
    } else if (call.empty) this.#arguments(argumentsOf(""));
    this.#calls++;
  }

  #arguments(json: string): void {
    this.#delta(`{"tool_calls":[{"index":${this.#calls},"function":{"arguments":${JSON.stringify(json)}}}]}`);
  }

  #delta(delta: string, finish = "null"): void {
    this.#out += `${this.#head}{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}${this.#tail}`;
  }
}
