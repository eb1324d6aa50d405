/** The last lines of the router's log, and new ones as they come. */
import { get } from "./api.js";
import { Empty, Failure, Filter, html, useEffect, useRef, useState } from "./ui.js";
import * as format from "./format.js";

const most = 2000;
const levels = [
  [0, "all"],
  [30, "info and above"],
  [40, "warnings and errors"],
  [50, "errors"],
];
const levelOf = (level) => {
  if (level === null) return ["", "–"];
  if (level >= 50) return ["error", "error"];
  if (level >= 40) return ["warn", "warn"];
  return ["", level >= 30 ? "info" : "debug"];
};

const fieldsOf = (fields) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");

const Line = ({ line }) => {
  const [tone, word] = levelOf(line.level);
  const fields = fieldsOf(line.fields);
  return html`<li>
    <time title=${line.time === null ? undefined : format.moment(line.time)}
      >${line.time === null ? "–" : format.dayAndClock(line.time)}</time
    >
    <span class=${tone}>${word}</span>
    <span class="what">${line.message}${fields !== "" && html` <span class="details">${fields}</span>`}</span>
  </li>`;
};

const useLines = () => {
  const [lines, setLines] = useState([]);
  const [error, setError] = useState(undefined);
  const last = useRef(0);
  useEffect(() => {
    let gone = false;
    const load = async () => {
      if (document.hidden && last.current > 0) return;
      try {
        const answer = await get(`/api/logs?after=${last.current}&limit=1000`);
        if (gone) return;
        const anew = answer.last < last.current;
        last.current = anew ? 0 : answer.last;
        setError(undefined);
        if (anew) setLines([]);
        else if (answer.lines.length > 0) setLines((before) => [...before, ...answer.lines].slice(-most));
      } catch (failure) {
        if (!gone) setError(failure);
      }
    };
    void load();
    const timer = setInterval(load, 1500);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, []);
  return { lines, error };
};

export default function Logs() {
  const { lines, error } = useLines();
  const [least, setLeast] = useState(0);
  const [filter, setFilter] = useState("");
  const [follow, setFollow] = useState(true);
  const list = useRef(null);
  const text = filter.trim().toLowerCase();
  const shown = lines.filter(
    (line) =>
      (line.level ?? 30) >= least &&
      (text === "" || `${line.message} ${fieldsOf(line.fields)}`.toLowerCase().includes(text)),
  );
  useEffect(() => {
    if (follow && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [lines, least, text, follow]);
  return html`
    <div class="bar-line">
      <${Filter}
        label="Filter lines"
        placeholder="Filter: words, a request's id …"
        value=${filter}
        onChange=${setFilter}
      />
      <select aria-label="Level" value=${least} onChange=${(event) => setLeast(Number(event.target.value))}>
        ${levels.map(([level, word]) => html`<option value=${level}>${word}</option>`)}
      </select>
      <button type="button" aria-pressed=${follow ? "true" : "false"} onClick=${() => setFollow(!follow)}>
        ${follow ? "Following" : "Follow"}
      </button>
    </div>
    <${Failure} error=${error} />
    ${
      shown.length === 0
        ? html`<${Empty} title="No line"
            >${lines.length === 0 ? "The router has written nothing yet." : `None of ${lines.length} lines fits.`}<//
          >`
        : html`<ul class="log" ref=${list} tabindex="0" aria-label="Log lines">
            ${shown.map((line) => html`<${Line} key=${line.number} line=${line} />`)}
          </ul>`
    }
  `;
}
