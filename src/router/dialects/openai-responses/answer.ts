/** What an answer says, in the order in which Anthropic's blocks may stand. Streams and whole answers both end up here. */
import type {
  ResponsesAnswer,
  ResponsesEvent,
  ResponsesOutputItem,
  ResponsesOutputPart,
} from "../../../protocol/openai-responses.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { toEnvelope } from "../shared/reasoning-envelope.ts";
import { blockGap } from "../shared/text.ts";
import { clientToolNames } from "../shared/tool-names.ts";
import { OrderedBlocks } from "./blocks.ts";
import { nameLength } from "./encode/content.ts";
import { argumentsOf, type Item, objectsIn, partKey, replayable, restOf, word } from "./item.ts";
import { Items } from "./items.ts";
import { failureOfAnswer, stopReasonOf } from "./status.ts";
import { toUsage } from "./usage.ts";
import { citationOf, putSearch } from "./web-search.ts";

export class Answer {
  readonly #sink: MessageSink;
  readonly #context: DialectContext;
  readonly #blocks: OrderedBlocks;
  /** The client's names of tools for those that had to be shortened. */
  readonly #names: ReadonlyMap<string, string>;
  readonly #items = new Items();
  #refusal = false;
  #searches = 0;

  constructor(sink: MessageSink, context: DialectContext) {
    this.#sink = sink;
    this.#context = context;
    this.#blocks = new OrderedBlocks(sink, context);
    this.#names = clientToolNames(context.request, nameLength);
  }

  /** The head. The provider's own id is not passed on: ids repeat with some, and the client joins messages of equal ids. */
  begin(answer: ResponsesAnswer): void {
    const model = word(answer.model);
    this.#sink.start(model === "" ? {} : { model });
  }

  /** A piece of a text: the common case, kept short. */
  text(event: ResponsesEvent): void {
    const item = this.#items.find(event, "message");
    const delta = word(event.delta);
    const key = partKey(event.content_index);
    this.#say(item, key, item.parts.get(key) ?? "", delta);
  }

  /** All that a part holds so far: what is new of it is passed on. */
  part(event: ResponsesEvent, part: ResponsesOutputPart): void {
    if (part.type === "refusal") this.refusal(event, word(part.refusal));
    else if (part.type === "reasoning_text") this.#thought(event, "content", word(part.text));
    else if (part.type === "summary_text") this.#thought(event, "summary", word(part.text));
    else {
      const item = this.#items.find(event, "message");
      const key = partKey(event.content_index);
      const seen = item.parts.get(key) ?? "";
      this.#say(item, key, seen, restOf(word(part.text), seen));
    }
  }

  /** @param whole all of the refusal, or undefined for a delta */
  refusal(event: ResponsesEvent, whole?: string): void {
    const item = this.#items.find(event, "message");
    const key = `refusal ${partKey(event.content_index)}`;
    const seen = item.parts.get(key) ?? "";
    const rest = whole === undefined ? word(event.delta) : restOf(whole, seen);
    if (rest !== "") this.#refusal = true;
    this.#say(item, key, seen, rest);
  }

  /** @param whole all of the part, or undefined for a delta */
  #thought(event: ResponsesEvent, kind: "summary" | "content", whole?: string): void {
    const item = this.#items.find(event, "reasoning");
    item.thinks ??= kind;
    if (item.thinks !== kind || item.done) return;
    const key = partKey(kind === "summary" ? event.summary_index : event.content_index);
    const before = item.parts.get(key);
    const rest = whole === undefined ? word(event.delta) : restOf(whole, before ?? "");
    if (rest === "") return;
    item.parts.set(key, (before ?? "") + rest);
    const text = before === undefined && item.seen !== "" ? blockGap + rest : rest;
    item.seen += text;
    this.#blocks.thinking(text);
  }

  summary(event: ResponsesEvent, whole?: string): void {
    this.#thought(event, "summary", whole);
  }

  reasoning(event: ResponsesEvent, whole?: string): void {
    this.#thought(event, "content", whole);
  }

  annotation(event: ResponsesEvent): void {
    const item = this.#items.find(event, "message");
    item.cited++;
    const citation = citationOf(event.annotation);
    if (citation !== undefined) this.#blocks.cite(citation);
  }

  /** A piece of a call's arguments. @param whole all of them, or undefined for a delta */
  arguments(event: ResponsesEvent, whole?: unknown): void {
    const item = this.#items.find(event, "function_call");
    if (item.type === "function_call")
      this.#call(
        item,
        event,
        whole === undefined ? word(event.delta) : restOf(argumentsOf(whole), item.seen),
      );
  }

  added(event: ResponsesEvent): void {
    const said = event.item;
    if (!isJsonObject(said)) return;
    const item = this.#items.find(event, word(said["type"]), word(said["id"]));
    if (item.type === "function_call") {
      item.callId = word(said["call_id"]);
      this.#call(item, said, restOf(argumentsOf(said["arguments"]), item.seen));
    }
  }

  done(event: ResponsesEvent): void {
    const said = event.item;
    if (isJsonObject(said))
      this.#complete(this.#items.find(event, word(said["type"]), word(said["id"])), said);
  }

  /** The end of the answer, good or bad, with what its last event holds beyond all the others. */
  end(answer: ResponsesAnswer): void {
    const failure = failureOfAnswer(answer);
    if (failure !== undefined) return this.#sink.fail(failure);
    this.begin(answer);
    const whole = this.#items.none;
    for (const [i, said] of objectsIn(answer.output).entries()) {
      const item = whole ? this.#items.add(word(said["type"])) : this.#items.match(said, i);
      if (item !== undefined) this.#complete(item, said);
    }
    this.#blocks.finish();
    const usage = toUsage(answer.usage, this.#searches);
    const stopSequence = this.#blocks.stoppedAt;
    if (stopSequence !== undefined)
      return this.#sink.finish({ stopReason: "stop_sequence", stopSequence, usage });
    const emitted = { tools: this.#blocks.toolsEmitted, refusal: this.#refusal };
    return this.#sink.finish({ stopReason: stopReasonOf(answer, emitted), usage });
  }

  /** The item is whole: passes on what is still missing, and closes it. */
  #complete(item: Item, said: ResponsesOutputItem): void {
    switch (item.done ? "" : item.type) {
      case "message":
        this.#message(item, said);
        break;
      case "reasoning":
        this.#reasoned(item, said);
        break;
      case "function_call": {
        if (item.callId === "") item.callId = word(said.call_id);
        const rest = restOf(argumentsOf(said.arguments), item.seen);
        // Without arguments it is whole all the same, and need not wait for the end of the answer.
        const none = rest === "" && item.seen.trim() === "" && said.status !== "incomplete";
        this.#call(item, said, none && word(said.name) !== "" ? "{}" : rest);
        this.#blocks.settle();
        break;
      }
      case "custom_tool_call": // its input is plain text, a tool's input of Anthropic's is an object
        item.callId = word(said.call_id);
        this.#call(item, said, JSON.stringify({ input: word(said.input) }));
        this.#blocks.settle();
        break;
      case "web_search_call":
        if (putSearch(said, item.place, this.#blocks)) this.#searches++;
        break;
      default: // steps of other hosted tools: nothing of them is for the client
    }
    item.done = true;
  }

  #message(item: Item, said: ResponsesOutputItem): void {
    const parts = objectsIn(said.content);
    const whole = parts.map((part) => word(part["text"]) || word(part["refusal"]));
    const rest = restOf(whole.join(""), item.seen);
    if (rest !== "" && item.seen === "")
      for (const [i, part] of parts.entries()) {
        const refused = part["type"] === "refusal";
        if (refused) this.#refusal = true;
        this.#say(item, refused ? `refusal ${i}` : String(i), "", whole[i]!);
        this.#cite(item, part["annotations"]);
      }
    else {
      this.#say(item, "rest", "", rest);
      if (item.cited === 0) for (const part of parts) this.#cite(item, part["annotations"]);
    }
  }

  #cite(item: Item, annotations: unknown): void {
    for (const annotation of objectsIn(annotations)) {
      item.cited++;
      const citation = citationOf(annotation);
      if (citation !== undefined) this.#blocks.cite(citation);
    }
  }

  #reasoned(item: Item, said: ResponsesOutputItem): void {
    const summary = objectsIn(said.summary);
    const kind = item.thinks ?? (summary.length > 0 ? "summary" : "content");
    const parts = kind === "summary" ? summary : objectsIn(said.content);
    const whole = parts
      .map((part) => word(part["text"]))
      .filter((text) => text !== "")
      .join(blockGap);
    const rest = restOf(whole, item.seen);
    item.seen += rest;
    this.#blocks.thinking(rest);
    const back = replayable(said);
    this.#blocks.sign(back === undefined ? "" : toEnvelope([back], item.seen, this.#context));
  }

  #say(item: Item, part: string, seen: string, text: string): void {
    if (text === "" || item.done) return;
    item.parts.set(part, seen + text);
    item.seen += text;
    // A refusal is a block of its own: what was said before it stays as it was said.
    this.#blocks.text(text, part.startsWith("refusal") ? `${item.place} refusal` : String(item.place));
  }

  #call(item: Item, said: { name?: unknown }, json: string): void {
    item.seen += json;
    const fn: { name?: string; arguments: string } = { arguments: json };
    const name = item.named ? "" : word(said.name);
    if (name !== "") {
      item.named = true;
      fn.name = this.#names.get(name) ?? name;
    }
    if (name !== "" || json !== "") this.#blocks.tool({ index: item.place, id: item.callId, function: fn });
  }
}
