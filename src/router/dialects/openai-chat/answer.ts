/** What an answer says, in the order in which Anthropic's blocks may stand. Streams and whole answers both end up here. */
import type {
  ChatAnswer,
  ChatChoice,
  ChatDelta,
  ChatToolCallDelta,
  ChatUsage,
} from "../../../protocol/openai-chat.ts";
import type { Usage } from "../../../protocol/anthropic.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { isJsonObject } from "../../../shared/json.ts";
import { eachPart, reasoningOf } from "./reasoning.ts";
import { addDetails, toEnvelope } from "../shared/reasoning-envelope.ts";
import { failureOfFinish, toStopReason } from "./stop-reason.ts";
import { clientToolNames, nameLength } from "../shared/tool-names.ts";
import { ToolCalls } from "../shared/tool-calls.ts";
import { hostedSearch, wayOfSearch } from "./search.ts";
import { SearchAnswer } from "./search-answer.ts";
import { TextCalls } from "./text-calls.ts";
import { ThinkTags } from "./think-tags.ts";
import { noUsage } from "../../../protocol/usage.ts";
import { saysSomething, toUsage } from "./usage.ts";

export class Answer {
  readonly #sink: MessageSink;
  readonly #tools: ToolCalls;
  /** White space before the first word of a text: a block of nothing else is refused by Anthropic for good, once it is in the history. */
  #space = "";
  #inText = false;
  #refusal = false;
  /** What came while a tool call was open: kind, text, kind, text, … */
  #held: string[] = [];
  #usage: ChatUsage | undefined;
  /** Index of the choice that is followed: the first that came. An Anthropic answer has room for one. */
  #choice: unknown;
  #inPlace = false;
  finishReason: string | undefined;
  /** A choice was seen: the answer has begun. */
  begun = false;

  /** Details of reasoning that the provider wants back, and the text of the thinking block that will carry them. */
  readonly #details: Record<string, unknown>[] | undefined;
  readonly #context: DialectContext;
  /** The client's names of tools that had to be shortened. */
  readonly #names: ReadonlyMap<string, string>;
  /** Finds calls that are written as text, where the provider leaves that to its clients. */
  readonly #textCalls: TextCalls | undefined;
  /** Finds reasoning that opens the text, where the provider leaves that to its clients. */
  readonly #thinkTags: ThinkTags | undefined;
  /** Reads the sources of the provider's own web search. */
  readonly #search: SearchAnswer | undefined;
  #thought = "";

  constructor(sink: MessageSink, context: DialectContext) {
    if (
      hostedSearch(context.request, context.provider.quirks) !== undefined &&
      wayOfSearch(context.provider.quirks) === "own"
    )
      this.#search = sink = new SearchAnswer(sink);
    this.#sink = sink;
    this.#context = context;
    this.#names = clientToolNames(context.request, nameLength);
    if (context.provider.quirks.textToolCalls === true && (context.request?.tools?.length ?? 0) > 0)
      this.#textCalls = new TextCalls(context.request?.tools ?? [], {
        text: (text) => this.#put("text", text),
        call: (call) => this.#called([call]),
      });
    if (context.provider.quirks.thinkTags === true)
      this.#thinkTags = new ThinkTags({
        text: (text) => this.#words(text),
        thinking: (text) => this.#put("thinking", text),
      });
    const { sendReasoning, thoughtSignature } = context.provider.quirks;
    this.#details = sendReasoning === "reasoning_details" || thoughtSignature === true ? [] : undefined;
    this.#tools = new ToolCalls(sink, context);
  }

  /**
   * Takes a chunk (`delta`), or a whole answer (`message`). Where both are there (Perplexity) the other one is empty or repeats the text
   * so far; where only the other one is there, it is taken, as long as nothing came in the right place.
   */
  take(answer: ChatAnswer, place: "delta" | "message"): void {
    const choice = this.#choiceOf(answer.choices);
    if (saysSomething(answer.usage)) this.#usage = answer.usage;
    else if (saysSomething(choice?.usage)) this.#usage = choice.usage;
    this.#search?.take(answer, choice?.[place]);
    if (choice === undefined) return;
    if (!this.begun) this.#begin(answer, choice);
    const content = choice[place];
    const other = place === "delta" ? choice.message : choice.delta;
    if (isObject(content)) {
      this.#inPlace = true;
      this.#delta(content);
    } else if (isObject(other) && !this.#inPlace) this.#delta(other);
    else if (typeof choice.text === "string") this.#delta({ content: choice.text });
    if (typeof choice.finish_reason === "string" && choice.finish_reason !== "")
      this.finishReason ??= choice.finish_reason;
  }

  #choiceOf(choices: ChatAnswer["choices"]): ChatChoice | undefined {
    if (!Array.isArray(choices)) return undefined;
    const first = choices[0] ?? undefined;
    if (!this.begun || first?.index === this.#choice) return first;
    return (
      choices.find((choice) => choice?.index === this.#choice || choice?.index === undefined) ?? undefined
    );
  }

  #begin(answer: ChatAnswer, choice: ChatChoice): void {
    this.begun = true;
    this.#choice = choice.index;
    // The provider's own id is not passed on: servers repeat ids (Ollama counts to 999), and the client joins messages of equal ids.
    const head: { model?: string; usage?: Partial<Usage> } = {};
    if (typeof answer.model === "string" && answer.model !== "") head.model = answer.model;
    if (this.#usage !== undefined) head.usage = { ...toUsage(this.#usage), output_tokens: 0 };
    this.#sink.start(head);
  }

  #delta(delta: ChatDelta): void {
    const tools = toolPieces(delta, this.#names);
    // Pieces of the call that is being passed on belong before the text of the same delta, which would end it.
    const toolsFirst = tools !== undefined && this.#tools.continues(tools);
    if (toolsFirst) this.#tools.push(tools);
    if (this.#details !== undefined) addDetails(this.#details, delta.reasoning_details);
    const reasoning = reasoningOf(delta);
    if (reasoning !== "") this.#put("thinking", reasoning);
    if (typeof delta.content === "string") {
      if (delta.content !== "") this.#text(delta.content);
    } else if (Array.isArray(delta.content)) this.#parts(delta.content);
    if (typeof delta.refusal === "string" && delta.refusal !== "") this.#refused(delta.refusal);
    if (tools !== undefined && !toolsFirst) this.#called(tools);
  }

  #called(tools: readonly ChatToolCallDelta[]): void {
    this.#inText = false;
    this.#keepSignature(tools);
    this.#sign();
    this.#tools.push(tools);
  }

  /** Google's signature stands on the first call of an answer, and goes back on it (ai.google.dev, OpenAI compatibility). */
  #keepSignature(tools: readonly ChatToolCallDelta[]): void {
    if (this.#context.provider.quirks.thoughtSignature !== true || this.#tools.busy) return;
    const extra = tools.find((item) => isJsonObject(item.extra_content))?.extra_content;
    if (extra !== undefined) this.#details?.push({ type: "extra_content", extra_content: extra });
  }

  #text(text: string): void {
    if (this.#thinkTags === undefined) this.#words(text);
    else this.#thinkTags.push(text);
  }

  #words(text: string): void {
    if (this.#textCalls === undefined) this.#put("text", text);
    else this.#textCalls.push(text);
  }

  /** What was reported so far; undefined: nothing. */
  get usage(): Usage | undefined {
    return this.#usage === undefined ? undefined : toUsage(this.#usage);
  }

  finish(): void {
    const failure = this.finishReason === undefined ? undefined : failureOfFinish(this.finishReason);
    if (failure !== undefined) return this.#sink.fail(failure);
    this.#thinkTags?.end();
    this.#textCalls?.end();
    this.#tools.finish();
    this.#release();
    return this.#sink.finish({
      stopReason: toStopReason(this.finishReason, { tools: this.#tools.emitted, refusal: this.#refusal }),
      usage: this.usage ?? noUsage(),
    });
  }

  #parts(parts: readonly unknown[]): void {
    eachPart(parts, {
      text: (text) => this.#text(text),
      thinking: (text) => this.#put("thinking", text),
      refusal: (text) => this.#refused(text),
    });
  }

  #refused(text: string): void {
    if (!this.#refusal) {
      // The refusal is a block of its own: what was said before it stays as it was said.
      this.#refusal = true;
      this.#inText = false;
      if (!this.#tools.busy) this.#sink.endBlock();
    }
    this.#put("text", text);
  }

  #put(kind: "text" | "thinking", text: string): void {
    if (text === "") return;
    if (this.#held.length > 0 || this.#tools.busy) {
      // Text would end the open call. It goes on at once where the call is whole, and waits where it is not.
      if (!this.#tools.settle()) {
        this.#held.push(kind, text);
        return;
      }
      this.#release();
    }
    this.#emit(kind, text);
  }

  /** Ends the thinking with its details, before what follows it. They come first from every provider; late ones have no place left. */
  #sign(): void {
    const details = this.#details;
    if (details === undefined || details.length === 0 || this.#tools.busy) return;
    this.#sink.signature(toEnvelope(details, this.#thought, this.#context));
    details.length = 0;
    this.#thought = "";
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (let i = 0; i < held.length; i += 2) this.#emit(held[i] as "text" | "thinking", held[i + 1]!);
  }

  #emit(kind: "text" | "thinking", text: string): void {
    if (kind === "thinking") {
      this.#inText = false;
      if (this.#details !== undefined) this.#thought += text;
      this.#sink.thinking(text);
    } else if (this.#inText) this.#sink.text(text);
    else if (/\S/.test(text)) {
      this.#sign();
      this.#sink.text(this.#space + text);
      this.#space = "";
      this.#inText = true;
    } else this.#space += text;
  }
}

const isObject = (value: ChatDelta | null | undefined): value is ChatDelta =>
  typeof value === "object" && value !== null;

/** @param names the client's names for those that the provider was sent shortened */
const toolPieces = (
  delta: ChatDelta,
  names: ReadonlyMap<string, string>,
): readonly ChatToolCallDelta[] | undefined => {
  if (Array.isArray(delta.tool_calls) && delta.tool_calls.length > 0) {
    const items = delta.tool_calls.filter((item) => typeof item === "object" && item !== null);
    return names.size === 0 ? items : items.map((item) => withClientName(item, names));
  }
  const legacy = delta.function_call;
  return typeof legacy === "object" && legacy !== null ? [{ index: -1, function: legacy }] : undefined;
};

const withClientName = (item: ChatToolCallDelta, names: ReadonlyMap<string, string>): ChatToolCallDelta => {
  const name = names.get(String(item.function?.name));
  return name === undefined ? item : { ...item, function: { ...item.function, name } };
};
