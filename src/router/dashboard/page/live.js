/** What happens now: every turn from its beginning, and the ones before it out of the ledger. */
import { useAnswer } from "./api.js";
import {
  Empty,
  Failure,
  Figure,
  Filter,
  html,
  Note,
  Pill,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "./ui.js";
import { speedOf, Turns } from "./turns.js";
import * as format from "./format.js";

/** Turns that are shown at the most. */
const most = 200;

/** Milliseconds. */
const reconnectAfter = 3000;

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
    let source;
    let again = 0;
    let frame = 0;
    const flush = () => {
      frame = 0;
      if (holds.current) return;
      const messages = waiting.current.splice(0);
      setTurns((before) => messages.reduce(merge, before));
    };
    const listen = () => {
      source = new EventSource("/api/live");
      source.addEventListener("open", () => {
        setConnection("open");
        // What ran when the connection was lost may have ended unheard: it would seem to run for ever.
        waiting.current.length = 0;
        setTurns((before) => new Map([...before].filter(([, { outcome }]) => outcome !== undefined)));
      });
      source.addEventListener("error", () => {
        const closed = source.readyState === EventSource.CLOSED;
        setConnection(closed ? "closed" : "opening");
        // After an answer that is no stream (a proxy's, or too many pages that watch) the browser does not ask again.
        if (closed) again = setTimeout(listen, reconnectAfter);
      });
      source.addEventListener("message", ({ data }) => {
        waiting.current.push(JSON.parse(data));
        if (waiting.current.length > 20_000) waiting.current.splice(0, 10_000);
        if (frame === 0) frame = requestAnimationFrame(flush);
      });
    };
    listen();
    return () => {
      clearTimeout(again);
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

/** What `#/live/session/5e55` shows of a turn. */
const fields = {
  session: ({ session }) => session,
  model: ({ target }) => target,
  provider: ({ target }) => format.providerOf(target),
  rule: ({ rule }) => rule,
  key: ({ clientKey }) => clientKey,
  profile: ({ profile }) => profile,
};

/** `session/5e55` -> ["session", "5e55"]; undefined: all turns */
const onlyOf = (rest) => {
  const at = rest.indexOf("/");
  const field = rest.slice(0, at);
  return at > 0 && Object.hasOwn(fields, field) ? [field, rest.slice(at + 1)] : undefined;
};

/** Requests under way at providers; a model's own row counts again what its key's row has. */
const inFlightOf = ({ targets }) =>
  targets.reduce((sum, { model, inFlight }) => sum + (model === null ? inFlight : 0), 0);

/** What was typed, for who comes back from a turn. */
let typed = "";

export default function Live({ rest }) {
  const [held, setHeld] = useState(false);
  const [filter, setFilter] = useState(typed);
  typed = filter;
  const only = onlyOf(rest);
  const { turns, connection } = useLiveTurns(held);
  const past = useAnswer(`/api/turns?limit=100${only ? `&${only[0]}=${encodeURIComponent(only[1])}` : ""}`);
  const noLedger = past.error?.status === 404;
  useEffect(() => {
    // What ended before it was listened, also while the connection was lost, is in the ledger.
    if (connection === "open") void past.reload();
  }, [connection]);
  const state = useAnswer("/api/state", 5000);
  const today = useAnswer(`/api/usage?by=model&since=${encodeURIComponent(startOfDay())}`, 15_000);
  const all = useMemo(() => {
    const byId = new Map(
      (past.stale ? [] : (past.data?.turns ?? [])).map((turn) => [
        turn.id,
        { ...turn, at: Date.parse(turn.at) },
      ]),
    );
    const of = onlyOf(rest);
    for (const [id, turn] of turns) if (of === undefined || fields[of[0]](turn) === of[1]) byId.set(id, turn);
    return [...byId.values()].sort((a, b) => b.at - a.at).slice(0, most);
  }, [past.data, past.stale, turns, rest]);
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
        value=${state.data === undefined ? "–" : Math.max(running.length, inFlightOf(state.data))}
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
        placeholder="Model, rule, session, key …"
        value=${filter}
        onChange=${setFilter}
      />
      <${Pill} tone=${held ? "warn" : tone}>${held ? "held" : word}<//>
      <button type="button" data-hold aria-pressed=${held ? "true" : "false"} onClick=${() => setHeld(!held)}>
        ${held ? "Go on" : "Hold"}
      </button>
    </div>
    ${
      only &&
      html`<p class="back">
        <span class="words"
          >Turns of the ${only[0] === "key" ? "client key" : only[0]} <strong>${only[1]}</strong></span
        >
        <a href="#/live">Show all</a>
      </p>`
    }
    ${
      noLedger
        ? html`<${Note}
            >The ledger is switched off: what has ended before this page was opened is not shown here, and
            nothing is added up. <code>ledger.enabled</code> in the configuration switches it on.<//
          >`
        : html`<${Failure} error=${past.error} again=${past.reload} />`
    }
    ${shown.length > 0 && html`<${Turns} turns=${shown} now=${now} />`}
    ${
      shown.length === 0 &&
      (noLedger || (past.data !== undefined && !past.stale)) &&
      (text === ""
        ? html`<${Empty} title=${only ? "No such turn" : "No turn yet"}
            >Open a shell with <code>make shell-router</code> and ask something: it is shown here as it
            happens.<//
          >`
        : html`<${Empty} title="Nothing fits the filter"
            >Of the last ${all.length} turns. Older ones: by model, session or key in
            <a href="#/usage">Usage</a>.<//
          >`)
    }
  `;
}
