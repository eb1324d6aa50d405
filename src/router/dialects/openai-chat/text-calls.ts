/**
 * Calls that a model writes as text, in one of the forms of `text-call-forms.ts`. A server with a parser turns them into calls; one without passes
 * the text on, and then nothing would ever run them.
 *
 * What is not a call of a tool of this request stays text, word for word: models quote such tags too.
 */
import type { Tool } from "../../../protocol/anthropic.ts";
import type { ChatToolCallDelta } from "../../../protocol/openai-chat.ts";
import { newToolId } from "../shared/tool-ids.ts";
import { startOf } from "../shared/text.ts";
import { textCallForms, type TextCallForm, type Tools } from "./text-call-forms.ts";

export interface TextCallsReceiver {
  text(text: string): void;
  call(call: ChatToolCallDelta): void;
}

export class TextCalls {
  readonly #tools: Tools;
  readonly #receiver: TextCallsReceiver;
  /** What may be the beginning of a tag, or stands behind an opening one. */
  #held = "";
  /** The form whose opening tag was read, and where in `#held` its end is looked for. */
  #form: TextCallForm | undefined;
  #searched = 0;
  /** A tag that may follow on the last call and belongs to nothing. */
  #leftOver: string | undefined;

  constructor(tools: readonly Tool[], receiver: TextCallsReceiver) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#receiver = receiver;
  }

  push(text: string): void {
    this.#held += text;
    if (this.#leftOver !== undefined && !this.#dropLeftOver(this.#leftOver)) return;
    while (this.#form === undefined ? this.#open() : this.#close(this.#form));
  }

  /** The end of the answer: a call that was cut is text, as none of its arguments can be trusted; one that only lacks its last tag is whole. */
  end(): void {
    const rest = this.#held;
    const form = this.#form;
    this.#held = "";
    this.#form = undefined;
    if (form === undefined) this.#say(rest);
    else this.#ended(form, rest, "");
  }

  /** False while it cannot be told yet. */
  #dropLeftOver(tag: string): boolean {
    const words = this.#held.trimStart();
    if (words !== tag && tag.startsWith(words)) return false;
    if (words.startsWith(tag)) this.#held = words.slice(tag.length);
    this.#leftOver = undefined;
    return true;
  }

  /** Looks for the first tag. True where there is one. */
  #open(): boolean {
    let at = -1;
    let first: TextCallForm | undefined;
    for (const form of textCallForms) {
      const found = this.#held.indexOf(form.opening);
      if (found === -1 || (at !== -1 && found > at)) continue;
      at = found;
      first = form;
    }
    if (first === undefined) {
      const keep = Math.max(...textCallForms.map((form) => startOf(this.#held, form.opening)));
      const sure = this.#held.length - keep;
      this.#say(this.#held.slice(0, sure));
      this.#held = this.#held.slice(sure);
      return false;
    }
    this.#say(this.#held.slice(0, at));
    this.#held = this.#held.slice(at + first.opening.length);
    this.#form = first;
    this.#searched = 0;
    return true;
  }

  /** Looks for the end of what was opened. True where it is there. */
  #close(form: TextCallForm): boolean {
    for (const closing of form.closings) {
      const at = this.#held.indexOf(closing, Math.max(0, this.#searched - closing.length));
      if (at === -1) continue;
      const body = this.#held.slice(0, at);
      this.#held = this.#held.slice(at + closing.length);
      this.#form = undefined;
      this.#ended(form, body, closing);
      return this.#leftOver === undefined || this.#dropLeftOver(this.#leftOver);
    }
    this.#searched = this.#held.length;
    return false;
  }

  #ended(form: TextCallForm, body: string, closing: string): void {
    const read = form.read(body, this.#tools) ?? [];
    const calls = read.filter((call) => call !== undefined && this.#tools.has(call.name));
    if (read.length === 0 || calls.length < read.length) return this.#say(form.opening + body + closing);
    this.#leftOver = form.leftOver;
    for (const call of calls)
      this.#receiver.call({
        id: newToolId(),
        function: { name: call!.name, arguments: JSON.stringify(call!.input) },
      });
  }

  #say(text: string): void {
    if (text !== "") this.#receiver.text(text);
  }
}
