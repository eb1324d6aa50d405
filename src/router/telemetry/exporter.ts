/** Turns to spans and metrics, and those to a collector. Imported where one is configured. */
import type { Config, TelemetryConfig } from "../../config/types.ts";
import type { Logger } from "../../shared/log.ts";
import type { TurnRecord } from "../ledger/record.ts";
import { GenAiMetrics } from "./gen-ai-metrics.ts";
import { metricsBody, type Sender, type Span, tracesBody } from "./otlp.ts";
import { OtlpSender } from "./sender.ts";
import { spansOf } from "./spans.ts";

/** Spans that wait: beyond it those that come are dropped. */
const mostSpans = 4_096;
/** Spans of one request. */
const batch = 512;
/** From the first span that waits to its sending, in milliseconds. */
const delay = 5_000;

export interface ExporterOptions {
  readonly config: TelemetryConfig;
  readonly version: string;
  readonly log: Pick<Logger, "warn" | "info">;
}

export class Exporter {
  readonly #options: ExporterOptions;
  readonly #about: Sender;
  readonly #sender: OtlpSender;
  readonly #metrics = new GenAiMetrics();
  readonly #since = Date.now();
  readonly #interval: NodeJS.Timeout | undefined;
  #spans: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #dropped = 0;
  #changed = false;

  constructor(options: ExporterOptions) {
    this.#options = options;
    const { config, version, log } = options;
    this.#about = {
      resource: { "service.name": config.service, "service.version": version },
      version,
    };
    this.#sender = new OtlpSender(config, log);
    if (config.metrics) this.#interval = setInterval(() => void this.#sendMetrics(), config.interval).unref();
  }

  /** @param config the one that the turn was served by, or a later one */
  observe(turn: TurnRecord, config: Config): void {
    const { traces, metrics } = this.#options.config;
    if (metrics) {
      this.#metrics.observe(turn, config);
      this.#changed = true;
    }
    if (!traces) return;
    if (this.#spans.length >= mostSpans) {
      this.#dropped++;
      return;
    }
    this.#spans.push(...spansOf(turn, config));
    if (this.#spans.length >= batch) void this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush(), delay).unref();
  }

  /** Sends what waits, at most for `grace` milliseconds. */
  async close(grace = 2_000): Promise<void> {
    clearInterval(this.#interval);
    clearTimeout(this.#timer);
    this.#sender.hurry();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, grace);
    await Promise.race([Promise.all([this.#flush(), this.#sendMetrics()]), late]);
    clearTimeout(timer);
  }

  /** One request after the other: a slow collector gets larger batches, not more connections. */
  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#sending ??= this.#sendSpans().finally(() => (this.#sending = undefined)));
  }

  async #sendSpans(): Promise<void> {
    while (this.#spans.length > 0) {
      const spans = this.#spans.slice(0, batch);
      this.#spans = this.#spans.slice(batch);
      await this.#sender.send("traces", tracesBody(spans, this.#about));
    }
    if (this.#dropped === 0) return;
    this.#options.log.warn(
      { code: "telemetry.dropped", turns: this.#dropped },
      `the collector is too slow: ${this.#dropped} turns are in no trace`,
    );
    this.#dropped = 0;
  }

  async #sendMetrics(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const times = { start: this.#since, now: Date.now() };
    const taken = await this.#sender.send("metrics", metricsBody(this.#metrics.metrics, this.#about, times));
    // They are sums: the next sending has them too.
    if (!taken) this.#changed = true;
  }
}
