/** Which item an event is about. */
import type { ResponsesEvent, ResponsesOutputItem } from "../../../protocol/openai-responses.ts";
import { type Item, newItem, word } from "./item.ts";

export class Items {
  readonly #all: Item[] = [];
  readonly #byIndex = new Map<number, Item>();
  readonly #byId = new Map<string, Item>();

  get none(): boolean {
    return this.#all.length === 0;
  }

  /**
   * The item of an event: by its place, else by its id (which changes from event to event with some), else the last of its kind. One that begins
   * (`added`) is new where neither is known, and where its place is that of one of another kind: CLIProxyAPI counts no places.
   */
  find(event: ResponsesEvent, type: string, id = word(event.item_id)): Item {
    const index = event.output_index;
    const begins = event.type === "response.output_item.added";
    let item: Item | undefined;
    if (typeof index === "number") item = this.#byIndex.get(index);
    else if (id !== "") item = this.#byId.get(id);
    else if (!begins) item = this.#last(type, word(event.item?.call_id));
    if (begins && item !== undefined && item.type !== "" && item.type !== type) item = undefined;
    if (item === undefined) {
      item = this.add(type);
      if (typeof index === "number") this.#byIndex.set(index, item);
    }
    if (id !== "") {
      item.id = id;
      this.#byId.set(id, item);
    }
    return item;
  }

  /** The last of a kind that is not complete; of a call, the one with this id where it is known. */
  #last(type: string, callId: string): Item | undefined {
    const open = this.#all.filter((item) => item.type === type && !item.done);
    return open.findLast((item) => callId !== "" && item.callId === callId) ?? open.at(-1);
  }

  add(type: string): Item {
    const item = newItem(this.#all.length, type);
    this.#all.push(item);
    return item;
  }

  /** The item that the last event means, new where none of its kind was heard of; undefined where all of the kind are complete. */
  match(said: ResponsesOutputItem, index: number): Item | undefined {
    const type = word(said.type);
    const callId = word(said.call_id);
    if (callId !== "") {
      const call = this.#all.find((item) => item.callId === callId);
      if (call !== undefined) return call;
    }
    const there = this.#byIndex.get(index);
    if (there !== undefined && there.type === type) return there;
    const alike = this.#all.filter((item) => item.type === type && item.callId === callId);
    return alike.length === 0 ? this.add(type) : alike.find((item) => !item.done);
  }
}
