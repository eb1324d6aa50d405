/** Metrics as text for Prometheus: its text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
import type { Labels, Metric } from "./registry.ts";

/** A value as it is now. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  /** A total that something else counts. */
  readonly kind?: "counter";
  readonly samples: readonly (readonly [labels: Labels, value: number])[];
}

const escaped = (text: string): string =>
  text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll('"', String.raw`\"`);

const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
};

const head = (name: string, help: string, kind: string): string[] => [
  `# HELP ${name} ${help.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`)}`,
  `# TYPE ${name} ${kind}`,
];

const linesOf = (metric: Metric): string[] => {
  const { name, help } = metric.terms;
  const lines = head(name, help, metric.kind);
  if (metric.kind === "counter") {
    for (const { labels, value } of metric.series()) lines.push(`${name}${labelText(labels)} ${value}`);
    return lines;
  }
  for (const { labels, counts, sum, count } of metric.series()) {
    let below = 0;
    for (const [i, bound] of metric.bounds.entries()) {
      below += counts[i]!;
      lines.push(`${name}_bucket${labelText({ ...labels, le: String(bound) })} ${below}`);
    }
    lines.push(`${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${count}`);
    lines.push(`${name}_sum${labelText(labels)} ${sum}`, `${name}_count${labelText(labels)} ${count}`);
  }
  return lines;
};

export const contentType = "text/plain; version=0.0.4; charset=utf-8";

export const exposition = (metrics: readonly Metric[], gauges: readonly Gauge[]): string =>
  [
    ...metrics.flatMap(linesOf),
    ...gauges.flatMap(({ name, help, kind = "gauge", samples }) => [
      ...head(name, help, kind),
      ...samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
    ]),
    "",
  ].join("\n");
