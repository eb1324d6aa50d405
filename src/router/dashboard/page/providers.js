/** Providers, their keys and breakers: how each stands, a switch for each, and an end to rests. */
import { post, useAnswer } from "./api.js";
import { Dot, Failure, html, Pill, Switch, Table, useState } from "./ui.js";
import * as format from "./format.js";

const states = {
  well: ["good", "well"],
  resting: ["bad", "resting"],
  "half-open": ["warn", "trying again"],
  limited: ["warn", "at its limit"],
};

const reasonOf = ({ state, reason, failures }) => {
  if (state === "well" && failures > 0) return `${failures} failed in a row (${reason ?? "unknown"})`;
  return reason ?? "–";
};

const Rows = ({ rows }) =>
  html`<${Table}
    label="Keys and models"
    columns=${[["Key"], ["Model"], ["State"], ["Reason"], ["Until"], ["Now", "number"], ["Req/min", "number"], ["Tok/min", "number"]]}
  >
    ${rows.map((row) => {
      const [tone, word] = states[row.state] ?? ["", row.state];
      return html`<tr>
        <td>${row.key ?? (row.model === null ? "none needed" : "every key")}</td>
        <td class="name">${row.model ?? "every model"}</td>
        <td><${Pill} tone=${tone}>${word}<//></td>
        <td>${reasonOf(row)}</td>
        <td>
          ${row.until ? html`<time datetime=${row.until} title=${format.moment(row.until)}>${format.distance(row.until)}</time>` : "–"}
        </td>
        <td class="number">${row.inFlight || "–"}</td>
        <td class="number">${row.requests || "–"}</td>
        <td class="number">${row.tokens > 0 ? format.tokens(row.tokens) : "–"}</td>
      </tr>`;
    })}
  <//>`;

const standing = (provider, rows) => {
  if (provider.switchedOff !== null) return ["warn", "switched off"];
  if (rows.some(({ state }) => state === "resting")) return ["bad", "rests in part"];
  if (rows.some(({ state }) => state !== "well")) return ["warn", "limited"];
  return ["good", "well"];
};

const Provider = ({ provider, rows, onChanged, onError }) => {
  const [busy, setBusy] = useState(false);
  const act = async (path, body) => {
    setBusy(true);
    try {
      await post(path, body);
      await onChanged();
    } catch (error) {
      onError(error);
    } finally {
      setBusy(false);
    }
  };
  const on = provider.switchedOff === null;
  const [tone, word] = standing(provider, rows);
  const troubled = rows.some(({ state, failures }) => state !== "well" || failures > 0);
  return html`<section class="panel provider" aria-label=${provider.name}>
    <header>
      <div>
        <div class="who">
          <${Dot} tone=${tone} label=${word} />
          <h2>${provider.name}</h2>
          <${Pill}>${provider.dialect}<//>${tone !== "good" && html`<${Pill} tone=${tone}>${word}<//>`}
        </div>
        ${provider.baseUrl !== "" && html`<div class="url">${provider.baseUrl}</div>`}
      </div>
      <div class="side">
        ${troubled && html`<button type="button" disabled=${busy} onClick=${() => act("/api/cooldowns/clear", { provider: provider.name })}>Clear rests</button>`}
        <${Switch}
          on=${on}
          busy=${busy}
          label=${`Use ${provider.name}`}
          onChange=${(enabled) => act(`/api/providers/${encodeURIComponent(provider.name)}`, { enabled })}
        />
      </div>
    </header>
    ${!on && html`<p>Switched off ${format.distance(provider.switchedOff)}: turns go to the next target of their route.</p>`}
    ${rows.length > 0 && html`<${Rows} rows=${rows} />`}
    ${provider.targets.length > 0 && html`<p class="soft">Targets: ${provider.targets.map((target, i) => html`${i > 0 && "  ·  "}<span title=${provider.usedBy[target].join(", ")}>${target}</span>`)}</p>`}
  </section>`;
};

export default function Providers() {
  const providers = useAnswer("/api/providers", 5000);
  const state = useAnswer("/api/state", 3000);
  const [error, setError] = useState(undefined);
  const reload = async () => {
    setError(undefined);
    await Promise.all([providers.reload(), state.reload()]);
  };
  const clear = () => post("/api/cooldowns/clear", {}).then(reload, setError);
  const rows = state.data?.targets ?? [];
  const failure = error ?? providers.error ?? state.error;
  const all = providers.data?.providers ?? [];
  const used = all.filter(({ disabled }) => disabled === null);
  const off = used.filter(({ switchedOff }) => switchedOff !== null).length;
  // Those that routes lead to first.
  const shown = used.toSorted((a, b) => b.targets.length - a.targets.length);
  const unused = all.filter(({ disabled }) => disabled !== null);
  return html`
    <div class="bar-line">
      <span class="grow"
        >${providers.data && `${used.length - off} of ${all.length} providers are in use${off > 0 ? `, ${off} switched off` : ""}.`}</span
      >
      <button type="button" onClick=${clear}>Clear all rests</button>
    </div>
    <${Failure} error=${failure} again=${reload} />
    ${shown.map((provider) => html`<${Provider} key=${provider.name} provider=${provider} rows=${rows.filter((row) => row.provider === provider.name)} onChanged=${reload} onError=${setError} />`)}
    ${
      unused.length > 0 &&
      html`<section class="panel">
        <header><h2>Not used</h2></header>
        <ul class="unused">
          ${unused.map(({ name, dialect, disabled }) => html`<li><strong>${name}</strong><${Pill}>${dialect}<//><span class="soft">${disabled}</span></li>`)}
        </ul>
      </section>`
    }
  `;
}
