/** The charts of the usage: what the points of the ledger become in each. */
import { Chart } from "./charts.js";
import * as format from "./format.js";
import { html, useMemo } from "./ui.js";

/** Series in one chart; what is beyond them is added up as one. */
const mostSeries = 6;

/** The beginning of an hour or a day, here. */
const floor = (date, hours) => {
  const at = new Date(date);
  if (hours) at.setMinutes(0, 0, 0);
  else at.setHours(0, 0, 0, 0);
  return at;
};

/** Where a range of so many days begins, here: one of a day goes by hours. */
export const beginOf = (days) => {
  const hours = days === 1;
  const begin = floor(new Date(), hours);
  if (hours) begin.setHours(begin.getHours() - 23);
  else begin.setDate(begin.getDate() - (days - 1));
  return begin;
};

/** Every hour or day from a time to now, in seconds since the epoch. A day has 23 or 25 hours where the clock changes. */
const timesFrom = (begin, hours) => {
  const times = [];
  for (const at = new Date(begin); at <= new Date();) {
    times.push(at.getTime() / 1000);
    if (hours) at.setHours(at.getHours() + 1);
    else at.setDate(at.getDate() + 1);
  }
  return times;
};

const sum = (values) => values.reduce((all, value) => all + (value ?? 0), 0);
const mean = (values) => {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : sum(known) / known.length;
};

/** Of a row or a point. */
export const allTokens = (row) => row.input + row.output + row.cacheRead + row.cacheWrite;
/** Of what was sent to providers, how much came out of a prompt cache. */
export const cacheShare = (row) => {
  const sent = row.input + row.cacheRead + row.cacheWrite;
  return sent === 0 ? null : row.cacheRead / sent;
};

/** Points at the times of the axis: time -> point. */
const byTime = (points, hours) =>
  new Map(points.map((point) => [floor(point.at, hours).getTime() / 1000, point]));

/** One series for each name, the largest first, and the rest as one. @param valueOf what counts of a point */
const seriesBy = (points, times, hours, valueOf) => {
  const named = Map.groupBy(points, ({ name }) => name ?? "none");
  const all = [...named]
    .map(([name, of]) => {
      const at = byTime(of, hours);
      return { name, values: times.map((time) => (at.has(time) ? (valueOf(at.get(time)) ?? 0) : 0)) };
    })
    .filter(({ values }) => sum(values) > 0)
    .sort((a, b) => sum(b.values) - sum(a.values));
  // One alone needs no other name than its own.
  const most = all.length === mostSeries + 1 ? mostSeries + 1 : mostSeries;
  const rest = all.slice(most);
  const shown = all.slice(0, most);
  if (rest.length > 0)
    shown.push({
      name: `${rest.length} more`,
      values: times.map((_, i) => sum(rest.map(({ values }) => values[i]))),
    });
  return shown;
};

const tokenParts = [
  ["read from the cache", "cacheRead"],
  ["read", "input"],
  ["written to the cache", "cacheWrite"],
  ["written", "output"],
];

const outcomes = [
  ["done", "done", "--c1"],
  ["left by the client", "aborted", "--c8"],
  ["cut off", "cut", "--c2"],
  ["failed", "failed", "--c6"],
];
const doneOf = ({ turns, failed, cut, aborted }) => turns - failed - cut - aborted;

const percentiles = [
  ["half within", "p50"],
  ["95 % within", "p95"],
  ["99 % within", "p99"],
];
/** Percentiles of different times have no sum: without a pointer the newest are shown. */
const newest = (values) => values.findLast((value) => value !== null && value !== undefined) ?? null;

const latency = (title, of, line) => ({
  title,
  series: percentiles.map(([name, field]) => ({
    name,
    values: line((point) => point.latency?.[of]?.[field] ?? null),
  })),
  format: format.duration,
  total: newest,
});

/** @returns what each chart is given */
const chartsOf = (all, byModel, byRule, begin, hours) => {
  const times = timesFrom(begin, hours);
  const at = byTime(all.points, hours);
  const line = (valueOf) => times.map((time) => (at.has(time) ? valueOf(at.get(time)) : null));
  const parts = (of, valueOf) =>
    of.map(([name, field, colour]) => ({
      name,
      colour,
      values: line((point) => valueOf(point, field)).map((value) => value ?? 0),
    }));
  const per = hours ? "an hour" : "a day";
  const bars = { bars: true, total: sum };
  const cost = seriesBy(byModel.points, times, hours, ({ cost }) => cost);
  const charts = [
    {
      title: `Tokens ${per}`,
      series: parts(tokenParts, (point, field) => point[field]),
      format: format.tokens,
      ...bars,
    },
    { title: `Cost ${per}, by model`, series: cost, format: format.dollars, ...bars },
    {
      title: `Tokens ${per}, by rule`,
      series: seriesBy(byRule.points, times, hours, allTokens),
      format: format.tokens,
      ...bars,
    },
    {
      title: "Share of the prompt cache",
      series: [{ name: "from the cache", values: line(cacheShare) }],
      format: format.percent,
      total: mean,
      top: 1,
    },
    {
      title: `Turns ${per}`,
      series: parts(outcomes, (point, field) => (field === "done" ? doneOf(point) : point[field])),
      format: format.count,
      ...bars,
    },
    latency("Time to the first content", "firstToken", line),
    latency("Time of a whole turn", "duration", line),
  ];
  return charts.filter(({ series }) => series.length > 0).map((chart) => ({ ...chart, times, hours }));
};

/** @param all series of all turns; @param byModel and @param byRule those of each; @param begin as `beginOf` */
export const Charts = ({ all, byModel, byRule, days, begin }) => {
  const charts = useMemo(() => chartsOf(all, byModel, byRule, begin, days === 1), [all, byModel, byRule]);
  return html`<div class="grid">
    ${charts.map((chart) => html`<${Chart} key=${chart.title} ...${chart} />`)}
  </div>`;
};
