/**
 * Watches a stream of answers in Google's form while it passes as bytes: whether it has begun, what it used, whether it ended well. Answers in
 * the middle are content, and are not parsed.
 */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { GeminiAnswer } from "../../../protocol/gemini.ts";
import { SseParser } from "../../../protocol/sse.ts";
import { isJsonObject, parseJsonObject } from "../../../shared/json.ts";
import { errorTable } from "../../../shared/errors.ts";
import { candidateOf } from "../../dialects/gemini/answer.ts";
import { failureOfFinish, toStopReason } from "../../dialects/gemini/stop-reason.ts";
import { saysSomething, toUsage } from "../../dialects/gemini/usage.ts";
import type { StreamTap, UpstreamFailure } from "../../dialects/dialect.ts";
import { failureOfBody } from "../../dialects/shared/errors.ts";
import type { Origin } from "../../dialects/shared/origin.ts";
import { markField } from "../shared/marked-field.ts";
import { signatureMark } from "./carry.ts";
import type { Framing } from "./framing.ts";

/** In the text of an answer the quotes would be escaped. */
const telling = /"(?:finishReason|error|promptFeedback)"\s*:/;

export class GeminiTap implements StreamTap {
  readonly #sse = new SseParser({ onEvent: (_, data) => this.#event(data) });
  readonly #mark: string;
  /** Undefined: the client reads events, too. */
  readonly #framing: Framing | undefined;
  #finish: string | undefined;
  #blocked = false;
  #calls = false;
  /** Parsed where the stream breaks off: each answer says what was used so far. */
  #latest = "";
  #usage: Usage | undefined;
  started = false;
  failure: UpstreamFailure | undefined;
  errorSent = false;

  /** @param origin whose answer it is; @param framing of a client that wants another than events */
  constructor(origin: Origin, framing?: Framing) {
    this.#mark = signatureMark(origin);
    this.#framing = framing;
  }

  /** Google's streams end with their connection. */
  get ended(): boolean {
    return this.failure !== undefined;
  }

  get usage(): Usage | undefined {
    if (this.#latest !== "") this.#count(parseJsonObject(this.#latest) ?? {});
    this.#latest = "";
    return this.#usage;
  }

  get stopReason(): StopReason | undefined {
    if (this.#blocked) return "refusal";
    return this.#finish === undefined ? undefined : toStopReason(this.#finish, this.#calls);
  }

  push(chunk: Buffer): void {
    this.#sse.push(chunk);
  }

  end(): void {
    this.#sse.end();
    if (this.failure !== undefined || this.#blocked || this.#finish !== undefined) return;
    const { message, http, type } = errorTable["upstream.cut"];
    this.failure = { status: http, type, message: `${message}: the stream ended without a finish reason` };
  }

  rewrite(events: Buffer): Buffer {
    const marked = markField(events, "thoughtSignature", this.#mark);
    const framing = this.#framing;
    if (framing === undefined) return marked;
    let out = "";
    const parser = new SseParser({ onEvent: (_, data) => (out += framing.item(data)) });
    parser.push(marked);
    parser.end();
    return Buffer.from(out);
  }

  closing(): string {
    return this.#framing?.end() ?? "";
  }

  #event(data: string): void {
    if (this.failure !== undefined || data === "" || data.startsWith("[DONE]")) return;
    this.#latest = data;
    if (!this.#calls && data.includes('"functionCall"')) this.#calls = true;
    if (this.started && this.#finish === undefined && !telling.test(data)) return;
    const answer = parseJsonObject(data);
    // The client gets it as it is and judges for itself.
    if (answer !== undefined) this.#answer(answer);
  }

  #answer(answer: GeminiAnswer): void {
    this.#latest = "";
    this.#count(answer);
    if (answer.error !== undefined && answer.error !== null) {
      this.failure = failureOfBody(answer);
      this.errorSent = true;
      return;
    }
    const reason = answer.promptFeedback?.blockReason;
    this.#blocked ||= typeof reason === "string" && reason !== "";
    const candidate = candidateOf(answer);
    const parts = candidate?.content?.parts;
    const says = Array.isArray(parts) && parts.some((part) => isJsonObject(part) && part["text"] !== "");
    const finish = candidate?.finishReason;
    if (typeof finish === "string" && finish !== "") {
      this.#finish ??= finish;
      // Nothing of it was shown: another target may do better.
      if (!this.started) this.failure = failureOfFinish(finish, candidate?.finishMessage, !says);
    }
    if (this.failure === undefined && (says || this.#blocked || this.#finish !== undefined))
      this.started = true;
  }

  #count({ usageMetadata: usage }: GeminiAnswer): void {
    if (saysSomething(usage)) this.#usage = toUsage(usage);
  }
}
