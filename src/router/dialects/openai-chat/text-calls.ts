/**
 * Calls that a model writes as text between `<tool_call>` and `</tool_call>`, as Hermes, Qwen and many after them were taught to: as JSON
 * (`{"name": …, "arguments": {…}}`), or as Qwen3-Coder does, `<function=NAME><parameter=KEY>value</parameter></function>`. A server with a
 * parser turns them into calls; one without passes the text on, and then nothing would ever run them.
 *
 * What is not a call of a tool of this request stays text, word for word: models quote such tags too.
 */
import type { Tool } from "../../../protocol/anthropic.ts";
import type { ChatToolCallDelta } from "../../../protocol/openai-chat.ts";
import { isJsonObject, parseJsonObject } from "../../../shared/json.ts";
import { newToolId } from "../shared/tool-ids.ts";

const opening = "<tool_call>";
const closing = "</tool_call>";

export interface TextCallsReceiver {
  text(text: string): void;
  call(call: ChatToolCallDelta): void;
}

export class TextCalls {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #receiver: TextCallsReceiver;
  /** What may be the beginning of a tag, or stands behind an opening one. */
  #held = "";
  #inside = false;

  constructor(tools: readonly Tool[], receiver: TextCallsReceiver) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#receiver = receiver;
  }

  push(text: string): void {
    this.#held += text;
    for (;;) {
      const tag = this.#inside ? closing : opening;
      const at = this.#held.indexOf(tag);
      if (at === -1) break;
      const before = this.#held.slice(0, at);
      this.#held = this.#held.slice(at + tag.length);
      if (this.#inside) this.#ended(before);
      else this.#say(before);
      this.#inside = !this.#inside;
    }
    if (this.#inside) return;
    const keep = startOfTag(this.#held);
    this.#say(this.#held.slice(0, this.#held.length - keep));
    this.#held = this.#held.slice(this.#held.length - keep);
  }

  /** The end of the answer: a call that was cut is text, as none of its arguments can be trusted; one that only lacks its last tag is whole. */
  end(): void {
    const rest = this.#held;
    this.#held = "";
    const call = this.#inside ? this.#read(rest) : undefined;
    if (call !== undefined) this.#receiver.call(call);
    else this.#say(this.#inside ? opening + rest : rest);
    this.#inside = false;
  }

  #ended(body: string): void {
    const call = this.#read(body);
    if (call === undefined) this.#say(opening + body + closing);
    else this.#receiver.call(call);
  }

  #say(text: string): void {
    if (text !== "") this.#receiver.text(text);
  }

  #read(body: string): ChatToolCallDelta | undefined {
    const trimmed = body.trim();
    const read = trimmed.startsWith("{") ? fromJson(trimmed) : this.#fromTags(trimmed);
    if (read === undefined || !this.#tools.has(read.name)) return undefined;
    return { id: newToolId(), function: { name: read.name, arguments: JSON.stringify(read.input) } };
  }

  #fromTags(body: string): { name: string; input: object } | undefined {
    const whole = /^<function=([^>\s]+)>([\s\S]*)<\/function>$/.exec(body);
    if (whole === null) return undefined;
    const name = whole[1]!;
    const properties = this.#tools.get(name)?.input_schema?.["properties"];
    const input: Record<string, unknown> = {};
    for (const [, key, value] of whole[2]!.matchAll(/<parameter=([^>\s]+)>\n?([\s\S]*?)\n?<\/parameter>/g)) {
      const schema = isJsonObject(properties) ? properties[key!] : undefined;
      input[key!] = valueOf(value!, isJsonObject(schema) ? schema["type"] : undefined);
    }
    return { name, input };
  }
}

const fromJson = (text: string): { name: string; input: object } | undefined => {
  const call = parseJsonObject(text);
  const input = call?.["arguments"] ?? call?.["parameters"] ?? {};
  return typeof call?.["name"] === "string" && isJsonObject(input)
    ? { name: call["name"], input }
    : undefined;
};

/** A parameter is written bare: text where the schema says so or says nothing, else JSON where it is that. */
const valueOf = (text: string, type: unknown): unknown => {
  if (type === undefined || type === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/** How many of the last characters may be the beginning of an opening tag. */
const startOfTag = (text: string): number => {
  for (let length = Math.min(opening.length - 1, text.length); length > 0; length--)
    if (opening.startsWith(text.slice(-length))) return length;
  return 0;
};
