/**
 * A `MessageSink` that writes a stream of answers in Google's form: each has what is new, calls are told whole, the last has the finish reason and the
 * usage (ai.google.dev/api/generate-content).
 */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";
import { reportedAtStart } from "../../sinks/message-head.ts";
import type { StreamWriter } from "../client-form.ts";
import { StreamState } from "../shared/stream-state.ts";
import { candidateOf, callPart, geminiUsageOf, lastPart, responseId, WaitingThoughts } from "./answer.ts";
import { geminiErrorBody } from "./errors.ts";
import type { Framing } from "./framing.ts";
import { GroundingNotes } from "./grounding.ts";

export interface GeminiStreamOptions {
  /** For answers whose provider names no model. */
  readonly model: string;
  /** The client asked for thoughts; they are carried in any case. */
  readonly showThoughts: boolean;
  readonly framing: Framing;
  /** Takes secrets out of a failure's words. */
  readonly redact: (text: string) => string;
}

type Open =
  | { kind: "none" | "thinking" | "other" }
  | { kind: "text"; cited: boolean }
  | { kind: "call"; id: string; name: string; json: string[] }
  | { kind: "search"; json: string[] };

export class GeminiStreamSink extends StreamState implements StreamWriter {
  readonly #options: GeminiStreamOptions;
  /** Framed when they are taken: what is dropped with a failed attempt must not have begun the stream. */
  #items: string[] = [];
  #closing = false;
  /** End of every item. */
  #tail = "";
  #open: Open = { kind: "none" };
  readonly #thoughts = new WaitingThoughts();
  readonly #notes = new GroundingNotes();

  constructor(options: GeminiStreamOptions) {
    super();
    this.#options = options;
  }

  take(): string {
    const { framing } = this.#options;
    let out = "";
    for (const item of this.#items) out += framing.item(item);
    this.#items = [];
    if (this.#closing) out += framing.end();
    this.#closing = false;
    return out;
  }

  start(head: { id?: string; model?: string; usage?: Partial<Usage> }): void {
    if (this.#tail !== "" || this.ended) return;
    this.usage = reportedAtStart(head.usage);
    const model = JSON.stringify(head.model ?? this.#options.model);
    this.#tail = `,"modelVersion":${model},"responseId":"${responseId()}"}`;
  }

  text(delta: string): void {
    if (delta === "" || this.ended) return;
    if (this.#open.kind !== "text") this.#enter({ kind: "text", cited: false });
    this.#notes.text(delta, this.#open.kind === "text" && this.#open.cited);
    this.#part(`{"text":${JSON.stringify(delta)}${signatureField(this.#thoughts.take())}}`);
  }

  thinking(delta: string): void {
    if (delta === "" || this.ended) return;
    if (this.#open.kind !== "thinking") this.#enter({ kind: "thinking" });
    this.#thoughts.add(delta);
    if (this.#options.showThoughts) this.#part(`{"text":${JSON.stringify(delta)},"thought":true}`);
  }

  signature(value: string): void {
    if (value === "" || this.ended) return;
    if (this.#open.kind !== "thinking") this.#enter({ kind: "thinking" });
    this.#open = { kind: "none" };
    this.#thoughts.end(value);
  }

  toolStart(id: string, name: string): void {
    if (!this.ended) this.#enter({ kind: "call", id, name, json: [] });
  }

  toolInput(partialJson: string): void {
    if (!this.ended && this.#open.kind === "call") this.#open.json.push(partialJson);
  }

  openBlock(block: { type: string; [field: string]: unknown }): void {
    if (this.ended) return;
    if (block.type === "text") this.#enter({ kind: "text", cited: true });
    else if (block.type === "server_tool_use" && block["name"] === "web_search")
      this.#enter({ kind: "search", json: [] });
    else this.#enter({ kind: "other" });
  }

  delta(delta: { type: string; [field: string]: unknown }): void {
    if (this.ended) return;
    const open = this.#open;
    if (open.kind === "search" && typeof delta["partial_json"] === "string")
      open.json.push(delta["partial_json"]);
    else if (open.kind === "text" && delta.type === "citations_delta") this.#notes.cite(delta["citation"]);
    else if (open.kind === "text" && typeof delta["text"] === "string") this.text(delta["text"]);
  }

  block(block: { type: string; [field: string]: unknown }): void {
    if (this.ended) return;
    this.#enter({ kind: "none" });
    if (block.type === "web_search_tool_result") this.#notes.found(block["content"]);
    if (block.type === "redacted_thinking" && typeof block["data"] === "string")
      this.#thoughts.hidden(block["data"]);
  }

  endBlock(): void {
    if (!this.ended) this.#enter({ kind: "none" });
  }

  finish(end: { stopReason: StopReason; stopSequence?: string | null; usage: Usage }): void {
    if (this.ended) return;
    this.#enter({ kind: "none" });
    this.start({});
    this.ended = true;
    this.committed = true;
    this.usage = end.usage;
    this.stopReason = end.stopReason;
    const last = candidateOf([lastPart(this.#thoughts.take())], end.stopReason, this.#notes.metadata);
    const counts = JSON.stringify(geminiUsageOf(end.usage));
    this.#items.push(`{"candidates":[${JSON.stringify(last)}],"usageMetadata":${counts}${this.#tail}`);
    this.#closing = true;
  }

  fail(failure: UpstreamFailure): void {
    const told = this.failed(failure, this.#options.redact);
    if (told === undefined) return;
    this.#items.push(geminiErrorBody(told));
    this.#closing = true;
  }

  /** Goes over to a kind of content; `none` ends what is open. */
  #enter(next: Open): void {
    const open = this.#open;
    this.#open = next;
    if (open.kind === "text") this.#notes.end();
    else if (open.kind === "thinking") this.#thoughts.end();
    else if (open.kind === "search") this.#notes.search(open.json.join(""));
    else if (open.kind === "call")
      this.#part(JSON.stringify(callPart(open, open.json.join(""), this.#thoughts.take())));
    if (next.kind === "text") this.#notes.begin();
  }

  #part(json: string): void {
    this.start({});
    this.committed = true;
    this.#items.push(`{"candidates":[{"content":{"parts":[${json}],"role":"model"},"index":0}]${this.#tail}`);
  }
}

/** Of base64: it needs no escapes. */
const signatureField = (signature: string | undefined): string =>
  signature === undefined ? "" : `,"thoughtSignature":"${signature}"`;
