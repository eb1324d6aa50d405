/** What every view is made with: elements, state, and the few parts that all share. Text is always text here: no view makes markup out of data. */
import { Fragment, h, render } from "./lib/preact.js";
import { useCallback, useEffect, useMemo, useRef, useState } from "./lib/hooks.js";
import htm from "./lib/htm.js";

export { Fragment, render, useCallback, useEffect, useMemo, useRef, useState };
export const html = htm.bind(h);

/** A short word in a frame. `tone`: good, warn, bad, accent or nothing. */
export const Pill = ({ tone = "", children, title }) =>
  html`<span class=${`pill ${tone}`} title=${title}>${children}</span>`;

/** A dot of a state, with the word for those who do not see it. */
export const Dot = ({ tone, label }) =>
  html`<span class=${`dot ${tone}`} title=${label} aria-hidden="true"></span
    ><span class="unseen">${label}</span>`;

export const Note = ({ tone = "", children }) =>
  html`<div class=${`note ${tone}`} role=${tone === "bad" ? "alert" : undefined}>${children}</div>`;

/** What went wrong in a call of the router, in its own words. */
export const Failure = ({ error, again }) =>
  error === undefined || error === null
    ? null
    : html`<${Note} tone="bad">
        <span class="words">${error.message}</span>
        ${again && html` <button type="button" class="plain" onClick=${again}>Try again</button>`}
      <//>`;

/** Where there is nothing to show yet: why, and what to do. */
export const Empty = ({ title, children }) =>
  html`<div class="empty">
    <p class="empty-title">${title}</p>
    <p>${children}</p>
  </div>`;

/** A figure with its name, and a small line below. */
export const Figure = ({ name, value, more, tone = "" }) =>
  html`<div class="figure">
    <dt>${name}</dt>
    <dd class=${tone}>${value}</dd>
    ${more && html`<dd class="more">${more}</dd>`}
  </div>`;

/** Names each cell by its column, and keeps what it is: on a narrow window the rows become cards, and are no table to a browser any more. */
const nameCells = (table, columns) => {
  table.setAttribute("role", "table");
  for (const row of table.rows) row.setAttribute("role", "row");
  for (const row of table.tBodies[0].rows)
    for (const [i, cell] of [...row.cells].entries()) {
      cell.setAttribute("role", "cell");
      cell.dataset.column = columns[i]?.[0] ?? "";
      // In a card only what is there is worth a line.
      cell.toggleAttribute("data-empty", cell.textContent === "–" || cell.dataset.column === "#");
    }
};

/** A table; cards where the window is narrow. `columns`: [title, class?]. */
export const Table = ({ label, columns, children }) => {
  const ref = useRef(null);
  useEffect(() => nameCells(ref.current, columns));
  return html`<div class="scroll" role="region" aria-label=${label} tabindex="0">
    <table ref=${ref}>
      <thead>
        <tr>
          ${columns.map(([title, kind]) => html`<th scope="col" role="columnheader" class=${kind}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${children}
      </tbody>
    </table>
  </div>`;
};

/** A share of a whole as a bar. @param value 0 to 1 */
export const Bar = ({ value, label, tone = "" }) =>
  html`<span
    class=${`bar ${tone}`}
    role="img"
    aria-label=${label}
    style=${{ "--share": `${Math.round(Math.min(1, Math.max(0, value)) * 1000) / 10}%` }}
  ></span>`;

/** A question or a form over the page. Escape closes it. */
export const Dialog = ({ title, onClose, children, wide = false }) => {
  const ref = useRef(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      before?.focus?.();
    };
  }, []);
  return html`<dialog
    ref=${ref}
    class=${wide ? "wide" : ""}
    aria-labelledby="dialog-title"
    onCancel=${(event) => {
      event.preventDefault();
      onClose();
    }}
  >
    <header>
      <h2 id="dialog-title">${title}</h2>
      <button type="button" class="plain" aria-label="Close" onClick=${onClose}>✕</button>
    </header>
    ${children}
  </dialog>`;
};

/** A switch with two states. */
export const Switch = ({ on, label, onChange, busy }) =>
  html`<button
    type="button"
    role="switch"
    aria-checked=${on ? "true" : "false"}
    aria-label=${label}
    class="switch"
    disabled=${busy}
    onClick=${() => onChange(!on)}
  >
    <span></span>
  </button>`;

/** One of several, as buttons side by side. `options`: [value, word]. */
export const Choice = ({ label, value, options, onChange }) =>
  html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      ([each, word]) =>
        html`<button
          type="button"
          aria-pressed=${each === value ? "true" : "false"}
          onClick=${() => onChange(each)}
        >
          ${word}
        </button>`,
    )}
  </div>`;

/** A field with its name above it. */
export const Field = ({ name, hint, children }) =>
  html`<label class="field"><span>${name}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;

/** What a list is filtered by; `/` leads to it. */
export const Filter = ({ label, placeholder, value, onChange }) =>
  html`<span class="grow">
    <input
      type="search"
      data-filter
      aria-label=${label}
      placeholder=${placeholder}
      value=${value}
      onInput=${(event) => onChange(event.target.value)}
    />
  </span>`;

/** Copies a text, and says so. */
export const Copy = ({ text }) => {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" onClick=${copy}>${done ? "Copied" : "Copy"}</button>`;
};
