/** The model's answer on its way to the client, but for its end: that waits until the calls in it have been judged. */
import type { ContentBlock, StopReason, Usage } from "../../protocol/anthropic.ts";
import type { MessageEnd, MessageSink, UpstreamFailure } from "../dialects/dialect.ts";
import type { StreamWriter } from "../inbound/client-form.ts";
import { MessageCollector } from "../sinks/message-collector.ts";

type AnyBlock = { type: string; [field: string]: unknown };

export class HeldEnd implements StreamWriter {
  readonly #out: StreamWriter;
  readonly #said = new MessageCollector("");
  ended = false;
  failure: UpstreamFailure | undefined;
  /** How the message is to end; undefined until the model's answer has. */
  end: MessageEnd | undefined;

  /** @param out writes the client's answer */
  constructor(out: StreamWriter) {
    this.#out = out;
  }

  /** The calls of the client's tools in the answer. */
  get calls(): Extract<ContentBlock, { type: "tool_use" }>[] {
    return this.#said.message().content.filter((block) => block.type === "tool_use");
  }

  get usage(): Usage | undefined {
    return this.end?.usage;
  }

  get stopReason(): StopReason | undefined {
    return this.end?.stopReason;
  }

  start(head: Parameters<MessageSink["start"]>[0]): void {
    this.#both((sink) => sink.start(head));
  }

  text(delta: string): void {
    this.#both((sink) => sink.text(delta));
  }

  thinking(delta: string): void {
    this.#both((sink) => sink.thinking(delta));
  }

  signature(value: string): void {
    this.#both((sink) => sink.signature(value));
  }

  toolStart(id: string, name: string): void {
    this.#both((sink) => sink.toolStart(id, name));
  }

  toolInput(partialJson: string): void {
    this.#both((sink) => sink.toolInput(partialJson));
  }

  endBlock(): void {
    this.#both((sink) => sink.endBlock());
  }

  openBlock(block: AnyBlock): void {
    this.#both((sink) => sink.openBlock(block));
  }

  delta(delta: AnyBlock): void {
    this.#both((sink) => sink.delta(delta));
  }

  block(block: AnyBlock | ContentBlock): void {
    this.#both((sink) => sink.block(block));
  }

  finish(end: MessageEnd): void {
    if (this.ended) return;
    this.endBlock();
    this.#said.finish(end);
    this.ended = true;
    this.end = end;
  }

  fail(failure: UpstreamFailure): void {
    if (this.ended) return;
    this.ended = true;
    this.#out.fail(failure);
    this.failure = this.#out.failure ?? failure;
  }

  /** The end of the model's answer counts, though nothing of it may have been shown. */
  get committed(): boolean {
    return this.end !== undefined || this.#out.committed;
  }

  take(): string {
    return this.#out.take();
  }

  #both(say: (sink: MessageSink) => void): void {
    if (this.ended) return;
    say(this.#out);
    say(this.#said);
  }
}
