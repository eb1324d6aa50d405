/**
 * The order of blocks: tool calls are put together as they come, and what would cut an open call in two waits until it is whole. After a stop
 * sequence nothing more is passed on.
 */
import type { DialectContext, MessageSink } from "../dialect.ts";
import { type StopSequences, stopSequences } from "../shared/stop-sequences.ts";
import { ToolCalls, type ToolCallPiece } from "../shared/tool-calls.ts";

export class OrderedBlocks {
  readonly #sink: MessageSink;
  readonly #tools: ToolCalls;
  readonly #stops: StopSequences | undefined;
  /** White space before the first word of a text: a block of nothing else is refused by Anthropic for good, once it is in the history. */
  #space = "";
  #inText = false;
  /** Which item the open text belongs to. */
  #owner = "";
  /** Which item the text that is searched for stop sequences belongs to. */
  #watched = "";
  /** What came while a tool call was open. */
  #held: (() => void)[] = [];

  constructor(sink: MessageSink, context: DialectContext) {
    this.#sink = sink;
    this.#tools = new ToolCalls(sink, context);
    this.#stops = stopSequences(context.request?.stop_sequences);
  }

  /** The stop sequence at which the answer ended. */
  get stoppedAt(): string | undefined {
    return this.#stops?.found;
  }

  get toolsEmitted(): boolean {
    return this.#tools.emitted;
  }

  /** @param owner what the text is part of: that of another begins a block of its own */
  text(text: string, owner: string): void {
    if (this.#stops !== undefined) {
      // Where another text begins, what was held of the one before cannot be the beginning of a sequence any more.
      if (owner !== this.#watched) this.#flush();
      this.#watched = owner;
      text = this.#stops.push(text);
    }
    if (text === "") return;
    this.#put(text, owner);
  }

  #put(text: string, owner: string): void {
    if (this.#clear()) this.#text(text, owner);
    else this.#held.push(() => this.#text(text, owner));
  }

  thinking(text: string): void {
    if (text === "" || this.#stopped()) return;
    if (this.#clear()) this.#thinking(text);
    else this.#held.push(() => this.#thinking(text));
  }

  /** Ends the thinking with what its provider wants back; an empty one only ends it. */
  sign(signature: string): void {
    this.#do(() => (signature === "" ? this.#sink.endBlock() : this.#sink.signature(signature)));
  }

  /** A block that is whole at once. */
  block(block: { type: string; [field: string]: unknown }): void {
    this.#do(() => this.#sink.block(block));
  }

  /** A call of a server's tool, with its input in a delta, as the protocol has it. */
  serverTool(block: { type: string; [field: string]: unknown }, input: unknown): void {
    this.#do(() => {
      this.#sink.openBlock({ ...block, input: {} });
      this.#sink.delta({ type: "input_json_delta", partial_json: JSON.stringify(input) });
      this.#sink.endBlock();
    });
  }

  /** A citation of the open text; without one it has no place. */
  cite(citation: { type: string; [field: string]: unknown }): void {
    const add = (): void => {
      if (this.#inText) this.#sink.delta({ type: "citations_delta", citation });
    };
    if (this.#clear()) add();
    else this.#held.push(add);
  }

  tool(piece: ToolCallPiece): void {
    if (this.#stopped()) return;
    this.#inText = false;
    this.#tools.push([piece]);
  }

  /** Ends the calls that are whole, so that the client has them at once. */
  settle(): void {
    if (this.#clear()) this.#inText = false;
  }

  /** The end of the answer. */
  finish(): void {
    this.#flush();
    this.#tools.finish();
    this.#release();
  }

  /** Passes on what the search for stop sequences held back; something else follows. True: the answer has ended at one. */
  #stopped(): boolean {
    if (this.#stops === undefined) return false;
    this.#flush();
    return this.#stops.found !== undefined;
  }

  #flush(): void {
    const rest = this.#stops?.rest() ?? "";
    if (rest !== "") this.#put(rest, this.#watched);
  }

  #do(action: () => void): void {
    if (this.#stopped()) return;
    const act = (): void => {
      this.#inText = false;
      action();
    };
    if (this.#clear()) act();
    else this.#held.push(act);
  }

  /** Nothing is in the way: neither an open call nor what waits behind it. */
  #clear(): boolean {
    if (this.#held.length === 0 && !this.#tools.busy) return true;
    if (!this.#tools.settle()) return false;
    this.#release();
    return true;
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const action of held) action();
  }

  #thinking(text: string): void {
    this.#inText = false;
    this.#sink.thinking(text);
  }

  #text(text: string, owner: string): void {
    if (this.#inText && owner !== this.#owner) {
      this.#sink.endBlock();
      this.#inText = false;
    }
    this.#owner = owner;
    if (this.#inText) this.#sink.text(text);
    else if (/\S/.test(text)) {
      this.#sink.text(this.#space + text);
      this.#space = "";
      this.#inText = true;
    } else this.#space += text;
  }
}
