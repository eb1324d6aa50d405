/** Client keys, and how much of each budget is spent. A key is shown once, when it is made. */
import { post, useAnswer } from "./api.js";
import { Bar, Copy, Dialog, Empty, Failure, Field, html, Pill, Table, useState } from "./ui.js";
import * as format from "./format.js";

const tones = { valid: "good", expired: "warn", revoked: "" };

const shareOf = ({ spent, held, limit }) => (limit > 0 ? (spent + held) / limit : 1);
const toneOf = (share) => (share >= 1 ? "bad" : share >= 0.8 ? "warn" : "");

const scopeOf = ({ of }) => of ?? "everybody";

const Budgets = ({ rows }) =>
  html`<${Table}
    label="Budgets"
    columns=${[["Budget"], ["Of"], ["Per"], ["Spent", "number"], ["Limit", "number"], [""], ["Begins anew"]]}
  >
    ${rows.map((row) => {
      const share = shareOf(row);
      return html`<tr>
        <td class="name">${row.budget.replace(/^\/key /, "key ")}</td>
        <td>${scopeOf(row)}</td>
        <td>${row.per}</td>
        <td class="number">
          ${format.dollars(row.spent)}${row.held > 0 && html`<br /><small>${format.dollars(row.held)} under way</small>`}${row.unpriced > 0 && html`<br /><small>and ${format.count(row.unpriced)} turns of unknown price</small>`}
        </td>
        <td class="number">${format.dollars(row.limit)}</td>
        <td class="time-bar">
          <${Bar}
            value=${share}
            tone=${toneOf(share)}
            label=${`${format.percent(share)} of the limit`}
          />${share >= 1 && html`<${Pill} tone="bad">reached<//>`}
        </td>
        <td>
          <time datetime=${row.until} title=${format.moment(row.until)}>${format.distance(row.until)}</time>
        </td>
      </tr>`;
    })}
  <//>`;

const limitsOf = (key) =>
  [
    key.models.length > 0 && `models: ${key.models.join(", ")}`,
    key.profiles.length > 0 && `profiles: ${key.profiles.join(", ")}`,
    key.budget && `${format.dollars(key.budget.limit)} a ${key.budget.per}`,
    key.requestsPerMinute && `${format.count(key.requestsPerMinute)} requests/min`,
    key.tokensPerMinute && `${format.tokens(key.tokensPerMinute)} tokens/min`,
    key.metrics && "reads /metrics",
  ].filter(Boolean);

const Keys = ({ keys, onAct }) =>
  html`<${Table}
    label="Client keys"
    columns=${[["Name"], ["Key"], ["State"], ["May"], ["Last minute", "number"], ["Spent", "number"], ["Ends"], ["", "number"]]}
  >
    ${keys.map((key) => {
      const limits = limitsOf(key);
      return html`<tr>
        <td class="name">${key.name}</td>
        <td><code>…${key.ending}</code></td>
        <td><${Pill} tone=${tones[key.state]}>${key.state}<//></td>
        <td class="name">
          ${limits.length === 0 ? "everything" : html`<div>${limits.map((limit) => html`<div>${limit}</div>`)}</div>`}
        </td>
        <td class="number">
          ${key.lastMinute?.requests > 0 ? `${format.count(key.lastMinute.requests)} req, ${format.tokens(key.lastMinute.tokens)} tok` : "–"}
        </td>
        <td class="number">
          ${key.spent === null || key.spent === undefined ? "–" : format.dollars(key.spent)}
        </td>
        <td>
          ${key.expiresAt ? format.day(key.expiresAt) : "never"}${key.formerUntil && html`<br /><small>the one before: ${format.distance(key.formerUntil)}</small>`}
        </td>
        <td>
          ${
            key.state !== "revoked" &&
            html`<div class="row-actions">
              <button
                type="button"
                aria-label=${`Replace the key ${key.name}`}
                onClick=${() => onAct({ kind: "rotate", name: key.name })}
              >
                Replace
              </button>
              <button
                type="button"
                class="danger"
                aria-label=${`Revoke the key ${key.name}`}
                onClick=${() => onAct({ kind: "revoke", name: key.name })}
              >
                Revoke
              </button>
            </div>`
          }
        </td>
      </tr>`;
    })}
  <//>`;

const listOf = (text) =>
  text
    .split(/[\n;]+|,\s+/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
const numberOf = (text) => (text.trim() === "" ? null : Number(text));

const termsOf = (form) => {
  const of = (name) => String(form.get(name) ?? "");
  const limit = numberOf(of("limit"));
  return {
    name: of("name").trim(),
    models: listOf(of("models")),
    profiles: listOf(of("profiles")),
    budget: limit === null ? null : { limit, per: of("per") },
    requestsPerMinute: numberOf(of("requests")),
    tokensPerMinute: numberOf(of("tokens")),
    expiresAt: of("expires") === "" ? null : new Date(`${of("expires")}T00:00`).toISOString(),
  };
};

const Create = ({ onMade, onClose }) => {
  const [error, setError] = useState(undefined);
  const submit = async (event) => {
    event.preventDefault();
    try {
      onMade(await post("/api/keys", termsOf(new FormData(event.target))));
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<${Dialog} title="A new client key" onClose=${onClose}>
    <form onSubmit=${submit}>
      <div class="fields">
        <${Field} name="Name"><input name="name" required autofocus maxlength="64" placeholder="laptop" /><//>
        <${Field} name="Ends on"><input name="expires" type="date" /><//>
        <${Field} name="Models" hint="One a line; * stands for anything. Empty: all.">
          <textarea name="models" rows="2" placeholder="openrouter,*"></textarea>
        <//>
        <${Field} name="Profiles" hint="One a line. Empty: all.">
          <textarea name="profiles" rows="2"></textarea>
        <//>
        <${Field} name="Budget, US dollars"><input name="limit" type="number" min="0" step="any" /><//>
        <${Field} name="per"
          ><select name="per">
            <option>day</option>
            <option>week</option>
            <option selected>month</option>
          </select><//
        >
        <${Field} name="Requests per minute"><input name="requests" type="number" min="1" step="1" /><//>
        <${Field} name="Tokens per minute"><input name="tokens" type="number" min="1" step="1" /><//>
      </div>
      <${Failure} error=${error} />
      <div class="actions">
        <button type="button" onClick=${onClose}>Back</button>
        <button class="main">Make the key</button>
      </div>
    </form>
  <//>`;
};

const Made = ({ made, onClose }) =>
  html`<${Dialog} title=${`The key ${made.record.name}`} onClose=${onClose}>
    <p>It is shown this once: the router keeps its hash alone.</p>
    <p class="secret"><code data-secret>${made.key}</code> <${Copy} text=${made.key} /></p>
    <div class="actions"><button type="button" class="main" onClick=${onClose}>Done</button></div>
  <//>`;

const questions = {
  revoke: (name) => [
    `Revoke the key ${name}?`,
    "Whoever uses it is refused from now on. This cannot be undone.",
    "Revoke",
  ],
  rotate: (name) => [
    `Replace the key ${name}?`,
    "There will be a new key with the same limits. The one before is taken for one more hour.",
    "Replace",
  ],
};

const hour = 3_600_000;

const Confirm = ({ act, onDone, onClose }) => {
  const [error, setError] = useState(undefined);
  const [title, words, word] = questions[act.kind](act.name);
  const go = () =>
    post(`/api/keys/${act.kind}`, { name: act.name, ...(act.kind === "rotate" && { grace: hour }) }).then(
      onDone,
      setError,
    );
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${words}</p>
    <${Failure} error=${error} />
    <div class="actions">
      <button type="button" onClick=${onClose}>Back</button>
      <button type="button" class=${act.kind === "revoke" ? "danger" : "main"} onClick=${go}>${word}</button>
    </div>
  <//>`;
};

export default function KeysView() {
  const keys = useAnswer("/api/keys", 5000);
  const budgets = useAnswer("/api/budgets", 5000);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState(undefined);
  const [act, setAct] = useState(undefined);
  const reload = () => void Promise.all([keys.reload(), budgets.reload()]);
  const onMade = (answer) => {
    setCreating(false);
    setAct(undefined);
    if (answer.key !== undefined) setMade(answer);
    reload();
  };
  const rows = budgets.data?.budgets ?? [];
  const list = keys.data?.keys ?? [];
  return html`
    <${Failure} error=${keys.error ?? budgets.error} again=${reload} />
    <section class="panel">
      <header>
        <h2>Client keys</h2>
        <button type="button" class="main" onClick=${() => setCreating(true)}>New key</button>
      </header>
      ${keys.data && list.length === 0 && html`<${Empty} title="No key was made here">A key tells clients apart, and says what each may use and spend. ${keys.data.configured > 0 ? `The configuration has ${keys.data.configured}.` : "As long as there is none, programs of this machine alone are served."}<//>`}
      ${list.length > 0 && html`<${Keys} keys=${list} onAct=${setAct} />`}
      ${list.length > 0 && keys.data.configured > 0 && html`<p class="soft">Beside these, the configuration has ${keys.data.configured}.</p>`}
    </section>
    <section class="panel">
      <header><h2>Budgets</h2></header>
      ${budgets.data && rows.length === 0 && html`<${Empty} title="No budget">Set <code>budgets</code> in the configuration, or give a key one of its own.<//>`}
      ${rows.length > 0 && html`<${Budgets} rows=${rows} />`}
    </section>
    ${creating && html`<${Create} onMade=${onMade} onClose=${() => setCreating(false)} />`}
    ${made && html`<${Made} made=${made} onClose=${() => setMade(undefined)} />`}
    ${act && html`<${Confirm} act=${act} onDone=${onMade} onClose=${() => setAct(undefined)} />`}
  `;
}
