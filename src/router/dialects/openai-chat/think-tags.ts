/**
 * Reasoning that stands in an answer's text as `<think>…</think>`, as models were taught to write it (DeepSeek R1, Qwen, MiniMax, GLM) and as servers
 * without a parser of reasoning pass it on. Only at the very beginning of the answer is the tag the model's own: further on it is a word
 * that the model quotes, and stays. Every character comes out once, however the text was cut.
 */
import { startOf } from "../shared/text.ts";

const opening = "<think>";
const closing = "</think>";

export interface ThinkTagsReceiver {
  text(text: string): void;
  thinking(text: string): void;
}

export class ThinkTags {
  readonly #receiver: ThinkTagsReceiver;
  #at: "start" | "thinking" | "gap" | "text" = "start";
  /** What may be a tag's beginning, or white space that counts only if words follow. */
  #held = "";
  #thought = false;

  constructor(receiver: ThinkTagsReceiver) {
    this.#receiver = receiver;
  }

  push(text: string): void {
    if (this.#at === "text") return this.#receiver.text(text);
    this.#held += text;
    if (this.#at === "start") this.#start();
    if (this.#at === "thinking") this.#thinking();
    if (this.#at === "gap") this.#gap();
  }

  /** The end of the answer. Reasoning that never ended is reasoning all the same: the answer was cut, or nothing else was said. */
  end(): void {
    const rest = this.#held;
    this.#held = "";
    if (this.#at === "thinking") {
      if (rest.trim() !== "") this.#receiver.thinking(rest);
    } else if (this.#at === "start" && rest !== "") this.#receiver.text(rest);
    this.#at = "text";
  }

  #start(): void {
    const words = this.#held.trimStart();
    if (words.startsWith(opening)) {
      this.#at = "thinking";
      this.#held = words.slice(opening.length);
    } else if (!opening.startsWith(words)) this.#pass();
  }

  #thinking(): void {
    if (!this.#thought) this.#held = this.#held.trimStart();
    const end = this.#held.indexOf(closing);
    const said = end === -1 ? this.#held : this.#held.slice(0, end);
    const open = end === -1 ? startOf(said, closing) : 0;
    // Templates put line ends around the reasoning, and nothing but them where the model did not think.
    const words = said.slice(0, said.length - open).trimEnd();
    if (words !== "") {
      this.#thought = true;
      this.#receiver.thinking(words);
    }
    if (end === -1) this.#held = this.#held.slice(words.length);
    else {
      this.#held = this.#held.slice(end + closing.length);
      this.#at = "gap";
    }
  }

  /** Line ends between reasoning and answer belong to neither. */
  #gap(): void {
    this.#held = this.#held.trimStart();
    if (this.#held !== "") this.#pass();
  }

  #pass(): void {
    const held = this.#held;
    this.#held = "";
    this.#at = "text";
    this.#receiver.text(held);
  }
}
