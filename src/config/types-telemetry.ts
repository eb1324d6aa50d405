/** Where traces and metrics go. */
export interface TelemetryConfig {
  /** Base URL of an OTLP/HTTP collector, without a trailing slash: `/v1/traces` and `/v1/metrics` are added. */
  readonly endpoint: string;
  /** Names in lower case. Their values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** The resource's `service.name`. */
  readonly service: string;
  readonly traces: boolean;
  readonly metrics: boolean;
  /** Between two sendings of metrics, in milliseconds. */
  readonly interval: number;
}
