/**
 * Watches a stream of chat completion chunks while it passes as bytes: whether it has begun, what it used, whether it ended well. Most events
 * are content, and are not parsed.
 */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { ChatAnswer, ChatDelta } from "../../../protocol/openai-chat.ts";
import { SseParser } from "../../../protocol/sse.ts";
import { errorTable } from "../../../shared/errors.ts";
import { failureOfFinish, toStopReason } from "../../dialects/openai-chat/stop-reason.ts";
import { saysSomething, toUsage } from "../../dialects/openai-chat/usage.ts";
import type { StreamTap, UpstreamFailure } from "../../dialects/dialect.ts";
import { failureOfBody } from "../../dialects/shared/errors.ts";

const done = "data: [DONE]\n\n";

export class ChatTap implements StreamTap {
  readonly #sse = new SseParser({
    onEvent: (event, data) => this.#event(event, data),
    // llama.cpp based servers end a failed stream with a bare `error: {…}` line, which no client reads.
    onUnknownField: (name, value) => {
      if (name === "error") this.#fail(value, false);
    },
  });
  /** The client did not ask for usage: the chunk that has nothing else is left out. */
  readonly #hideUsage: boolean;
  #finish: string | undefined;
  #done = false;
  started = false;
  failure: UpstreamFailure | undefined;
  errorSent = false;
  usage: Usage | undefined;

  constructor(hideUsage: boolean) {
    this.#hideUsage = hideUsage;
  }

  get ended(): boolean {
    return this.#done || this.failure !== undefined;
  }

  get stopReason(): StopReason | undefined {
    return this.#finish === undefined
      ? undefined
      : toStopReason(this.#finish, { tools: this.#finish === "tool_calls", refusal: false });
  }

  push(chunk: Buffer): void {
    this.#sse.push(chunk);
  }

  end(): void {
    this.#sse.end();
    if (this.#done || this.failure !== undefined || this.#finish !== undefined) return;
    const { message, http, type } = errorTable["upstream.cut"];
    this.failure = { status: http, type, message: `${message}: the stream ended without a finish reason` };
  }

  /** Some providers leave out the last line, without which clients take the stream for cut. */
  closing(): string {
    return this.#done ? "" : done;
  }

  rewrite(events: Buffer): Buffer {
    if (!this.#hideUsage || !events.includes('"usage"')) return events;
    const text = events.toString("utf8");
    const kept = text.split(/(?<=\r?\n\r?\n)/).filter((event) => !isUsageOnly(event));
    const joined = kept.join("");
    return joined.length === text.length ? events : Buffer.from(joined);
  }

  #event(event: string, data: string): void {
    if (this.ended || data === "") return;
    if (data.startsWith("[DONE]")) {
      this.#done = true;
      // Nothing of use came: another target may still answer.
      if (!this.started && this.#finish === undefined) this.#fail("the stream held no answer", false);
      return;
    }
    if (event === "error") return this.#fail(data, true);
    if (this.started && !/"(?:finish_reason":\s*"|usage":\s*\{|error":)/.test(data)) return;
    let chunk: ChatAnswer | null;
    try {
      chunk = JSON.parse(data) as ChatAnswer | null;
    } catch {
      return; // the client gets it as it is and judges for itself
    }
    if (typeof chunk === "object" && chunk !== null) this.#chunk(chunk);
  }

  #chunk(chunk: ChatAnswer): void {
    if (saysSomething(chunk.usage)) this.usage = toUsage(chunk.usage);
    if (chunk.error !== undefined && chunk.error !== null) {
      this.failure = failureOfBody(chunk);
      this.errorSent = true;
      return;
    }
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    const finish = choice?.finish_reason;
    if (typeof finish === "string" && finish !== "") {
      const failed = failureOfFinish(finish);
      if (failed === undefined) this.#finish ??= finish;
      else this.failure = failed;
    }
    if (this.failure === undefined && (this.#finish !== undefined || hasContent(choice?.delta)))
      this.started = true;
  }

  /** @param sent the client can read of it in the bytes */
  #fail(data: string, sent: boolean): void {
    let body: unknown = data;
    try {
      body = JSON.parse(data);
    } catch {
      // plain text: the message itself
    }
    this.failure = failureOfBody(body);
    // An event is understood by its `error` field alone.
    this.errorSent = sent && typeof body === "object" && body !== null && "error" in body;
  }
}

/** Anything but the role: from then on another target cannot answer any more. */
const hasContent = (delta: ChatDelta | null | undefined): boolean =>
  typeof delta === "object" &&
  delta !== null &&
  Object.entries(delta).some(
    ([name, value]) =>
      name !== "role" && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0),
  );

const isUsageOnly = (event: string): boolean => {
  const data = /^data: ?(\{.*\})\r?$/m.exec(event)?.[1];
  if (data === undefined || !data.includes('"usage"')) return false;
  try {
    const { choices, usage } = JSON.parse(data) as ChatAnswer;
    return Array.isArray(choices) && choices.length === 0 && typeof usage === "object" && usage !== null;
  } catch {
    return false;
  }
};
