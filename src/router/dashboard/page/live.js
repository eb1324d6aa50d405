/** What happens now: every turn from its beginning, and the ones before it out of the ledger. */
import { useAnswer } from "./api.js";
import { Empty, Failure, Figure, Filter, html, Pill, useEffect, useMemo, useRef, useState } from "./ui.js";
import { speedOf, Turns } from "./turns.js";
import * as format from "./format.js";

/** Turns that are shown at the most. */
const most = 200;

const merge = (turns, message) => {
  const next = new Map(turns);
  const before = next.get(message.id);
  if (message.kind === "begun") next.set(message.id, { ...message, calls: 0 });
  else if (message.kind === "ended") next.set(message.id, { ...message });
  // What was under way before the page was opened is shown when it has ended.
  else if (before === undefined || before.outcome !== undefined) return turns;
  else if (message.kind === "calling")
    next.set(message.id, { ...before, target: message.target, calls: message.number });
  else if (message.kind === "progress") next.set(message.id, { ...before, progress: message });
  if (next.size > most) {
    const oldest = [...next.values()].sort((a, b) => a.at - b.at).slice(0, next.size - most);
    for (const { id } of oldest) next.delete(id);
  }
  return next;
};

/** Turns by id, as they are told. Events are taken together once a frame: a busy router must not make the page slow. */
const useLiveTurns = (held) => {
  const [turns, setTurns] = useState(new Map());
  const [connection, setConnection] = useState("opening");
  const waiting = useRef([]);
  const holds = useRef(held);
  holds.current = held;
  useEffect(() => {
    const source = new EventSource("/api/live");
    let frame = 0;
    const flush = () => {
      frame = 0;
      if (holds.current) return;
      const messages = waiting.current.splice(0);
      setTurns((before) => messages.reduce(merge, before));
    };
    source.addEventListener("open", () => setConnection("open"));
    source.addEventListener("error", () =>
      setConnection(source.readyState === EventSource.CLOSED ? "closed" : "opening"),
    );
    source.addEventListener("message", ({ data }) => {
      waiting.current.push(JSON.parse(data));
      if (waiting.current.length > 20_000) waiting.current.splice(0, 10_000);
      if (frame === 0) frame = requestAnimationFrame(flush);
    });
    return () => {
      source.close();
      cancelAnimationFrame(frame);
    };
  }, []);
  useEffect(() => {
    if (held) return;
    const messages = waiting.current.splice(0);
    if (messages.length > 0) setTurns((before) => messages.reduce(merge, before));
  }, [held]);
  return { turns, connection, waiting: waiting.current.length };
};

const useClock = (running) => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [running]);
  return running ? now : Date.now();
};

const startOfDay = () => new Date(new Date().setHours(0, 0, 0, 0)).toISOString();

const connectionWords = {
  opening: ["warn", "connecting"],
  open: ["good", "live"],
  closed: ["bad", "no connection"],
};

const holdsText = (turn, text) =>
  [
    turn.asked,
    turn.target,
    turn.rule,
    turn.session,
    turn.clientKey,
    turn.profile,
    turn.error,
    turn.outcome,
  ].some((each) => typeof each === "string" && each.toLowerCase().includes(text));

export default function Live() {
  const [held, setHeld] = useState(false);
  const [filter, setFilter] = useState("");
  const { turns, connection } = useLiveTurns(held);
  const past = useAnswer("/api/turns?limit=100");
  useEffect(() => {
    // What ended before it was listened, also while the connection was lost, is in the ledger.
    if (connection === "open") void past.reload();
  }, [connection]);
  const state = useAnswer("/api/state", 5000);
  const today = useAnswer(`/api/usage?by=model&since=${encodeURIComponent(startOfDay())}`, 15_000);
  const all = useMemo(() => {
    const byId = new Map(
      (past.data?.turns ?? []).map((turn) => [turn.id, { ...turn, at: Date.parse(turn.at) }]),
    );
    for (const [id, turn] of turns) byId.set(id, turn);
    return [...byId.values()].sort((a, b) => b.at - a.at).slice(0, most);
  }, [past.data, turns]);
  const text = filter.trim().toLowerCase();
  const shown = text === "" ? all : all.filter((turn) => holdsText(turn, text));
  const running = all.filter(({ outcome }) => outcome === undefined);
  const now = useClock(running.length > 0 && !held);
  const speed = running.reduce((sum, turn) => sum + (speedOf(turn) ?? 0), 0);
  const total = today.data?.total;
  const resting = (state.data?.targets ?? []).filter((each) => each.state === "resting").length;
  const [tone, word] = connectionWords[connection];
  return html`
    <dl class="figures">
      <${Figure}
        name="Under way"
        value=${state.data === undefined ? "–" : Math.max(running.length, state.data.inFlight - 1, 0)}
        more=${speed > 0 ? `≈ ${Math.round(speed)} tokens/s` : "requests"}
      />
      <${Figure}
        name="Turns today"
        value=${total ? format.count(total.turns) : "–"}
        more=${total ? `${format.count(total.failed + total.cut)} failed or cut off` : ""}
        tone=${total && total.failed + total.cut > 0 ? "warn" : ""}
      />
      <${Figure}
        name="Tokens today"
        value=${total ? format.tokens(total.input + total.output + total.cacheRead + total.cacheWrite) : "–"}
        more=${total ? `${format.tokens(total.output)} written` : ""}
      />
      <${Figure}
        name="Cost today"
        value=${total ? (total.turns === 0 ? "$0" : format.dollars(total.cost)) : "–"}
        more=${total && total.unpriced > 0 ? `${format.count(total.unpriced)} turns of unknown price` : ""}
      />
      <${Figure}
        name="Resting"
        value=${state.data === undefined ? "–" : resting}
        more="keys and models"
        tone=${resting > 0 ? "warn" : ""}
      />
    </dl>
    <div class="bar-line">
      <${Filter}
        label="Filter turns"
        placeholder="Filter: model, rule, session, key …"
        value=${filter}
        onChange=${setFilter}
      />
      <${Pill} tone=${held ? "warn" : tone}>${held ? "held" : word}<//>
      <button type="button" data-hold aria-pressed=${held ? "true" : "false"} onClick=${() => setHeld(!held)}>
        ${held ? "Go on" : "Hold"}
      </button>
    </div>
    <${Failure} error=${past.error} again=${past.reload} />
    ${shown.length > 0 && html`<${Turns} turns=${shown} now=${now} />`}
    ${
      shown.length === 0 &&
      past.data !== undefined &&
      (text === ""
        ? html`<${Empty} title="No turn yet"
            >Open a shell with <code>make shell-router</code> and ask something: it is shown here as it
            happens.<//
          >`
        : html`<${Empty} title="Nothing fits the filter">Of ${all.length} turns.<//>`)
    }
  `;
}
