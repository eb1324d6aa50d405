/**
 * Stands before the sink for a provider that speaks Anthropic's form without being Anthropic: its signatures, its redacted thinking and its
 * ids of tool calls go to the client in a form that leads back to it alone. Anthropic would answer 400 to all three, and so may others.
 */
import { isJsonObject } from "../../../shared/json.ts";
import type { MessageEnd, MessageSink } from "../dialect.ts";
import type { Origin } from "../shared/origin.ts";
import { toEnvelope } from "../shared/reasoning-envelope.ts";
import { toClientToolId, type ToolIdOwner } from "../shared/tool-ids.ts";

export class SealingSink implements MessageSink {
  readonly #sink: MessageSink;
  readonly #origin: Origin & ToolIdOwner;
  /** The open thinking block's text; undefined while none is open. */
  #thought: string | undefined;
  /** White space before the first word of a text: a block of nothing else is refused by Anthropic for good, once it is in the history. */
  #space = "";
  #inText = false;

  constructor(sink: MessageSink, origin: Origin & ToolIdOwner) {
    this.#sink = sink;
    this.#origin = origin;
  }

  get ended(): boolean {
    return this.#sink.ended;
  }

  start(head: Parameters<MessageSink["start"]>[0]): void {
    this.#sink.start(head);
  }

  text(delta: string): void {
    if (!this.#inText && !/\S/.test(delta)) {
      this.#space += delta;
      return;
    }
    if (this.#thought !== undefined) this.#sign("");
    this.#sink.text(this.#space + delta);
    this.#space = "";
    this.#inText = true;
  }

  thinking(delta: string): void {
    if (delta === "") return;
    this.#inText = false;
    this.#space = "";
    this.#thought = (this.#thought ?? "") + delta;
    this.#sink.thinking(delta);
  }

  signature(value: string): void {
    if (value !== "") this.#sign(value);
  }

  toolStart(id: string, name: string): void {
    this.#close();
    this.#sink.toolStart(toClientToolId(id, this.#origin), name);
  }

  toolInput(partialJson: string): void {
    this.#sink.toolInput(partialJson);
  }

  endBlock(): void {
    this.#close();
    this.#sink.endBlock();
  }

  openBlock(block: { type: string; [field: string]: unknown }): void {
    this.#close();
    this.#sink.openBlock(this.#sealed(block));
    this.#inText = block.type === "text";
  }

  delta(delta: { type: string; [field: string]: unknown }): void {
    this.#sink.delta(delta);
  }

  block(block: Parameters<MessageSink["block"]>[0]): void {
    this.#close();
    this.#sink.block(this.#sealed({ ...block }));
  }

  finish(end: MessageEnd): void {
    this.#close();
    const { safeguardResults } = end;
    if (safeguardResults === undefined) return this.#sink.finish(end);
    return this.#sink.finish({
      ...end,
      safeguardResults: safeguardResults.map((result) => this.#withClientIds(result)),
    });
  }

  /** A judgement names the calls by their ids. */
  #withClientIds(result: unknown): unknown {
    const status = isJsonObject(result) ? result["status"] : undefined;
    const calls = isJsonObject(status) ? status["tool_uses"] : undefined;
    if (!isJsonObject(result) || !isJsonObject(status) || !isJsonObject(calls)) return result;
    const known = Object.entries(calls).map(([id, said]) => [toClientToolId(id, this.#origin), said]);
    return { ...result, status: { ...status, tool_uses: Object.fromEntries(known) as object } };
  }

  fail(failure: Parameters<MessageSink["fail"]>[0]): void {
    this.#sink.fail(failure);
  }

  #sealed<Block extends { type: string; [field: string]: unknown }>(block: Block): Block {
    if (block.type !== "redacted_thinking") return block;
    return { ...block, data: toEnvelope([{ type: block.type, data: block["data"] }], "", this.#origin) };
  }

  /** Thinking without a signature is its provider's own as well. */
  #close(): void {
    this.#space = "";
    this.#inText = false;
    if (this.#thought !== undefined) this.#sign("");
  }

  #sign(signature: string): void {
    const thought = this.#thought ?? "";
    this.#thought = undefined;
    this.#sink.signature(toEnvelope([{ type: "thinking", signature }], thought, this.#origin));
  }
}
