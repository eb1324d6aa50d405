/** The events of one item of a stream, from its start to its end. */
import type { UrlCitation } from "../shared/citations.ts";
import { argumentsOf, customText, type ClientTools } from "../shared/tools.ts";
import {
  callItem,
  itemId,
  messageItem,
  reasoningItem,
  searchItem,
  summaryPart,
  textPart,
  type Item,
} from "./items.ts";

export type Emit = (type: string, fields: object) => void;

export interface Place {
  readonly emit: Emit;
  /** Place of the next item in the output. */
  readonly index: () => number;
}

export interface ItemWriter {
  begin(): void;
  /** Tells of the end. Returns the whole item. */
  end(): Item;
}

abstract class Writer implements ItemWriter {
  readonly #emit: Emit;
  readonly #next: () => number;
  #index = 0;
  protected readonly id: string;

  constructor(place: Place, prefix: string) {
    this.#emit = place.emit;
    this.#next = place.index;
    this.id = itemId(prefix);
  }

  abstract begin(): void;
  abstract end(): Item;

  protected added(item: Item): void {
    // The item before it has ended by now.
    this.#index = this.#next();
    this.#emit("response.output_item.added", { output_index: this.#index, item });
  }

  protected done(item: Item): Item {
    this.#emit("response.output_item.done", { output_index: this.#index, item });
    return item;
  }

  protected say(type: string, fields: object = {}): void {
    this.#emit(`response.${type}`, { item_id: this.id, output_index: this.#index, ...fields });
  }
}

export class MessageWriter extends Writer {
  #text = "";
  readonly #annotations: UrlCitation[] = [];
  /** Where the text block that is open began. */
  blockStart = 0;

  constructor(place: Place) {
    super(place, "msg");
  }

  get length(): number {
    return this.#text.length;
  }

  begin(): void {
    this.added(messageItem(this.id, undefined));
    this.say("content_part.added", { content_index: 0, part: textPart("") });
  }

  text(delta: string): void {
    this.#text += delta;
    this.say("output_text.delta", { content_index: 0, delta, logprobs: [] });
  }

  annotation(annotation: UrlCitation): void {
    const index = this.#annotations.push(annotation) - 1;
    this.say("output_text.annotation.added", { content_index: 0, annotation_index: index, annotation });
  }

  endBlock(): void {
    this.blockStart = this.#text.length;
  }

  end(): Item {
    const text = this.#text;
    this.say("output_text.done", { content_index: 0, text, logprobs: [] });
    this.say("content_part.done", { content_index: 0, part: textPart(text, this.#annotations) });
    return this.done(messageItem(this.id, text, this.#annotations));
  }
}

export class ReasoningWriter extends Writer {
  #text = "";
  signature = "";

  constructor(place: Place) {
    super(place, "rs");
  }

  begin(): void {
    this.added(reasoningItem(this.id, "", undefined));
  }

  text(delta: string): void {
    if (this.#text === "")
      this.say("reasoning_summary_part.added", { summary_index: 0, part: summaryPart("") });
    this.#text += delta;
    this.say("reasoning_summary_text.delta", { summary_index: 0, delta });
  }

  end(): Item {
    const text = this.#text;
    if (text !== "") {
      this.say("reasoning_summary_text.done", { summary_index: 0, text });
      this.say("reasoning_summary_part.done", { summary_index: 0, part: summaryPart(text) });
    }
    return this.done(reasoningItem(this.id, text, this.signature));
  }
}

export class ToolWriter extends Writer {
  readonly #call: { id: string; name: string };
  readonly #tools: ClientTools;
  readonly #custom: boolean;
  readonly #json: string[] = [];

  constructor(place: Place, call: { id: string; name: string }, tools: ClientTools) {
    super(place, tools.get(call.name)?.custom === true ? "ctc" : "fc");
    this.#call = call;
    this.#tools = tools;
    this.#custom = tools.get(call.name)?.custom === true;
  }

  begin(): void {
    this.added(callItem(this.id, this.#call, undefined, this.#tools));
  }

  json(delta: string): void {
    this.#json.push(delta);
    // The plain text of a custom tool can be told from its JSON only when that is whole.
    if (!this.#custom) this.say("function_call_arguments.delta", { delta });
  }

  end(): Item {
    const json = this.#json.join("");
    if (this.#custom) {
      const input = customText(json);
      this.say("custom_tool_call_input.delta", { delta: input });
      this.say("custom_tool_call_input.done", { input });
    } else {
      if (json === "") this.say("function_call_arguments.delta", { delta: argumentsOf(json) });
      this.say("function_call_arguments.done", {
        name: this.#tools.get(this.#call.name)?.name ?? this.#call.name,
        arguments: argumentsOf(json),
      });
    }
    return this.done(callItem(this.id, this.#call, json, this.#tools));
  }
}

/** A search of the provider's own: what it found is in the text that follows, and in its annotations. */
export class SearchWriter extends Writer {
  readonly #json: string[] = [];

  constructor(place: Place) {
    super(place, "ws");
  }

  begin(): void {
    this.added(searchItem(this.id, "", "in_progress"));
    this.say("web_search_call.in_progress");
    this.say("web_search_call.searching");
  }

  json(delta: string): void {
    this.#json.push(delta);
  }

  end(): Item {
    this.say("web_search_call.completed");
    return this.done(searchItem(this.id, this.#json.join(""), "completed"));
  }
}
