/** The routing table in the order in which the rules are asked, and a box to try a request: nobody is called. */
import { call, useAnswer } from "./api.js";
import { Failure, Field, html, Pill, Table, useState } from "./ui.js";
import { ProfileChoice } from "./profiles.js";
import { ruleWords, WhyList } from "./rules.js";
import * as format from "./format.js";

const sample = `{
  "model": "claude-sonnet-4-5",
  "max_tokens": 1024,
  "messages": [
    { "role": "user", "content": "Where does this go?" }
  ]
}`;

const Chain = ({ targets }) =>
  html`<ol class="chain">
    ${targets.map(({ target, unusable }) => html`<li><span class=${unusable === null ? "" : "unusable"} title=${unusable ?? ""}>${target}</span>${unusable !== null && html`<span class="unseen">, not usable: ${unusable}</span>`}</li>`)}
  </ol>`;

const condition = ({ rule, threshold, minEffort, choose }) => {
  const more = [];
  if (threshold !== undefined) more.push(`Above ${format.count(threshold)} tokens.`);
  if (minEffort !== undefined) more.push(`From effort ${minEffort} on.`);
  if (choose !== undefined && choose !== "order") more.push(`The ${choose} first.`);
  return [ruleWords(rule), ...more].join(" ");
};

const Rules = ({ answer }) =>
  html`<${Table} label="Rules in order" columns=${[["#"], ["Rule"], ["Matches when"], ["Targets"]]}>
    ${[
      ...answer.custom.map((each) => ({ ...each, rule: `custom:${each.rule}` })),
      ...(answer.script ? [{ rule: "custom:script", targets: [] }] : []),
      ...answer.rules,
    ].map(
      (row, i) =>
        html`<tr>
          <td>${i + 1}</td>
          <td>
            <${Pill} tone=${row.targets.length > 0 || row.rule === "explicit" ? "accent" : ""}>${row.rule}<//>
          </td>
          <td>${condition(row)}</td>
          <td class="name">
            ${row.targets.length > 0 ? html`<${Chain} targets=${row.targets} />` : html`<span class="soft">${row.rule === "explicit" || row.rule === "custom:script" ? "as it says" : "not set"}</span>`}
          </td>
        </tr>`,
    )}
  <//>`;

/** The client's key under the name that leaves the session of this page alone: as `x-api-key` it would be taken for the administrator's token. */
const keyHeader = "x-switchyard-key";

/** @throws Error naming the line that is no header */
const headersOf = (text) => {
  const headers = {};
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const at = line.indexOf(":");
    let [name, value] = [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    if (name === "x-api-key" || name === "authorization")
      [name, value] = [keyHeader, value.replace(/^Bearer\s+/i, "")];
    try {
      if (at < 1) throw new TypeError("no name");
      new Headers().set(name, value);
    } catch {
      throw new Error(`This is not a header: ${line.slice(0, 80)}. Expected a name, a colon and a value.`);
    }
    // They belong to this page's own request.
    if (!/^(?:content-(?:type|length|encoding)|accept-encoding|cookie|host|x-switchyard-csrf)$/.test(name))
      headers[name] = value;
  }
  return headers;
};

/** What is asked with: a request's body, or a record of a whole request: { headers, body }. */
const requestIn = (body, headers) => {
  let given;
  try {
    given = JSON.parse(body);
    if (given?.messages === undefined && given?.body !== undefined) {
      const recorded = Object.entries(given.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
      const inner = typeof given.body === "string" ? JSON.parse(given.body) : given.body;
      return [inner, { ...headersOf(recorded.join("\n")), ...headersOf(headers) }];
    }
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure;
    throw new Error(`This is not JSON: ${failure.message}`, { cause: failure });
  }
  return [given, headersOf(headers)];
};

/** What was asked before another view was opened. */
let asked = { body: sample, headers: "" };

const Answer = ({ answer }) =>
  html`<div aria-live="polite">
    <p class="bar-line">
      <${Pill} tone="accent">${answer.rule}<//> <span>${format.count(answer.tokens)} tokens</span>
    </p>
    <ol class="chain big">
      ${answer.targets.map((target) => html`<li><strong>${target}</strong></li>`)}
    </ol>
    <h3 class="unseen">What each rule said</h3>
    <${WhyList} why=${answer.why} rule=${answer.rule} />
  </div>`;

/** @param query names the profile that is asked: "?profile=glm", or nothing */
const Try = ({ query }) => {
  const [body, setBody] = useState(asked.body);
  const [headers, setHeaders] = useState(asked.headers);
  asked = { body, headers };
  const [answer, setAnswer] = useState(undefined);
  const [error, setError] = useState(undefined);
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      setAnswer(await call("POST", `/api/route${query}`, ...requestIn(body, headers)));
    } catch (failure) {
      setAnswer(undefined);
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const onKey = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void ask();
  };
  return html`<section class="panel" onKeyDown=${onKey}>
    <header>
      <h2>Try a request</h2>
      <button type="button" class="main" disabled=${busy} onClick=${ask}>Ask the rules</button>
    </header>
    <div class="grid">
      <div>
        <${Field} name="Request (POST /v1/messages)">
          <textarea
            rows="12"
            spellcheck="false"
            value=${body}
            onInput=${(event) => setBody(event.target.value)}
          ></textarea>
        <//>
        <${Field} name="Headers" hint="One a line, as name: value">
          <textarea
            rows="2"
            spellcheck="false"
            placeholder="x-claude-code-agent-id: a1"
            value=${headers}
            onInput=${(event) => setHeaders(event.target.value)}
          ></textarea>
        <//>
      </div>
      <div>
        <${Failure} error=${error} />
        ${answer ? html`<${Answer} answer=${answer} />` : !error && html`<p class="soft">Paste a request: every rule says whether it matches, and why. Nobody is called.</p>`}
      </div>
    </div>
  </section>`;
};

export default function Routes() {
  const [profile, setProfile] = useState("");
  const query = profile === "" ? "" : `?profile=${profile}`;
  const { data, error, reload } = useAnswer(`/api/routes${query}`, 10_000);
  const aliases = Object.entries(data?.aliases ?? {});
  return html`
    <${ProfileChoice} chosen=${profile} onChoose=${setProfile} onDefault=${reload} />
    <${Failure} error=${error} again=${reload} />
    ${
      data &&
      html`<section class="panel">
        <header><h2>Rules, in the order in which they are asked</h2></header>
        <${Rules} answer=${data} />
      </section>`
    }
    <${Try} query=${query} />
    ${
      aliases.length > 0 &&
      html`<section class="panel">
        <header><h2>Aliases</h2></header>
        <${Table} label="Aliases" columns=${[["Name"], ["Target"]]}
          >${aliases.map(
            ([name, target]) =>
              html`<tr>
                <td>${name}</td>
                <td class="name">${target}</td>
              </tr>`,
          )}<//
        >
      </section>`
    }
  `;
}
