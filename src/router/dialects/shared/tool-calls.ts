/**
 * Puts tool calls together from the pieces that providers send, and hands them to the sink one after another: Anthropic's blocks never
 * interleave, so the first open call is passed on as it comes and the pieces of later ones wait until it has ended.
 *
 * Arguments that are not one JSON object: a call of which nothing was sent yet gets none (`{}`, the client's own check then tells the model
 * what is missing); one that was cut while it was passed on is closed with every member voided (see json-scan.ts); one that turns out to be
 * no JSON at all after it was passed on fails the answer.
 */
import { errorTable } from "../../../shared/errors.ts";
import type { MessageSink } from "../dialect.ts";
import { ObjectScan, parseObject, voidingEnd } from "./json-scan.ts";
import { newToolId, toClientToolId, type ToolIdOwner } from "./tool-ids.ts";

/** A piece of a tool call, or a whole one, in the form of Chat Completions; nothing in it is checked yet. */
export interface ToolCallPiece {
  /** Place of the call in the answer. */
  index?: unknown;
  id?: unknown;
  /** `arguments` is a piece of JSON text, or the object itself. */
  function?: { name?: unknown; arguments?: unknown } | null;
}

interface Call {
  id: string;
  name: string;
  /** All arguments so far. */
  json: string;
  readonly scan: ObjectScan;
  /** Characters of `json` that the sink has. */
  sent: number;
  state: "waiting" | "live" | "done";
}

const words = (value: unknown): string => (typeof value === "string" ? value : "");

/** Arguments as text: some providers send the object itself. */
const argumentsOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : words(value);

export class ToolCalls {
  readonly #sink: MessageSink;
  readonly #owner: ToolIdOwner;
  /** In the order of their first piece. */
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number, Call>();
  readonly #clientIds = new Set<string>();
  #live: Call | undefined;
  /** At least one call reached the sink. */
  emitted = false;

  /** @param owner the provider that makes the calls */
  constructor(sink: MessageSink, owner: ToolIdOwner) {
    this.#sink = sink;
    this.#owner = owner;
  }

  /** A call is on its way that text must not cut in two. */
  get busy(): boolean {
    return this.#calls.length > 0 && this.#calls.some((call) => call.state !== "done");
  }

  /** Whether these pieces go on with the call that is being passed on, so that they belong before any text of the same delta. */
  continues(items: readonly ToolCallPiece[]): boolean {
    const first = items[0];
    return first !== undefined && this.#live !== undefined && this.#find(first, 0, 1) === this.#live;
  }

  push(items: readonly ToolCallPiece[]): void {
    const sorted = items.length > 1 && items.every((item) => typeof item.index === "number");
    const ordered = sorted ? items.toSorted((a, b) => (a.index as number) - (b.index as number)) : items;
    for (let i = 0; i < ordered.length; i++) this.#piece(ordered[i]!, i, ordered.length);
  }

  /** Ends every call whose arguments are whole. False where one is still incomplete. */
  settle(): boolean {
    if (this.#live !== undefined && !this.#live.scan.complete) return false;
    for (const call of this.#calls) {
      if (call.state === "done" || (call.name === "" && call.scan.blank)) continue;
      if (!call.scan.complete || call.name === "") return false;
      this.#end(call);
    }
    return true;
  }

  /** The end of the answer: ends every call. */
  finish(): void {
    if (this.#live !== undefined) this.#end(this.#live);
    for (const call of this.#calls) if (call.state === "waiting") this.#end(call);
  }

  #piece(item: ToolCallPiece, position: number, of: number): void {
    const found = this.#find(item, position, of);
    const call = found ?? this.#open(item);
    if (call.state === "done") return;
    const id = words(item.id);
    if (call.id === "") call.id = id;
    const name = words(item.function?.name);
    if (call.name === "") call.name = name;
    const piece = argumentsOf(item.function?.arguments);
    if (piece !== "" && !call.scan.complete) {
      const used = call.scan.push(piece);
      call.json += used === piece.length ? piece : piece.slice(0, used);
    }
    if (this.#live === call) return this.#send(call);
    if (found === undefined) this.#endWhole(call);
    return this.#goLive(call);
  }

  /** A new call begins: those before it that are whole can end, so that the new one need not wait. */
  #endWhole(newest: Call): void {
    for (const call of this.#calls) {
      if (call === newest) return;
      if (call.state === "done") continue;
      if (!call.scan.complete || call.name === "") return;
      this.#end(call);
    }
  }

  /** Which known call a piece belongs to; undefined where it begins a new one. */
  #find(item: ToolCallPiece, position: number, of: number): Call | undefined {
    const id = words(item.id);
    const name = words(item.function?.name);
    if (typeof item.index === "number") {
      const call = this.#byIndex.get(item.index);
      if (call === undefined) return undefined;
      return this.#beginsAnother(call, id, name, item) ? undefined : call;
    }
    if (id !== "") {
      const call = this.#calls.findLast((known) => known.id === id);
      if (
        call !== undefined &&
        !(call.scan.complete && name !== "" && argumentsOf(item.function?.arguments) !== "")
      )
        return call;
    }
    const last = of > 1 && name === "" ? this.#calls[position] : this.#calls.at(-1);
    if (last === undefined) return undefined;
    if (id !== "" && last.id !== "") return undefined;
    return this.#beginsAnother(last, id, name, item) ? undefined : last;
  }

  /**
   * Whether a piece for the place of `call` is the first of another call: some servers number every call 0. Id and name may also just be
   * repeated with each piece, and the id may even change, so what counts is that the call before is whole and a name is given.
   */
  #beginsAnother(call: Call, id: string, name: string, item: ToolCallPiece): boolean {
    if (name === "" || call.name === "") return false;
    if (!call.scan.complete && !call.scan.blank) return false;
    if (id !== "" && call.id !== "") return id !== call.id;
    return call.scan.complete && argumentsOf(item.function?.arguments) !== "";
  }

  #open(item: ToolCallPiece): Call {
    const call: Call = { id: "", name: "", json: "", scan: new ObjectScan(), sent: 0, state: "waiting" };
    this.#calls.push(call);
    if (typeof item.index === "number") this.#byIndex.set(item.index, call);
    return call;
  }

  /** Passes a call on as it comes, once its id and its name are known and its arguments look like an object. */
  #goLive(call: Call): void {
    if (this.#live !== undefined || call.id === "" || call.name === "" || call.scan.notAnObject) return;
    if (call !== this.#calls.find((other) => other.state === "waiting")) return;
    call.state = "live";
    this.#live = call;
    this.#start(call);
    this.#send(call);
  }

  #start(call: Call): void {
    let id = call.id === "" ? newToolId() : toClientToolId(call.id, this.#owner);
    if (this.#clientIds.has(id)) id = newToolId();
    this.#clientIds.add(id);
    this.emitted = true;
    this.#sink.toolStart(id, call.name);
  }

  #send(call: Call): void {
    if (call.scan.blank || call.scan.notAnObject || call.sent === call.json.length) return;
    this.#sink.toolInput(call.sent === 0 ? call.json : call.json.slice(call.sent));
    call.sent = call.json.length;
  }

  #end(call: Call): void {
    const wasLive = call.state === "live";
    call.state = "done";
    if (wasLive) this.#live = undefined;
    // Without a name there is nothing to run: such calls are left overs of servers (Snowflake sends one after each real call).
    if (call.name === "") return;
    if (!wasLive) this.#start(call);
    const end = this.#restOfArguments(call);
    if (end === undefined) {
      this.#sink.fail({
        status: 502,
        type: "api_error",
        message: `${errorTable["upstream.badStream"].message}: the arguments of the tool call ${call.name} are not JSON`,
      });
      return;
    }
    if (end !== "") this.#sink.toolInput(end);
    this.#sink.endBlock();
  }

  /** What the sink still needs for arguments that are empty or one object; undefined where nothing can make them so. */
  #restOfArguments(call: Call): string | undefined {
    if (call.json.trim() === "") return "";
    if (parseObject(call.json) !== undefined) return call.json.slice(call.sent);
    if (call.sent === 0) return unwrapped(call.json);
    if (call.scan.complete) return undefined;
    return voidingEnd(call.json.slice(0, call.sent));
  }
}

/** Arguments that were encoded twice (a JSON string that holds JSON), or none. */
const unwrapped = (json: string): string => {
  try {
    const value = JSON.parse(json) as unknown;
    if (typeof value === "string" && parseObject(value) !== undefined) return value;
  } catch {
    // cut off, or no JSON at all: none of it can be trusted
  }
  return "";
};
