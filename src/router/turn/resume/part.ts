/** The writer of one attempt, into the stream that may have been begun by others. */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";
import type { StreamWriter } from "../../inbound/client-form.ts";
import type { Shown } from "./shown.ts";

interface HeldCall {
  readonly id: string;
  readonly name: string;
  input: string;
}

export class Part implements StreamWriter {
  readonly #to: StreamWriter;
  readonly #shown: Shown;
  #held: HeldCall | undefined;
  ended = false;
  failure: UpstreamFailure | undefined;
  usage: Usage | undefined;
  stopReason: StopReason | undefined;

  constructor(to: StreamWriter, shown: Shown) {
    this.#to = to;
    this.#shown = shown;
    shown.nextPart();
  }

  get committed(): boolean {
    return this.#to.committed;
  }

  /** The answer broke off after something was shown: the stream stays open, and may go on. */
  get interrupted(): boolean {
    return this.failure !== undefined && this.#to.committed;
  }

  take(): string {
    return this.#to.take();
  }

  start(head: Parameters<StreamWriter["start"]>[0]): void {
    this.#shown.headUsage ??= head.usage;
    this.#to.start(head);
  }

  text(delta: string): void {
    if (this.ended) return;
    this.#release();
    const fresh = this.#shown.take(delta);
    if (fresh === "") return;
    this.#shown.inText = true;
    this.#to.text(fresh);
  }

  thinking(delta: string): void {
    if (this.ended) return;
    this.#release();
    this.#shown.inText = false;
    this.#to.thinking(delta);
  }

  signature(value: string): void {
    if (this.ended) return;
    this.#release();
    this.#shown.inText = false;
    this.#to.signature(value);
  }

  toolStart(id: string, name: string): void {
    if (this.ended) return;
    this.#release();
    this.#held = { id, name, input: "" };
  }

  toolInput(partialJson: string): void {
    if (this.#held !== undefined) this.#held.input += partialJson;
  }

  endBlock(): void {
    if (this.ended) return;
    if (this.#held === undefined) this.#to.endBlock();
    else this.#release();
  }

  openBlock(block: Parameters<StreamWriter["openBlock"]>[0]): void {
    this.#beyond(block.type);
    if (!this.ended) this.#to.openBlock(block);
  }

  delta(delta: Parameters<StreamWriter["delta"]>[0]): void {
    this.#beyond(delta.type);
    if (!this.ended) this.#to.delta(delta);
  }

  block(block: Parameters<StreamWriter["block"]>[0]): void {
    this.#beyond(block.type);
    if (!this.ended) this.#to.block(block);
  }

  finish(end: Parameters<StreamWriter["finish"]>[0]): void {
    if (this.ended) return;
    this.#release();
    this.ended = true;
    this.#to.finish(end);
    this.usage = this.#to.usage;
    this.stopReason = this.#to.stopReason;
  }

  fail(failure: UpstreamFailure): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
    // Half a call was never shown, and is not missed.
    this.#held = undefined;
  }

  #beyond(type: string): void {
    if (this.ended) return;
    this.#release();
    this.#shown.inText = false;
    if (!reasoning.has(type)) this.#shown.other = true;
  }

  #release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#to.toolStart(held.id, held.name);
    this.#to.toolInput(held.input);
    this.#to.endBlock();
    this.#shown.inText = false;
    this.#shown.calls++;
  }
}

/** Blocks and deltas that may stand before an answer that is begun anew. */
const reasoning: ReadonlySet<string> = new Set([
  "thinking",
  "redacted_thinking",
  "thinking_delta",
  "signature_delta",
]);
