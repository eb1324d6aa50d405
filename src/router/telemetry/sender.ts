/** Sends to a collector (OTLP over HTTP), in batches, never in a turn's way: what cannot be sent is dropped, and told once. */
import { request } from "undici";
import type { TelemetryConfig } from "../../config/types.ts";
import { messageOf, systemCodeOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";

/** Milliseconds. */
const patience = 10_000;
/** Before each further try; the specification's retryable answers are tried again, others not. */
const waits = [1_000, 5_000];
const retryable = new Set([429, 502, 503, 504]);

export type Signal = "traces" | "metrics";

export class OtlpSender {
  readonly #config: TelemetryConfig;
  readonly #log: Pick<Logger, "warn" | "info">;
  readonly #ended = new AbortController();
  #failing = false;

  constructor(config: TelemetryConfig, log: Pick<Logger, "warn" | "info">) {
    this.#config = config;
    this.#log = log;
  }

  /** Never rejects. @returns whether the collector took it */
  async send(signal: Signal, body: unknown): Promise<boolean> {
    const text = JSON.stringify(body);
    let problem = await this.#post(signal, text);
    for (const wait of waits) {
      if (problem?.again !== true || this.#ended.signal.aborted) break;
      await this.#pause(problem.wait ?? wait);
      problem = await this.#post(signal, text);
    }
    if (problem === undefined && this.#failing)
      this.#log.info({ code: "telemetry.well" }, "the collector takes traces and metrics again");
    if (problem !== undefined && !this.#failing)
      this.#log.warn(
        { code: "telemetry.failed" },
        `traces and metrics are dropped: ${this.#config.endpoint} does not take them (${problem.why}); look at telemetry.endpoint`,
      );
    this.#failing = problem !== undefined;
    return problem === undefined;
  }

  /** Waits no more: what is under way is tried once. */
  hurry(): void {
    this.#ended.abort();
  }

  async #post(
    signal: Signal,
    body: string,
  ): Promise<{ readonly why: string; readonly again: boolean; readonly wait?: number } | undefined> {
    try {
      const answer = await request(`${this.#config.endpoint}/v1/${signal}`, {
        method: "POST",
        headers: { ...this.#config.headers, "content-type": "application/json" },
        body,
        headersTimeout: patience,
        bodyTimeout: patience,
        signal: AbortSignal.timeout(patience),
      });
      await answer.body.dump();
      const { statusCode } = answer;
      if (statusCode >= 200 && statusCode < 300) return undefined;
      const after = Number(answer.headers["retry-after"]);
      return {
        why: `status ${statusCode}`,
        again: retryable.has(statusCode),
        ...(after > 0 && { wait: Math.min(after * 1_000, 30_000) }),
      };
    } catch (error) {
      return { why: systemCodeOf(error) ?? messageOf(error), again: true };
    }
  }

  /** @param wait milliseconds */
  async #pause(wait: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, wait).unref();
    this.#ended.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }
}
