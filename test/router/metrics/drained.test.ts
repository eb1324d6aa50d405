/** What a worker has counted, and tells later, comes to the same as if it had been counted at once. */
import { expect, it } from "vitest";
import { Counter, drainAll, Histogram, mergeAll, type Metric } from "../../../src/router/metrics/registry.ts";

const terms = (name: string) => ({ name, help: "", unit: "" });
const made = (): { counter: Counter; histogram: Histogram; metrics: Metric[] } => {
  const counter = new Counter(terms("c"));
  const histogram = new Histogram(terms("h"), [1, 2]);
  return { counter, histogram, metrics: [counter, histogram] };
};
const seriesOf = (metrics: readonly Metric[]): unknown => metrics.map((metric) => [...metric.series()]);

it("is in the sums once, however often it is told", () => {
  const [worker, primary, alone] = [made(), made(), made()];
  for (let i = 0; i < 20; i++) {
    for (const { counter, histogram } of [worker, alone]) {
      counter.add({ target: `t${i % 3}` }, i);
      histogram.add({ target: `t${i % 2}` }, i % 4);
    }
    if (i % 7 === 0) mergeAll(primary.metrics, JSON.parse(JSON.stringify(drainAll(worker.metrics))));
  }
  mergeAll(primary.metrics, drainAll(worker.metrics));
  expect(drainAll(worker.metrics)).toEqual([]);
  expect(seriesOf(primary.metrics)).toEqual(seriesOf(alone.metrics));
});
