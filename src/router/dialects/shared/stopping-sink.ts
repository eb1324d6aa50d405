/** Stop sequences beyond those that a provider takes are held to here: its answer ends for the client before the first of them. */
import type { ContentBlock } from "../../../protocol/anthropic.ts";
import type { DialectContext, MessageEnd, MessageSink, UpstreamFailure } from "../dialect.ts";
import { stopSequences, type StopSequences } from "./stop-sequences.ts";

type OpenBlock = Parameters<MessageSink["openBlock"]>[0];

class StoppingSink implements MessageSink {
  readonly #sink: MessageSink;
  readonly #stops: StopSequences;

  constructor(sink: MessageSink, stops: StopSequences) {
    this.#sink = sink;
    this.#stops = stops;
  }

  text(delta: string): void {
    const said = this.#stops.push(delta);
    if (said !== "") this.#sink.text(said);
  }

  start(head: Parameters<MessageSink["start"]>[0]): void {
    this.#sink.start(head);
  }

  thinking(delta: string): void {
    if (this.#goesOn()) this.#sink.thinking(delta);
  }

  signature(value: string): void {
    if (this.#goesOn()) this.#sink.signature(value);
  }

  toolStart(id: string, name: string): void {
    if (this.#goesOn()) this.#sink.toolStart(id, name);
  }

  toolInput(partialJson: string): void {
    if (this.#goesOn()) this.#sink.toolInput(partialJson);
  }

  endBlock(): void {
    if (this.#goesOn()) this.#sink.endBlock();
  }

  openBlock(block: OpenBlock): void {
    if (this.#goesOn()) this.#sink.openBlock(block);
  }

  delta(delta: OpenBlock): void {
    if (this.#goesOn()) this.#sink.delta(delta);
  }

  block(block: ContentBlock | OpenBlock): void {
    if (this.#goesOn()) this.#sink.block(block);
  }

  finish(end: MessageEnd): void {
    if (this.#goesOn()) return this.#sink.finish(end);
    const stopSequence = this.#stops.found ?? null;
    return this.#sink.finish({ ...end, stopReason: "stop_sequence", stopSequence });
  }

  get ended(): boolean {
    return this.#sink.ended;
  }

  fail(failure: UpstreamFailure): void {
    this.#sink.fail(failure);
  }

  /** False once a sequence was found. What was held of the text cannot be the beginning of one where something else follows. */
  #goesOn(): boolean {
    if (this.#stops.found !== undefined) return false;
    const rest = this.#stops.rest();
    if (rest !== "") this.#sink.text(rest);
    return true;
  }
}

/** @param most how many sequences the provider takes */
export const stoppingSink = (sink: MessageSink, { request }: DialectContext, most: number): MessageSink => {
  const asked: unknown = request?.stop_sequences;
  const stops = Array.isArray(asked) && asked.length > most ? stopSequences(asked) : undefined;
  return stops === undefined ? sink : new StoppingSink(sink, stops);
};
