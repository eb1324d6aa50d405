/**
 * One call of the model within a turn of several: what it says goes on to the client as it comes, but for its calls of the search function, which
 * are kept, and for the end, which is only the round's.
 */
import type { ContentBlock, StopReason, Usage } from "../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../shared/json.ts";
import type { MessageSink, UpstreamFailure } from "../dialects/dialect.ts";
import type { StreamWriter } from "../inbound/client-form.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import type { Citations } from "./citations.ts";

type AnyBlock = { type: string; [field: string]: unknown };

/** A call of the search function. */
export interface SearchCall {
  readonly id: string;
  readonly input: JsonObject;
}

export class Round implements StreamWriter {
  readonly #out: StreamWriter;
  readonly #name: string;
  readonly #citations: Citations;
  /** All that the model said, for the next round. */
  readonly #said: MessageCollector;
  #inText = false;
  #hidden = false;
  /** The model called functions of the client's too: only the client can answer those. */
  callsClient = false;
  ended = false;
  failure: UpstreamFailure | undefined;
  usage: Usage | undefined;
  stopReason: StopReason | undefined;
  stopSequence: string | null | undefined;

  /** @param out writes the client's answer; @param name of the search function */
  constructor(out: StreamWriter, name: string, citations: Citations) {
    this.#out = out;
    this.#name = name;
    this.#citations = citations;
    this.#said = new MessageCollector("");
  }

  /** What the model said, for the history of the next round. */
  get content(): ContentBlock[] {
    return this.#said.message().content;
  }

  get searches(): SearchCall[] {
    return this.content
      .filter((block) => block.type === "tool_use")
      .filter(({ name }) => name === this.#name)
      .map(({ id, input }) => ({ id, input: isJsonObject(input) ? input : {} }));
  }

  // ——— the writer that an attempt sees

  take(): string {
    return this.#out.take();
  }

  /** The end of a round counts, though nothing of it may have been shown. */
  get committed(): boolean {
    return this.#out.committed || (this.ended && this.failure === undefined);
  }

  // ——— the sink that a decoder sees

  start(head: Parameters<MessageSink["start"]>[0]): void {
    this.#out.start(head);
    this.#said.start(head);
  }

  text(delta: string): void {
    if (delta === "" || this.ended) return;
    this.#hidden = false;
    this.#inText = true;
    this.#citations.text(delta);
    this.#out.text(delta);
    this.#said.text(delta);
  }

  thinking(delta: string): void {
    if (delta === "" || this.ended) return;
    this.#closeText();
    this.#hidden = false;
    this.#out.thinking(delta);
    this.#said.thinking(delta);
  }

  signature(value: string): void {
    if (value === "" || this.ended) return;
    this.#closeText();
    this.#hidden = false;
    this.#out.signature(value);
    this.#said.signature(value);
  }

  toolStart(id: string, name: string): void {
    if (this.ended) return;
    this.#closeText();
    this.#said.toolStart(id, name);
    this.#hidden = name === this.#name;
    if (this.#hidden) return this.#out.endBlock();
    this.callsClient = true;
    return this.#out.toolStart(id, name);
  }

  toolInput(partialJson: string): void {
    this.#said.toolInput(partialJson);
    if (!this.#hidden) this.#out.toolInput(partialJson);
  }

  endBlock(): void {
    if (this.ended) return;
    this.#closeText();
    this.#said.endBlock();
    if (!this.#hidden) this.#out.endBlock();
    this.#hidden = false;
  }

  openBlock(block: AnyBlock): void {
    if (this.ended) return;
    this.#closeText();
    this.#hidden = false;
    this.#inText = block.type === "text";
    this.#out.openBlock(block);
    this.#said.openBlock(block);
  }

  delta(delta: AnyBlock): void {
    if (this.ended || this.#hidden) return;
    this.#out.delta(delta);
    this.#said.delta(delta);
  }

  block(block: AnyBlock | ContentBlock): void {
    if (this.ended) return;
    this.#closeText();
    this.#hidden = false;
    this.#out.block(block);
    this.#said.block(block);
  }

  finish(end: Parameters<MessageSink["finish"]>[0]): void {
    if (this.ended) return;
    this.endBlock();
    this.#said.finish(end);
    this.ended = true;
    this.usage = end.usage;
    this.stopReason = end.stopReason;
    this.stopSequence = end.stopSequence;
  }

  fail(failure: UpstreamFailure): void {
    if (this.ended) return;
    this.ended = true;
    this.#out.fail(failure);
    this.failure = this.#out.failure ?? failure;
  }

  /** Citations belong to the text while it is open. */
  #closeText(): void {
    if (!this.#inText) return;
    this.#inText = false;
    for (const citation of this.#citations.take()) this.#out.delta({ type: "citations_delta", citation });
  }
}
