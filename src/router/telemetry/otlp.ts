/**
 * OTLP in its JSON form (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding"): ids in hex, 64-bit numbers as text. Written here and not by the SDK's packages:
 * what the router sends is a few fixed shapes, and the packages (a dozen, of several versions) would be the largest part of what it holds in memory.
 */
import type { Counter, Histogram, Labels, Metric } from "../metrics/registry.ts";

/** A number that may have a fraction: always sent as a double, for whoever stores an attribute by its type. Other whole numbers are integers. */
export interface Double {
  readonly double: number;
}
export type AttributeValue = string | number | boolean | Double;
/** A value of undefined is left out. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

export interface Span {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: "server" | "client";
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  /** Undefined: it went well. */
  readonly error?: string;
}

const longest = 256;

const valueOf = (value: AttributeValue): Record<string, unknown> => {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "object") return { doubleValue: value.double };
  if (typeof value === "string") return { stringValue: value.slice(0, longest).toWellFormed() };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};

const attributesOf = (attributes: Attributes): unknown[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(value) }],
  );

/** Milliseconds since the epoch, as OTLP has them. */
const nanoseconds = (milliseconds: number): string =>
  String(BigInt(Math.round(milliseconds * 1_000)) * 1_000n);

/** opentelemetry-proto, trace.proto: SPAN_KIND_SERVER, SPAN_KIND_CLIENT; STATUS_CODE_ERROR. */
const kinds = { server: 2, client: 3 } as const;
const failed = 2;

/** Who sends it. */
export interface Sender {
  readonly resource: Attributes;
  readonly version: string;
}

const scopeOf = ({ version }: Sender): unknown => ({ name: "switchyard", version });

/** The body of `POST /v1/traces`. */
export const tracesBody = (spans: readonly Span[], sender: Sender): unknown => ({
  resourceSpans: [
    {
      resource: { attributes: attributesOf(sender.resource) },
      scopeSpans: [
        {
          scope: scopeOf(sender),
          spans: spans.map(
            ({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, error }) => ({
              traceId,
              spanId,
              ...(parentSpanId !== undefined && { parentSpanId }),
              name: name.slice(0, longest).toWellFormed(),
              kind: kinds[kind],
              startTimeUnixNano: nanoseconds(start),
              endTimeUnixNano: nanoseconds(end),
              attributes: attributesOf(attributes),
              status: error === undefined ? {} : { code: failed, message: error },
            }),
          ),
        },
      ],
    },
  ],
});

/** metrics.proto: AGGREGATION_TEMPORALITY_CUMULATIVE. */
const cumulative = 2;

interface Times {
  /** Since when it was counted, and now: milliseconds since the epoch. */
  readonly start: number;
  readonly now: number;
}

const pointOf = (labels: Labels, { start, now }: Times): Record<string, unknown> => ({
  attributes: attributesOf(labels),
  startTimeUnixNano: nanoseconds(start),
  timeUnixNano: nanoseconds(now),
});

const sumOf = (counter: Counter, times: Times): unknown => ({
  isMonotonic: true,
  aggregationTemporality: cumulative,
  dataPoints: [...counter.series()].map(({ labels, value }) => ({
    ...pointOf(labels, times),
    asDouble: value,
  })),
});

const histogramOf = (histogram: Histogram, times: Times): unknown => ({
  aggregationTemporality: cumulative,
  dataPoints: [...histogram.series()].map(({ labels, counts, sum, count }) => ({
    ...pointOf(labels, times),
    count: String(count),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: histogram.bounds,
  })),
});

/** The body of `POST /v1/metrics`. */
export const metricsBody = (metrics: readonly Metric[], sender: Sender, times: Times): unknown => ({
  resourceMetrics: [
    {
      resource: { attributes: attributesOf(sender.resource) },
      scopeMetrics: [
        {
          scope: scopeOf(sender),
          metrics: metrics.map((metric) => ({
            name: metric.terms.name,
            description: metric.terms.help,
            unit: metric.terms.unit,
            ...(metric.kind === "counter"
              ? { sum: sumOf(metric, times) }
              : { histogram: histogramOf(metric, times) }),
          })),
        },
      ],
    },
  ],
});
