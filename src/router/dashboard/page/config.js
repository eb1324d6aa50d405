/** The configuration's file as text: checked as it is written, looked through before it is saved, taken back to a version before. */
import { call, get, post, useAnswer } from "./api.js";
import { diff } from "./diff.js";
import * as format from "./format.js";
import { ProfileList } from "./profiles.js";
import { Dialog, Empty, Failure, html, Note, Pill, useEffect, useRef, useState } from "./ui.js";

/** From the last key to the check, in milliseconds. */
const checkDelay = 500;
/** Between two looks whether somebody else has changed the file, in milliseconds. */
const lookEvery = 10_000;

/**
 * What is written and not saved, while another view is open or somebody has to sign in again: { text, base, from }. `base` is the file { text, version } that it
 * was made of.
 */
let draft;
addEventListener("beforeunload", (event) => {
  if (draft !== undefined) event.preventDefault();
});

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

/** What the router says of a text, a moment after it was last changed. What is in the file may be wrong as well. */
const useCheck = (text, original, from) => {
  const [answer, setAnswer] = useState({ of: undefined });
  useEffect(() => {
    if (text === undefined) return undefined;
    let gone = false;
    const timer = setTimeout(
      async () => {
        try {
          const said = await post("/api/config/check", { text, ...(from !== undefined && { from }) });
          if (!gone) setAnswer({ ...said, of: text });
        } catch (error) {
          if (!gone) setAnswer({ of: text, valid: false, problems: [error.message], notices: [] });
        }
      },
      text === original ? 0 : checkDelay,
    );
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
  return format.moment(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
};

export default function Config() {
  const answer = useAnswer("/api/config", lookEvery);
  const file = answer.data;
  const [text, setText] = useState(draft?.text);
  const [base, setBase] = useState(draft?.base);
  const [from, setFrom] = useState(draft?.from);
  const [asking, setAsking] = useState(false);
  const [outcome, setOutcome] = useState(undefined);
  const [error, setError] = useState(undefined);
  const area = useRef(null);
  const changed = base !== undefined && text !== base.text;
  /** Somebody else has saved since, and what is written here would take it back. */
  const overtaken = changed && file !== undefined && file.version !== base.version;
  useEffect(() => {
    // What nobody has changed here follows the file.
    if (file === undefined || changed || base?.version === file.version) return;
    setBase({ text: file.text, version: file.version });
    setText(file.text);
  }, [file, changed]);
  useEffect(() => {
    if (base !== undefined) draft = changed ? { text, base, from } : undefined;
  }, [text, base, from]);
  const check = useCheck(text, base?.text, from);

  if (file === undefined || (file.writable && (text === undefined || base === undefined)))
    return answer.error ? html`<${Failure} error=${answer.error} again=${answer.reload} />` : null;
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
    if (changed && !overtaken && check.current && check.valid) setAsking(true);
  };
  const save = async () => {
    setAsking(false);
    try {
      const said = await call("PUT", "/api/config", {
        text,
        version: base.version,
        ...(from !== undefined && { from }),
      });
      setFrom(undefined);
      setBase({ text, version: said.version });
      setOutcome(said);
      await answer.reload();
    } catch (failure) {
      // What has been saved meanwhile is told apart from what went wrong.
      if (failure.status === 409) await answer.reload();
      else
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
    setBase({ text: file.text, version: file.version });
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
        disabled=${!changed || overtaken || !check.current || !check.valid}
        onClick=${ask}
      >
        Look through and save
      </button>
    </div>
    <${Failure} error=${error ?? answer.error} />
    ${
      overtaken &&
      html`<${Note} tone="warn">
        <p role="alert">
          The file was changed by somebody else since you began. Saved as it is, your text would take that
          back.
        </p>
        <div class="bar-line choices">
          <button type="button" onClick=${() => setBase({ text: file.text, version: file.version })}>
            Compare mine with the file as it is now
          </button>
          <button type="button" class="danger" onClick=${undo}>Drop mine</button>
        </div>
      <//>`
    }
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
        <${Diff} before=${base.text} after=${text} />
        <div class="actions">
          <button type="button" onClick=${() => setAsking(false)}>Back</button>
          <button type="button" class="main" onClick=${save}>Save and put in force</button>
        </div>
      <//>`
    }
  `;
}
