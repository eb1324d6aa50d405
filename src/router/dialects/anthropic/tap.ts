/**
 * Watches a stream of Anthropic's own while it passes as bytes: when the message has begun, what it used, whether it ended.
 * Only the few events that say so are parsed.
 */
import type { Usage } from "../../../protocol/anthropic.ts";
import { SseParser } from "../../../protocol/sse.ts";
import type { StreamTap, UpstreamFailure } from "../dialect.ts";
import { cutFailure, failureOfErrorEvent } from "./failures.ts";
import { eachTellingEvent } from "./telling-events.ts";
import { mergeUsage } from "./usage.ts";

export class AnthropicTap implements StreamTap {
  readonly #sse = new SseParser({ onEvent: (event, data) => this.#event(event, data) });
  #stopped = false;
  /** The first event may have a byte order mark before it. */
  #first = true;
  started = false;
  failure: UpstreamFailure | undefined;
  errorSent = false;
  usage: Usage | undefined;
  stopReason: string | undefined;

  get ended(): boolean {
    return this.#stopped || this.errorSent;
  }

  push(events: Buffer): void {
    const first = this.#first;
    this.#first = false;
    if (first && events[0] === 0xef) this.#sse.push(events);
    else eachTellingEvent(events, (event) => this.#sse.push(event));
  }

  end(): void {
    this.#sse.end();
    if (!this.#stopped && this.failure === undefined) this.failure = cutFailure();
  }

  #event(name: string, data: string): void {
    switch (name) {
      case "message_start":
        this.started = true;
        this.#use(data, (event) => (event["message"] as { usage?: unknown } | undefined)?.usage);
        break;
      case "message_delta":
        this.#use(data, (event) => {
          const reason = (event["delta"] as { stop_reason?: unknown } | undefined)?.stop_reason;
          if (typeof reason === "string") this.stopReason = reason;
          return event["usage"];
        });
        break;
      case "message_stop":
        this.#stopped = true;
        break;
      case "error":
        this.errorSent = true;
        this.#use(data, (event) => {
          this.failure = failureOfErrorEvent(event);
          return undefined;
        });
        this.failure ??= cutFailure();
        break;
      default: // the content: not ours to read
    }
  }

  #use(data: string, read: (event: Record<string, unknown>) => unknown): void {
    try {
      const usage = read(JSON.parse(data) as Record<string, unknown>);
      this.usage = mergeUsage(this.usage ?? { input_tokens: 0, output_tokens: 0 }, usage);
    } catch {
      // Not JSON: the client gets it as it is and judges for itself.
    }
  }
}
