/**
 * Content blocks of a stream that is to be put right: whatever order the provider sends starts, deltas and stops in, the sink is told
 * of one block after the other. What belongs to another block while a tool call is open waits until that has ended.
 */
import { randomBytes } from "node:crypto";
import type { StopReason } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { MessageSink } from "../dialect.ts";
import { parseObject, voidingEnd } from "../shared/json-scan.ts";
import { notUnderstood } from "./failures.ts";

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** JSON of a tool's input that stands in the block itself; undefined where there is none. */
export const wholeInput = (input: unknown): string | undefined =>
  isJsonObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : undefined;

/** An id of Anthropic's form, for a call whose provider gave none: its result must name one. */
export const toolId = (id: unknown): string =>
  typeof id === "string" && id !== "" ? id : `toolu_${randomBytes(12).toString("hex")}`;

/** OpenAI's words, which gateways leave in answers that they translate. */
const othersReasons: ReadonlyMap<string, StopReason> = new Map([
  ["stop", "end_turn"],
  ["length", "max_tokens"],
  ["tool_calls", "tool_use"],
  ["content_filter", "refusal"],
]);

/**
 * A call that went out waits for its result, whatever a server in between made of the reason, and where none went out nothing waits for one. Other
 * reasons stay, those that are not known here too.
 */
export const stopReasonOf = (said: string, called: boolean): StopReason => {
  const reason = othersReasons.get(said) ?? ((said || "end_turn") as StopReason);
  if (called) return reason === "end_turn" ? "tool_use" : reason;
  return reason === "tool_use" ? "end_turn" : reason;
};

interface OpenBlock {
  readonly index: unknown;
  /** `tool`: the client's; `input`: any other block with arguments; `other`: not known here, its deltas pass as they are. */
  readonly kind: "text" | "thinking" | "tool" | "input" | "other";
  /** Input that stood in the start: sent when no delta brings it. */
  input?: string | undefined;
  /** Arguments that deltas have brought and the sink has. */
  sent?: string;
  /** Comes last in a thinking block, wherever the provider put it. */
  signature?: string;
  /** A text block with citations that has no text yet: an empty one must not reach the transcript. */
  unopened?: boolean;
}

export interface BlockEvent {
  readonly type: "start" | "delta" | "stop";
  readonly index: unknown;
  readonly body: JsonObject;
}

export class Blocks {
  readonly #sink: MessageSink;
  #open: OpenBlock | undefined;
  #waiting: BlockEvent[] = [];
  /** At least one call of the client's tools was passed on. */
  called = false;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  take(event: BlockEvent): void {
    const open = this.#open;
    const isCall = open?.kind === "tool" || open?.kind === "input";
    if (isCall && event.index !== undefined && event.index !== open.index) this.#waiting.push(event);
    else if (event.type === "start") this.#start(event.index, event.body);
    else if (event.type === "delta") this.#delta(event);
    else this.#stop();
  }

  /** The message is complete: what was never stopped is closed, and what waits is told. */
  end(): void {
    this.#stop();
    // Each round closes at least one block.
    while (this.#open !== undefined) this.#stop();
  }

  #start(index: unknown, block: JsonObject): void {
    this.#stop();
    // What had waited may have opened a call of its own.
    if (this.#open !== undefined) return this.take({ type: "start", index, body: block });
    const { type } = block;
    if (typeof type !== "string") return undefined;
    if (type === "text") {
      this.#open = { index, kind: "text", unopened: Array.isArray(block["citations"]) };
      return this.#text(this.#open, textOf(block["text"]));
    }
    if (type === "thinking") {
      this.#open = { index, kind: "thinking", signature: textOf(block["signature"]) };
      return this.#sink.thinking(textOf(block["thinking"]));
    }
    if (type === "tool_use") {
      if (textOf(block["name"]) === "") return this.#sink.fail(notUnderstood("a tool call without a name"));
      this.called = true;
      this.#open = { index, kind: "tool", input: wholeInput(block["input"]) };
      return this.#sink.toolStart(toolId(block["id"]), textOf(block["name"]));
    }
    if (isJsonObject(block["input"])) {
      this.#open = { index, kind: "input", input: wholeInput(block["input"]) };
      return this.#sink.openBlock({ ...block, type, input: {} });
    }
    this.#open = { index, kind: "other" };
    return this.#sink.openBlock({ ...block, type });
  }

  #delta(event: BlockEvent): void {
    const { body: delta } = event;
    const open = this.#open;
    const type = textOf(delta["type"]);
    if (open?.kind === "other") {
      if (type !== "") this.#sink.delta({ ...delta, type });
      return;
    }
    const isCall = open?.kind === "tool" || open?.kind === "input";
    switch (type) {
      case "text_delta":
      case "thinking_delta":
      case "signature_delta":
        // It would end the call before its arguments are whole.
        if (isCall) this.#waiting.push({ ...event, index: undefined });
        else this.#words(open, type, delta);
        break;
      case "input_json_delta":
        this.#arguments(open, delta);
        break;
      case "citations_delta":
        if (open?.kind !== "text") break;
        this.#openText(open);
        this.#sink.delta({ ...delta, type });
        break;
      default: // a delta that fits no block known here
    }
  }

  #words(open: OpenBlock | undefined, type: string, delta: JsonObject): void {
    if (type === "text_delta") return this.#text(open, textOf(delta["text"]));
    if (type === "thinking_delta") return this.#sink.thinking(textOf(delta["thinking"]));
    if (open?.kind !== "thinking") return this.#sink.signature(textOf(delta["signature"]));
    open.signature = textOf(delta["signature"]);
    return undefined;
  }

  #arguments(open: OpenBlock | undefined, delta: JsonObject): void {
    const json = textOf(delta["partial_json"]);
    if (open?.kind !== "tool" && open?.kind !== "input") {
      if (json !== "") this.#sink.fail(notUnderstood("tool arguments outside their block"));
      return;
    }
    if (json === "") return;
    open.input = undefined;
    open.sent = (open.sent ?? "") + json;
    this.#pass(open, json);
  }

  #pass(open: OpenBlock, json: string): void {
    if (open.kind === "tool") this.#sink.toolInput(json);
    else this.#sink.delta({ type: "input_json_delta", partial_json: json });
  }

  /** The client gets one object or nothing: what was cut is voided, and what can be no object any more fails the answer (docs/adr/0007). */
  #endArguments(open: OpenBlock): void {
    const { sent = "" } = open;
    if (open.input !== undefined) return this.#pass(open, open.input);
    if (sent.trim() === "" || parseObject(sent) !== undefined) return undefined;
    const end = voidingEnd(sent);
    return end === undefined
      ? this.#sink.fail(notUnderstood("the arguments of a tool call are not JSON"))
      : this.#pass(open, end);
  }

  #text(open: OpenBlock | undefined, text: string): void {
    if (text === "") return;
    this.#sign(open);
    if (open !== undefined) this.#openText(open);
    this.#sink.text(text);
  }

  #openText(open: OpenBlock): void {
    if (open.unopened !== true) return;
    open.unopened = false;
    this.#sink.openBlock({ type: "text", text: "", citations: [] });
  }

  #sign(open: OpenBlock | undefined): void {
    const signature = open?.signature ?? "";
    if (open !== undefined) open.signature = "";
    this.#sink.signature(signature);
  }

  #stop(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#sign(open);
    if (open?.kind === "tool" || open?.kind === "input") this.#endArguments(open);
    this.#sink.endBlock();
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) this.take(event);
  }
}
