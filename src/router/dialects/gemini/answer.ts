/** What an answer says, in the order in which Anthropic's blocks may stand. Streams and whole answers both end up here. */
import type { Usage } from "../../../protocol/anthropic.ts";
import type { GeminiAnswer, GeminiCandidate, GeminiPart, GeminiUsage } from "../../../protocol/gemini.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { toEnvelope } from "../shared/reasoning-envelope.ts";
import { searchToolOf } from "../shared/search-tool.ts";
import { FunctionCalls } from "./function-calls.ts";
import { Grounding } from "./grounding.ts";
import { sourceFilter } from "./search-wishes.ts";
import type { SignatureDetail } from "./signatures.ts";
import { failureOfFinish, toStopReason } from "./stop-reason.ts";
import { toolPlan } from "./tool-plan.ts";
import { noUsage } from "../../../protocol/usage.ts";
import { saysSomething, toUsage } from "./usage.ts";

export class Answer {
  readonly #sink: MessageSink;
  readonly #context: DialectContext;
  readonly #calls: FunctionCalls;
  /** Where a search was asked for. */
  readonly #grounding: Grounding | undefined;
  /** White space before the first word of a text: a block of nothing else is refused by Anthropic for good, once it is in the history. */
  #space = "";
  #in: "nothing" | "thinking" | "text" = "nothing";
  /** Text of the open thinking block, which its envelope covers. */
  #thought = "";
  /** Signatures that no thinking block carries yet. */
  #details: SignatureDetail[] = [];
  #usage: GeminiUsage | undefined;
  #finishMessage: string | undefined;
  #said = false;
  finishReason: string | undefined;
  /** The provider refused the request before any model saw it. */
  blocked = false;
  /** A candidate was seen, or a refusal: the answer has begun. */
  begun = false;

  constructor(sink: MessageSink, context: DialectContext) {
    this.#sink = sink;
    this.#context = context;
    this.#calls = new FunctionCalls(sink, context);
    const { request } = context;
    const searches = request !== undefined && toolPlan(request, context.model).search;
    this.#grounding = searches ? new Grounding(sink, sourceFilter(searchToolOf(request))) : undefined;
  }

  /** Takes a chunk, or a whole answer: they have the same form. */
  take(answer: GeminiAnswer): void {
    if (saysSomething(answer.usageMetadata)) this.#usage = answer.usageMetadata;
    const reason = answer.promptFeedback?.blockReason;
    if (typeof reason === "string" && reason !== "") this.blocked = true;
    const candidate = candidateOf(answer);
    if (candidate === undefined && !this.blocked) return;
    if (!this.begun) this.#begin(answer);
    if (candidate === undefined) return;
    const parts = candidate.content?.parts;
    if (Array.isArray(parts)) for (const part of parts) if (isJsonObject(part)) this.#part(part);
    this.#grounding?.take(candidate.groundingMetadata);
    if (typeof candidate.finishReason === "string" && candidate.finishReason !== "") {
      this.finishReason ??= candidate.finishReason;
      this.#finishMessage ??= candidate.finishMessage;
    }
  }

  #begin(answer: GeminiAnswer): void {
    this.begun = true;
    const head: { model?: string; usage?: Partial<Usage> } = {};
    if (typeof answer.modelVersion === "string" && answer.modelVersion !== "")
      head.model = answer.modelVersion;
    if (this.#usage !== undefined) head.usage = { ...toUsage(this.#usage), output_tokens: 0 };
    this.#sink.start(head);
  }

  /** What was reported so far; undefined: nothing. */
  get usage(): Usage | undefined {
    return this.#usage === undefined ? undefined : toUsage(this.#usage);
  }

  /** The end of the answer; not before a finish reason, or a refusal of the prompt, was seen. */
  finish(): void {
    const reason = this.finishReason;
    const failure =
      reason === undefined ? undefined : failureOfFinish(reason, this.#finishMessage, !this.#said);
    if (failure !== undefined) return this.#sink.fail(failure);
    if (reason === "MAX_TOKENS") this.#calls.cut();
    else this.#calls.end();
    // A signature of the last text has no place: a thinking block at the very end would be taken for the answer. Google does not ask for it back.
    if (this.#in === "thinking") this.#sign();
    const searches = this.#grounding?.release() ?? 0;
    const usage = this.usage ?? noUsage();
    if (searches > 0) usage["server_tool_use"] = { web_search_requests: searches };
    return this.#sink.finish({
      stopReason: this.blocked ? "refusal" : toStopReason(reason, this.#calls.emitted),
      usage,
    });
  }

  #part(part: GeminiPart): void {
    const signature = typeof part.thoughtSignature === "string" ? part.thoughtSignature : "";
    if (isJsonObject(part.functionCall)) {
      const call = part.functionCall;
      if (FunctionCalls.begins(call)) {
        this.#calls.end();
        this.#grounding?.release();
        if (signature !== "") this.#details.push({ type: "google.signature", on: "call", signature });
        this.#sign();
        this.#in = "nothing";
        this.#said = true;
      }
      this.#calls.take(call);
    } else if (isJsonObject(part.toolCall) || isJsonObject(part.toolResponse)) {
      this.#details.push({ type: "google.part", part });
    } else if (typeof part.text === "string") {
      if (part.thought === true) this.#thinking(part.text, signature);
      else this.#text(part.text, signature);
    }
  }

  #thinking(text: string, signature: string): void {
    if (text !== "") {
      this.#calls.end();
      if (this.#in !== "thinking") {
        this.#sign();
        this.#in = "thinking";
        this.#space = "";
      }
      this.#thought += text;
      this.#said = true;
      this.#sink.thinking(text);
    }
    if (signature !== "") {
      const on = this.#in === "thinking" ? "thought" : "text";
      this.#details.push({ type: "google.signature", on, signature });
    }
  }

  #text(text: string, signature: string): void {
    if (text !== "") {
      this.#calls.end();
      this.#say(text);
    }
    if (signature !== "") this.#details.push({ type: "google.signature", on: "text", signature });
  }

  #say(text: string): void {
    if (this.#in === "text") return this.#emit(text);
    if (!/\S/.test(text)) {
      this.#space += text;
      return undefined;
    }
    // Signatures of the text before stay where they are until something other than text follows; those of thoughts end their block.
    if (this.#in === "thinking" || this.#details.some((detail) => detail.type === "google.part"))
      this.#sign();
    this.#in = "text";
    this.#said = true;
    this.#emit(this.#space + text);
    this.#space = "";
    return undefined;
  }

  #emit(text: string): void {
    if (this.#grounding === undefined) this.#sink.text(text);
    else this.#grounding.text(text);
  }

  /** Ends the thinking with what belongs to it and to what follows. */
  #sign(): void {
    if (this.#details.length > 0)
      this.#sink.signature(toEnvelope(this.#details, this.#thought, this.#context));
    this.#details = [];
    this.#thought = "";
  }
}

/** An Anthropic answer has room for one candidate: the first. */
export const candidateOf = (answer: Pick<GeminiAnswer, "candidates">): GeminiCandidate | undefined => {
  if (!Array.isArray(answer.candidates)) return undefined;
  for (const candidate of answer.candidates)
    if (isJsonObject(candidate) && (candidate.index ?? 0) === 0) return candidate;
  return undefined;
};
