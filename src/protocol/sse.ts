/**
 * Server-sent events from bytes (html.spec.whatwg.org, server-sent-events), synchronous and without a copy per event:
 * this stands on the path of every token. Differences from the specification, for what providers send:
 * an event that the end of the stream leaves without its blank line is still delivered (many end with a bare
 * `data: [DONE]`), and a field that is not of the specification is reported (`error: {…}` is sent so by some).
 */
import { StringDecoder } from "node:string_decoder";

export interface SseHandlers {
  /** `event` is the empty string where the event names none. */
  onEvent: (event: string, data: string) => void;
  /** A line of a field that is none of event, data, id, retry. */
  onUnknownField?: (name: string, value: string) => void;
}

const CR = "\r";

export class SseParser {
  readonly #handlers: SseHandlers;
  readonly #decoder = new StringDecoder("utf8");
  /** Pieces of the line that has not ended yet: joined once, when it does. */
  #partial: string[] = [];
  #event = "";
  #data: string | undefined;
  #atStart = true;
  #skipLineFeed = false;

  constructor(handlers: SseHandlers) {
    this.#handlers = handlers;
  }

  /** Takes the next bytes, however they were cut, and calls the handlers for every event they complete. */
  push(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    if (text !== "") this.#pushText(text);
  }

  /** The end of the bytes: delivers what is left. */
  end(): void {
    const rest = this.#decoder.end();
    if (rest !== "") this.#pushText(rest);
    if (this.#partial.length > 0) this.#line(this.#takePartial(""));
    this.#dispatch();
  }

  #pushText(text: string): void {
    let from = 0;
    if (this.#atStart) {
      this.#atStart = false;
      if (text.charCodeAt(0) === 0xfeff) from = 1;
    }
    if (this.#skipLineFeed) {
      this.#skipLineFeed = false;
      if (text.charCodeAt(from) === 10) from++;
    }
    let carriage = text.indexOf(CR, from);
    let feed = text.indexOf("\n", from);
    for (;;) {
      // Each is looked for once per line that it ends: a text without the one must not be searched for it again and again.
      if (feed !== -1 && feed < from) feed = text.indexOf("\n", from);
      let end = feed;
      let next = end + 1;
      if (carriage !== -1 && (end === -1 || carriage < end)) {
        end = carriage;
        next = carriage + 1;
        if (text.charCodeAt(next) === 10) next++;
        else if (next === text.length) this.#skipLineFeed = true;
        carriage = text.indexOf(CR, next);
      }
      if (end === -1) break;
      this.#line(this.#takePartial(text.slice(from, end)));
      from = next;
    }
    if (from < text.length) this.#partial.push(from === 0 ? text : text.slice(from));
  }

  #takePartial(tail: string): string {
    if (this.#partial.length === 0) return tail;
    this.#partial.push(tail);
    const line = this.#partial.join("");
    this.#partial = [];
    return line;
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch();
    if (line.startsWith("data:")) {
      const value = line.slice(line.charCodeAt(5) === 32 ? 6 : 5);
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
      return undefined;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return undefined; // a comment
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (name !== "id" && name !== "retry") this.#handlers.onUnknownField?.(name, value);
    return undefined;
  }

  #dispatch(): void {
    const data = this.#data;
    const event = this.#event;
    this.#event = "";
    this.#data = undefined;
    if (data !== undefined) this.#handlers.onEvent(event, data);
  }
}
