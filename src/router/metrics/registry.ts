/** Counters and histograms in memory. Counting is a map's look-up and an addition; how it is shown or sent is elsewhere, and imported when it is asked for. */

export type Labels = Readonly<Record<string, string>>;

export interface CounterSeries {
  readonly labels: Labels;
  value: number;
}

export interface HistogramSeries {
  readonly labels: Labels;
  /** Of each bucket by itself, and of what is above the last bound. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/** What belongs to a metric, whatever its kind. */
export interface MetricTerms {
  readonly name: string;
  readonly help: string;
  /** As UCUM writes it; empty: it has none. */
  readonly unit: string;
}

/** Series by the values of their labels, in the order in which they came. */
class Series<Of extends { readonly labels: Labels }> {
  readonly #byValues = new Map<string, Of>();
  readonly #begin: (labels: Labels) => Of;

  constructor(begin: (labels: Labels) => Of) {
    this.#begin = begin;
  }

  /** The caller names the labels of a metric always in the same order. */
  at(labels: Labels): Of {
    const key = Object.values(labels).join("\n");
    let series = this.#byValues.get(key);
    if (series === undefined) this.#byValues.set(key, (series = this.#begin(labels)));
    return series;
  }

  all(): Iterable<Of> {
    return this.#byValues.values();
  }
}

export class Counter {
  readonly kind = "counter";
  readonly terms: MetricTerms;
  readonly #series = new Series<CounterSeries>((labels) => ({ labels, value: 0 }));

  constructor(terms: MetricTerms) {
    this.terms = terms;
  }

  add(labels: Labels, amount = 1): void {
    this.#series.at(labels).value += amount;
  }

  series(): Iterable<CounterSeries> {
    return this.#series.all();
  }

  /** What was counted since the last time; it begins anew. */
  drain(): CounterSeries[] {
    const counted: CounterSeries[] = [];
    for (const series of this.#series.all()) {
      if (series.value === 0) continue;
      counted.push({ ...series });
      series.value = 0;
    }
    return counted;
  }

  /** Adds what another process has drained. */
  merge(counted: readonly CounterSeries[]): void {
    for (const { labels, value } of counted) this.add(labels, value);
  }
}

export class Histogram {
  readonly kind = "histogram";
  readonly terms: MetricTerms;
  /** Upper bounds, each part of its bucket, in ascending order. */
  readonly bounds: readonly number[];
  readonly #series: Series<HistogramSeries>;

  constructor(terms: MetricTerms, bounds: readonly number[]) {
    this.terms = terms;
    this.bounds = bounds;
    this.#series = new Series((labels) => ({
      labels,
      counts: Array.from({ length: bounds.length + 1 }, () => 0),
      sum: 0,
      count: 0,
    }));
  }

  add(labels: Labels, value: number): void {
    const series = this.#series.at(labels);
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    series.counts[bucket]!++;
    series.sum += value;
    series.count++;
  }

  series(): Iterable<HistogramSeries> {
    return this.#series.all();
  }

  /** What was counted since the last time; it begins anew. */
  drain(): HistogramSeries[] {
    const counted: HistogramSeries[] = [];
    for (const series of this.#series.all()) {
      if (series.count === 0) continue;
      counted.push({ ...series, counts: [...series.counts] });
      series.counts.fill(0);
      series.sum = 0;
      series.count = 0;
    }
    return counted;
  }

  /** Adds what another process has drained, of the same bounds. */
  merge(counted: readonly HistogramSeries[]): void {
    for (const { labels, counts, sum, count } of counted) {
      const series = this.#series.at(labels);
      for (const [i, each] of counts.entries()) series.counts[i]! += each;
      series.sum += sum;
      series.count += count;
    }
  }
}

export type Metric = Counter | Histogram;

/** What a metric has counted, by the metric's name. */
export type Drained = readonly (readonly [name: string, CounterSeries[] | HistogramSeries[]])[];

/** @returns what they have counted since the last time */
export const drainAll = (metrics: readonly Metric[]): Drained =>
  metrics.flatMap((metric): Drained => {
    const counted = metric.drain();
    return counted.length === 0 ? [] : [[metric.terms.name, counted]];
  });

/** @param drained of the same metrics in another process */
export const mergeAll = (metrics: readonly Metric[], drained: Drained): void => {
  for (const [name, counted] of drained) {
    const metric = metrics.find(({ terms }) => terms.name === name);
    if (metric?.kind === "counter") metric.merge(counted as CounterSeries[]);
    else metric?.merge(counted as HistogramSeries[]);
  }
};
