/** One turn: where it went, why, and what it took. */
import { useAnswer } from "./api.js";
import { Failure, Figure, html, Pill, Table } from "./ui.js";
import { speedOf, toneOf, wordOf } from "./turns.js";
import { ruleWords, WhyList } from "./rules.js";
import * as format from "./format.js";

const costText = (cost) => (cost === null || cost === undefined ? "unknown" : format.dollars(cost));

const Skipped = ({ skipped }) =>
  html`<h3>Not asked</h3>
    <dl class="facts">
      ${skipped.map(
        ({ target, reason }) =>
          html`<div>
            <dt class="name">${target}</dt>
            <dd>${reason}</dd>
          </div>`,
      )}
    </dl>`;

/** The least, where something of it is not known. */
const costOf = ({ outcome, tokens, cost, partial }) => {
  if (tokens === null && outcome === "failed") return "–";
  return partial && cost !== null ? `≥ ${format.dollars(cost)}` : costText(cost);
};

const costMore = ({ tokens, cost, partial, attempts }) => {
  if (tokens === null) return "no provider reported what was used";
  if (cost === null) return "the price of this model is not known";
  if (attempts.some((each) => each.tokens && each.cost === null))
    return "the price of one of the models is not known";
  return partial ? "a call broke off before its provider had told all" : "";
};

const Attempts = ({ turn }) => {
  const whole = Math.max(1, ...turn.attempts.map(({ duration }) => duration));
  return html`<${Table}
    label="Calls of providers"
    columns=${[["#"], ["Target"], ["Key"], ["Result"], ["Status"], ["Read", "number"], ["Written", "number"], ["Cost", "number"], ["Time", "number"], [""]]}
  >
    ${turn.attempts.map(
      ({ target, key, result, status, duration, reason, tokens, cost }, i) =>
        html`<tr>
          <td>${i + 1}</td>
          <td class="name">${target}${reason && html`<span class="call-reason soft">${reason}</span>`}</td>
          <td>${key ?? "–"}</td>
          <td>
            <${Pill} tone=${result === "served" ? "good" : result === "aborted" ? "warn" : "bad"}
              >${result}<//
            >
          </td>
          <td>${status ?? "–"}</td>
          <td class="number">
            ${tokens ? format.tokens(tokens.input + tokens.cacheRead + tokens.cacheWrite) : "–"}
          </td>
          <td class="number">${tokens ? format.tokens(tokens.output) : "–"}</td>
          <td class="number">${tokens ? costText(cost) : "–"}</td>
          <td class="number">${format.duration(duration)}</td>
          <td class="time-bar">
            <span
              class=${`bar ${result === "served" ? "" : "bad"}`}
              style=${{ "--share": `${(duration / whole) * 100}%` }}
              aria-hidden="true"
            ></span>
          </td>
        </tr>`,
    )}
  <//>`;
};

const parts = [
  ["input", "read", "var(--c1)"],
  ["cacheRead", "read from the cache", "var(--c3)"],
  ["cacheWrite", "written to the cache", "var(--c2)"],
  ["output", "written", "var(--c4)"],
];

const Tokens = ({ tokens }) => {
  const sum = parts.reduce((all, [name]) => all + tokens[name], 0) || 1;
  return html`<div class="split" aria-hidden="true">
      ${parts.map(([name, , colour]) => tokens[name] > 0 && html`<span style=${{ flexGrow: tokens[name] / sum, background: colour }}></span>`)}
    </div>
    <dl class="legend">
      ${parts.map(
        ([name, word, colour]) =>
          html`<div>
            <dt><i style=${{ background: colour }}></i>${word}</dt>
            <dd>${format.count(tokens[name])}</dd>
          </div>`,
      )}
      ${
        tokens.reasoning > 0 &&
        html`<div>
          <dt><i class="none"></i>of that, reasoning</dt>
          <dd>${format.count(tokens.reasoning)}</dd>
        </div>`
      }
    </dl>`;
};

const facts = (turn) =>
  [
    ["Id", turn.id],
    ["Asked for", turn.asked],
    ["Client", `${turn.client}${turn.stream ? ", streamed" : ", in one piece"}`],
    ["Session", turn.session],
    ["Agent", turn.agent],
    ["Profile", turn.profile],
    ["Client key", turn.clientKey],
    ["Status", String(turn.status)],
    ["Error", turn.error],
  ].filter(([, value]) => value !== null && value !== undefined);

const kept = { request: "What the client sent", answer: "What it was answered" };

/** What was said in the turn, where the configuration has it kept. */
const Captured = ({ id }) => {
  const { data: answer, error } = useAnswer(`/api/captures?id=${encodeURIComponent(id)}`);
  if (answer === undefined) return html`<${Failure} error=${error} />`;
  const [data] = answer.captures;
  if (data === undefined) return html`<p class="soft">Prompt and answer are not kept.</p>`;
  const path = `/api/captures/${encodeURIComponent(id)}`;
  return html`<div class="kept">
    <p><${Pill} tone="warn">kept in plain text<//> The words of this turn lie on the router's disk:</p>
    <ul>
      ${Object.entries(kept).map(
        ([kind, name]) =>
          data[kind] !== null &&
          html`<li>
            <a href=${`${path}/${kind}`} target="_blank" rel="noreferrer">${name}</a>${" "}
            <span class="soft">${format.count(data[kind])} bytes</span>
          </li>`,
      )}
    </ul>
  </div>`;
};

export default function TurnView({ rest }) {
  const { data: turn, error, reload } = useAnswer(`/api/turns/${encodeURIComponent(rest)}`);
  if (error?.status === 404)
    return html`<${Failure}
      error=${{ message: "This turn is not in the ledger: it still runs, or it is older than what is kept." }}
      again=${reload}
    />`;
  if (error) return html`<${Failure} error=${error} again=${reload} />`;
  if (turn === undefined) return null;
  const speed = speedOf(turn);
  return html`
    <p class="back">
      <a href="#/live">← Live</a> <span>${format.moment(turn.at)}</span>
      <${Pill} tone=${toneOf(turn)}>${wordOf(turn)}<//>
    </p>
    <dl class="figures">
      <${Figure}
        name="Time"
        value=${format.duration(turn.duration)}
        more=${turn.firstToken === null ? "" : `first content after ${format.duration(turn.firstToken)}`}
      />
      <${Figure}
        name="Speed"
        value=${speed === null ? "–" : `${Math.round(speed)} tok/s`}
        more="from the first content on"
      />
      <${Figure} name="Cost" value=${costOf(turn)} more=${costMore(turn)} />
      <${Figure}
        name="Calls"
        value=${turn.attempts.length}
        more=${turn.attempts.length > 1 ? "the first did not serve" : ""}
        tone=${turn.attempts.length > 1 ? "warn" : ""}
      />
    </dl>
    <section class="panel">
      <header>
        <h2>Why it was routed so</h2>
        <${Pill} tone="accent">${turn.rule}<//>
      </header>
      <p>${ruleWords(turn.rule)}</p>
      <p class="route-line"><span>${turn.asked}</span> → <strong>${turn.target}</strong></p>
      ${turn.why && html`<${WhyList} why=${turn.why} rule=${turn.rule} />`}
      ${turn.skipped && html`<${Skipped} skipped=${turn.skipped} />`}
    </section>
    <section class="panel">
      <header><h2>Calls of providers</h2></header>
      ${turn.attempts.length === 0 ? html`<p>Nobody was called: no target of the route could be tried.</p>` : html`<${Attempts} turn=${turn} />`}
    </section>
    <div class="grid">
      <section class="panel">
        <header><h2>Tokens</h2></header>
        ${turn.tokens === null ? html`<p>The provider reported none.</p>` : html`<${Tokens} tokens=${turn.tokens} />`}
        ${turn.tokens && turn.partial && html`<p class="soft">As far as it was told: more may have been used.</p>`}
      </section>
      <section class="panel">
        <header><h2>Request</h2></header>
        <dl class="facts">
          ${facts(turn).map(
            ([name, value]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
        </dl>
        <${Captured} id=${turn.id} />
      </section>
    </div>
  `;
}
