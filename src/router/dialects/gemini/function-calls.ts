/**
 * Function calls, one part each: whole (`args`), or in pieces over many parts (`willContinue`). Ids may be missing, empty or equal, and two
 * calls may be the same in everything: each part that names a function is a call of its own.
 */
import type { GeminiFunctionCall } from "../../../protocol/gemini.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { newToolId, toClientToolId } from "../shared/tool-ids.ts";
import { newTree, PartialArgs } from "./partial-args.ts";
import { renamedTools } from "./tool-names.ts";

export class FunctionCalls {
  readonly #sink: MessageSink;
  readonly #context: DialectContext;
  /** The client's names of functions whose names did not fit. */
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #ids = new Set<string>();
  /** The call that is still being told. */
  #open: PartialArgs | undefined;
  /** At least one call reached the sink. */
  emitted = false;

  constructor(sink: MessageSink, context: DialectContext) {
    this.#sink = sink;
    this.#context = context;
    this.#renamed = renamedTools(context.request);
  }

  /** Whether a part begins a call; others go on with the open one, or are left overs. */
  static begins(call: GeminiFunctionCall): boolean {
    return typeof call.name === "string" && call.name !== "";
  }

  take(call: GeminiFunctionCall): void {
    if (FunctionCalls.begins(call)) {
      this.end();
      this.#start(call);
    }
    const open = this.#open;
    if (open === undefined) return;
    if (isJsonObject(call.args)) Object.assign(open.tree, call.args);
    if (Array.isArray(call.partialArgs))
      for (const piece of call.partialArgs) if (isJsonObject(piece)) open.take(piece);
    if (call.willContinue !== true) this.end();
  }

  /** Ends the open call with the arguments that it has. */
  end(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (Object.keys(open.tree).length > 0) this.#sink.toolInput(JSON.stringify(open.tree));
    this.#sink.endBlock();
  }

  /** The answer was cut: arguments of which some are missing must not look like arguments that were meant. */
  cut(): void {
    if (this.#open === undefined) return;
    this.#open = undefined;
    this.#sink.endBlock();
  }

  #start(call: GeminiFunctionCall): void {
    const given = typeof call.id === "string" ? call.id : "";
    let id = given === "" ? newToolId() : toClientToolId(given, this.#context);
    if (this.#ids.has(id)) id = newToolId();
    this.#ids.add(id);
    const name = call.name ?? "";
    this.emitted = true;
    this.#open = new PartialArgs(newTree());
    this.#sink.toolStart(id, this.#renamed.get(name) ?? name);
  }
}
