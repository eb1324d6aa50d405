/** What was used and what it cost: by day, model and rule. */
import { useAnswer } from "./api.js";
import { Bar, Choice, Empty, Failure, Figure, html, Table, useMemo } from "./ui.js";
import { allTokens, beginOf, cacheShare, Charts } from "./usage-charts.js";
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
