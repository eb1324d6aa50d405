/** The configuration's file as text: checked as it is written, looked through before it is saved, taken back to a version before. */
import { call, get, post, useAnswer } from "./api.js";
import { diff } from "./diff.js";
import { ProfileList } from "./profiles.js";
import { Dialog, Empty, Failure, html, Note, Pill, useEffect, useRef, useState } from "./ui.js";

/** From the last key to the check, in milliseconds. */
const checkDelay = 500;

/** `…/switchyard.yaml:12:3 routes.default: …` -> line 12, column 3 of the file that is edited; undefined: it is elsewhere. */
const positionIn = (problem, file) => {
  if (!problem.startsWith(`${file}:`)) return undefined;
  const found = /^(\d+):(\d+)/.exec(problem.slice(file.length + 1));
  return found === null ? undefined : { line: Number(found[1]), column: Number(found[2]) };
};

const Diff = ({ before, after }) =>
  html`<div class="diff" role="region" aria-label="Changes" tabindex="0">
    ${diff(before, after).map(([kind, line]) => {
      if (kind === "…") return html`<div class="gap">… ${line} lines</div>`;
      const name = { "+": "add", "-": "del" }[kind] ?? "";
      return html`<div class=${name}>${kind} ${line}</div>`;
    })}
  </div>`;

const Editor = ({ text, onText, bad, area, onSave }) => {
  const lines = useRef(null);
  const count = text.split("\n").length;
  const follow = () => {
    lines.current.scrollTop = area.current.scrollTop;
  };
  const onKey = (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSave();
  };
  return html`<div class="editor">
    <div class="lines" ref=${lines} aria-hidden="true">
      ${Array.from({ length: count }, (_, i) => html`<div class=${bad.has(i + 1) ? "bad" : ""}>${i + 1}</div>`)}
    </div>
    <textarea
      ref=${area}
      aria-label="Configuration, YAML"
      spellcheck="false"
      autocomplete="off"
      wrap="off"
      value=${text}
      onInput=${(event) => onText(event.target.value)}
      onScroll=${follow}
      onKeyDown=${onKey}
    ></textarea>
  </div>`;
};

/** What the router says of a text, a moment after it was last changed. */
const useCheck = (text, original, from) => {
  const [answer, setAnswer] = useState({ of: undefined });
  useEffect(() => {
    if (text === undefined || (text === original && from === undefined)) {
      setAnswer({ of: text, valid: true, problems: [], notices: [] });
      return undefined;
    }
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        const said = await post("/api/config/check", { text, ...(from !== undefined && { from }) });
        if (!gone) setAnswer({ ...said, of: text });
      } catch (error) {
        if (!gone) setAnswer({ of: text, valid: false, problems: [error.message], notices: [] });
      }
    }, checkDelay);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [text, original, from]);
  return { ...answer, current: answer.of === text };
};

const Verdict = ({ check, changed }) => {
  if (!check.current) return html`<${Pill}>checking …<//>`;
  if (!check.valid)
    return html`<${Pill} tone="bad"
      >${check.problems.length === 1 ? "1 error" : `${check.problems.length} errors`}<//
    >`;
  return changed ? html`<${Pill} tone="good">valid, not saved<//>` : html`<${Pill}>as in the file<//>`;
};

const backupTime = (name) => {
  const found = /(\d{4})-?(\d\d)-?(\d\d)T?(\d\d)[-:]?(\d\d)[-:]?(\d\d)/.exec(name);
  if (found === null) return name;
  const [, year, month, day, hour, minute, second] = found;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`).toLocaleString();
};

export default function Config() {
  const answer = useAnswer("/api/config");
  const file = answer.data;
  const [text, setText] = useState(undefined);
  const [from, setFrom] = useState(undefined);
  const [asking, setAsking] = useState(false);
  const [outcome, setOutcome] = useState(undefined);
  const [error, setError] = useState(undefined);
  const area = useRef(null);
  useEffect(() => {
    if (file !== undefined) setText(file.text);
  }, [file]);
  const check = useCheck(text, file?.text, from);
  const changed = file !== undefined && text !== undefined && text !== file.text;
  useEffect(() => {
    if (!changed) return undefined;
    const stay = (event) => event.preventDefault();
    addEventListener("beforeunload", stay);
    return () => removeEventListener("beforeunload", stay);
  }, [changed]);

  if (answer.error) return html`<${Failure} error=${answer.error} again=${answer.reload} />`;
  if (file === undefined || text === undefined) return null;
  if (!file.writable)
    return html`<${Empty} title="This configuration cannot be changed here"
        >The router was given it by another program (a container of the stack, or a shell). Change the file
        that it is made from.<//
      ><${ProfileList} />`;

  const edit = (next) => {
    setOutcome(undefined);
    setError(undefined);
    setText(next);
  };
  const goTo = (problem) => {
    const at = positionIn(problem, file.file);
    if (at === undefined) return;
    const lines = text.split("\n");
    const start = lines.slice(0, at.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + at.column - 1;
    area.current.focus();
    area.current.setSelectionRange(start, start);
    const height = area.current.scrollHeight / lines.length;
    area.current.scrollTop = Math.max(0, (at.line - 6) * height);
  };
  const ask = () => {
    if (changed && check.current && check.valid) setAsking(true);
  };
  const save = async () => {
    setAsking(false);
    try {
      const said = await call("PUT", "/api/config", {
        text,
        version: file.version,
        ...(from !== undefined && { from }),
      });
      setFrom(undefined);
      setOutcome(said);
      await answer.reload();
    } catch (failure) {
      setError(failure.answer?.valid === false ? new Error(failure.answer.problems.join("\n")) : failure);
    }
  };
  const restore = async (name) => {
    if (name === "") return;
    try {
      edit((await get(`/api/config/backup?name=${encodeURIComponent(name)}`)).text);
      setFrom(name);
    } catch (failure) {
      setError(failure);
    }
  };
  const undo = () => {
    edit(file.text);
    setFrom(undefined);
  };
  const bad = new Set(
    check.valid === false ? check.problems.map((each) => positionIn(each, file.file)?.line) : [],
  );
  return html`
    <div class="bar-line">
      <span class="grow"><code>${file.file}</code></span>
      <${Verdict} check=${check} changed=${changed} />
      ${
        file.backups.length > 0 &&
        html`<select
          aria-label="Take a version before"
          value=""
          onChange=${(event) => restore(event.target.value)}
        >
          <option value="">Versions before …</option>
          ${file.backups.map((name) => html`<option value=${name}>${backupTime(name)}</option>`)}
        </select>`
      }
      <button type="button" disabled=${!changed} onClick=${undo}>Undo all</button>
      <button
        type="button"
        class="main"
        disabled=${!changed || !check.current || !check.valid}
        onClick=${ask}
      >
        Look through and save
      </button>
    </div>
    <${Failure} error=${error} />
    ${
      outcome &&
      html`<${Note} tone="good"
        ><span role="status">Saved, and in force.</span
        >${outcome.needsRestart?.length > 0 && html` From the next start of the router: ${outcome.needsRestart.join(", ")}.`}<//
      >`
    }
    <${Editor} text=${text} onText=${edit} bad=${bad} area=${area} onSave=${ask} />
    ${
      check.current &&
      check.problems.length > 0 &&
      html`<div class="panel" role="status">
        <header><h2>Errors</h2></header>
        <ul class="problems">
          ${check.problems.map((problem) => html`<li><button type="button" class="plain" onClick=${() => goTo(problem)}>${problem.replace(`${file.file}:`, "line ")}</button></li>`)}
        </ul>
      </div>`
    }
    ${
      check.current &&
      check.notices.length > 0 &&
      html`<div class="panel">
        <header><h2>Notices</h2></header>
        <ul>
          ${check.notices.map((notice) => html`<li>${notice}</li>`)}
        </ul>
      </div>`
    }
    <p class="soft">
      Keys that are written out are shown as marks, which stand for them when it is saved. Better:${" "}
      <code>\${NAME}</code>, with the key in <code>switchyard secrets set NAME</code>. The last ten versions
      are kept.
    </p>
    <${ProfileList} />
    ${
      asking &&
      html`<${Dialog} title="Save these changes?" wide onClose=${() => setAsking(false)}>
        <${Diff} before=${file.text} after=${text} />
        <div class="actions">
          <button type="button" onClick=${() => setAsking(false)}>Back</button>
          <button type="button" class="main" onClick=${save}>Save and put in force</button>
        </div>
      <//>`
    }
  `;
}
