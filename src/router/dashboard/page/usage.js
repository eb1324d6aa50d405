/** What was used and what it cost: by day, model and rule. */
import { useAnswer } from "./api.js";
import { Bar, Choice, Empty, Failure, Figure, html, Table, useMemo } from "./ui.js";
import { Chart } from "./charts.js";
import * as format from "./format.js";

const ranges = [
  ["1", "24 hours"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
];
const groupings = [
  ["model", "Model"],
  ["provider", "Provider"],
  ["rule", "Rule"],
  ["session", "Session"],
  ["key", "Client key"],
  ["profile", "Profile"],
];

/** Series in one chart; what is beyond them is added up as one. */
const mostSeries = 6;

/** The beginning of an hour or a day, here. */
const floor = (date, hours) => {
  const at = new Date(date);
  if (hours) at.setMinutes(0, 0, 0);
  else at.setHours(0, 0, 0, 0);
  return at;
};

const beginOf = (days) => {
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

const allTokens = (row) => row.input + row.output + row.cacheRead + row.cacheWrite;
/** Of what was sent to providers, how much came out of a prompt cache. */
const cacheShare = (row) => {
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

const Charts = ({ all, byModel, byRule, days, begin }) => {
  const charts = useMemo(() => chartsOf(all, byModel, byRule, begin, days === 1), [all, byModel, byRule]);
  return html`<div class="grid">
    ${charts.map((chart) => html`<${Chart} key=${chart.title} ...${chart} />`)}
  </div>`;
};

const costOf = ({ cost, unpriced, turns }) => {
  if (turns === 0) return "$0";
  if (cost === null) return unpriced > 0 ? "unknown" : "–";
  return unpriced > 0 ? `${format.dollars(cost)} + unknown` : format.dollars(cost);
};

/** Leads to the turns of a row. */
const TurnsOf = ({ by, name }) =>
  name === null
    ? "none"
    : html`<a class="quiet" href=${`#/live/${by}/${encodeURIComponent(name)}`}>${name}</a>`;

const Rows = ({ answer, title, by }) => {
  const most = Math.max(1, ...answer.rows.map(allTokens));
  return html`<${Table}
    label=${`Usage by ${title}`}
    columns=${[[title], ["Turns", "number"], ["Failed", "number"], ["Read", "number"], ["Cached", "number"], ["Written", "number"], ["First", "number"], ["Cost", "number"], [""]]}
  >
    ${answer.rows.map(
      (row) =>
        html`<tr>
          <td class="name"><${TurnsOf} by=${by} name=${row.name} /></td>
          <td class="number">${format.count(row.turns)}</td>
          <td class="number">${row.failed + row.cut === 0 ? "–" : format.count(row.failed + row.cut)}</td>
          <td class="number">${format.tokens(row.input + row.cacheRead + row.cacheWrite)}</td>
          <td class="number">${format.percent(cacheShare(row))}</td>
          <td class="number">${format.tokens(row.output)}</td>
          <td class="number">${format.duration(row.firstToken)}</td>
          <td class="number">${costOf(row)}</td>
          <td class="time-bar">
            <${Bar}
              value=${allTokens(row) / most}
              label=${`${format.percent(allTokens(row) / most)} of the largest`}
            />
          </td>
        </tr>`,
    )}
    ${
      answer.more > 0 &&
      html`<tr>
        <td colspan="9">and ${format.count(answer.more)} more</td>
      </tr>`
    }
  <//>`;
};

/** `30/session` -> ["30", "session"] */
const chosenIn = (rest) => {
  const [range, by] = rest.split("/");
  return [
    ranges.some(([each]) => each === range) ? range : "7",
    groupings.some(([each]) => each === by) ? by : "model",
  ];
};

/** In the address: so that a reload, a bookmark and the way back show the same. */
const choose = (range, by) => (location.hash = `#/usage/${range}/${by}`);

export default function Usage({ rest }) {
  const [range, by] = chosenIn(rest);
  const days = Number(range);
  const begin = useMemo(() => beginOf(days), [days]);
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const query = `since=${encodeURIComponent(begin.toISOString())}&timezone=${encodeURIComponent(timezone)}`;
  const step = days === 1 ? "hour" : "day";
  const grouped = useAnswer(`/api/usage?by=${by}&limit=50&${query}`, 30_000);
  const all = useAnswer(`/api/usage/series?step=${step}&percentiles=true&${query}`, 60_000);
  const byModel = useAnswer(`/api/usage/series?step=${step}&by=model&${query}`, 60_000);
  const byRule = useAnswer(`/api/usage/series?step=${step}&by=rule&${query}`, 60_000);
  const total = grouped.data?.total;
  const error = grouped.error ?? all.error ?? byModel.error ?? byRule.error;
  const again = () => void Promise.all([grouped, all, byModel, byRule].map(({ reload }) => reload()));
  const title = groupings.find(([name]) => name === by)[1];
  if (error?.status === 404)
    return html`<${Empty} title="The ledger is switched off"
      >Nothing is added up. Set <code>ledger.enabled</code> to true in the configuration, and start the router
      anew.<//
    >`;
  return html`
    <div class="bar-line">
      <${Choice} label="Range" value=${range} options=${ranges} onChange=${(each) => choose(each, by)} />
      <span class="grow"></span>
      <a
        class="button"
        href=${`/api/usage/export?format=csv&since=${encodeURIComponent(begin.toISOString())}`}
        download
        >CSV</a
      >
      <a
        class="button"
        href=${`/api/usage/export?format=json&since=${encodeURIComponent(begin.toISOString())}`}
        download
        >JSON</a
      >
    </div>
    <${Failure} error=${error} again=${again} />
    ${
      total &&
      html`<dl class="figures">
        <${Figure}
          name="Turns"
          value=${format.count(total.turns)}
          more=${total.turns === 0 ? "" : `${format.percent((total.failed + total.cut) / total.turns)} failed or cut off`}
        />
        <${Figure}
          name="Tokens"
          value=${format.tokens(allTokens(total))}
          more=${`${format.tokens(total.output)} written`}
        />
        <${Figure}
          name="Cost"
          value=${total.cost === null ? costOf(total) : format.dollars(total.cost)}
          more=${total.unpriced > 0 ? `${format.count(total.unpriced)} turns of unknown price are not in it` : ""}
          tone=${total.unpriced > 0 ? "warn" : ""}
        />
        <${Figure} name="From the cache" value=${format.percent(cacheShare(total))} more="of what was read" />
        <${Figure} name="First content" value=${format.duration(total.firstToken)} more="mean" />
      </dl>`
    }
    ${
      total?.turns === 0
        ? html`<${Empty} title="Nothing was used in this time">Take a longer range, or ask something.<//>`
        : all.data && byModel.data && byRule.data && !all.stale && !byModel.stale && !byRule.stale
          ? html`<${Charts}
              all=${all.data}
              byModel=${byModel.data}
              byRule=${byRule.data}
              days=${days}
              begin=${begin}
            />`
          : null
    }
    ${
      grouped.data &&
      total.turns > 0 &&
      html`<section class="panel">
        <header>
          <h2>By ${title.toLowerCase()}</h2>
          <label class="inline"
            >Added up by
            <select value=${by} onChange=${(event) => choose(range, event.target.value)}>
              ${groupings.map(([name, word]) => html`<option value=${name}>${word}</option>`)}
            </select></label
          >
        </header>
        <${Rows} answer=${grouped.data} title=${title} by=${by} />
      </section>`
    }
  `;
}
