/** A list of turns, as the live view and the views of single sessions show it. */
import { html, Dot, Pill } from "./ui.js";
import * as format from "./format.js";

const tones = { done: "good", failed: "bad", cut: "bad", aborted: "warn" };
const words = {
  done: "done",
  failed: "failed",
  cut: "cut off",
  aborted: "left by the client",
  running: "running",
};

export const toneOf = ({ outcome }) => tones[outcome] ?? "busy";
export const wordOf = ({ outcome }) => words[outcome] ?? "running";

/** Tokens per second of an answer: the provider's count over the time from the first content on. */
export const speedOf = (turn) => {
  if (turn.progress !== undefined && turn.outcome === undefined)
    return turn.progress.for > 300 ? (turn.progress.tokens * 1000) / turn.progress.for : null;
  const time =
    turn.firstToken === null || turn.firstToken === undefined ? null : turn.duration - turn.firstToken;
  return time !== null && time > 50 && turn.tokens ? (turn.tokens.output * 1000) / time : null;
};

const attemptsOf = (turn) => turn.attemptCount ?? turn.attempts?.length ?? turn.calls ?? 0;

const outputOf = (turn) => {
  if (turn.tokens) return format.tokens(turn.tokens.output);
  return turn.progress ? `≈ ${format.tokens(turn.progress.tokens)}` : "–";
};

const inputOf = ({ tokens }) =>
  tokens ? format.tokens(tokens.input + tokens.cacheRead + tokens.cacheWrite) : "–";

const Turn = ({ turn, now }) => {
  const speed = speedOf(turn);
  const running = turn.outcome === undefined;
  const attempts = attemptsOf(turn);
  return html`<li>
    <a class="row-link turn" href=${`#/turns/${encodeURIComponent(turn.id)}`}>
      <span class="turn-state"><${Dot} tone=${toneOf(turn)} label=${wordOf(turn)} /></span>
      <span class="turn-time">${format.dayAndClock(turn.at)}</span>
      <span class="turn-rule"><${Pill} tone="accent" title=${turn.rule}>${turn.rule}<//></span>
      <span class="turn-models" title=${`${turn.asked} → ${turn.target}`}>
        ${
          turn.asked !== turn.target &&
          html`<span class="asked">${turn.asked}</span><span class="arrow" aria-label="went to">→</span>`
        }
        <span class="target"
          ><span class="of">${format.providerOf(turn.target)}</span> ${format.modelOf(turn.target)}</span
        >
      </span>
      <span class="turn-tries">
        ${attempts > 1 && html`<${Pill} tone="warn" title="Calls of providers">${attempts} calls<//>`}
        ${turn.error && html`<${Pill} tone="bad" title=${turn.error}>${turn.error}<//>`}
      </span>
      <span class="turn-figure" data-name="in">${inputOf(turn)}</span>
      <span class="turn-figure" data-name="out">${outputOf(turn)}</span>
      <span class="turn-figure" data-name="tok/s"
        >${speed === null ? "–" : format.tokens(Math.round(speed))}</span
      >
      <span class="turn-figure" data-name="cost"
        >${running || turn.tokens === null ? "–" : turn.cost === null ? "unknown" : format.dollars(turn.cost)}</span
      >
      <span class="turn-figure" data-name="time"
        >${format.duration(running ? now - turn.at : turn.duration)}</span
      >
    </a>
  </li>`;
};

/** @param now milliseconds since the epoch, for those that run */
export const Turns = ({ turns, now = Date.now() }) =>
  html`<div class="turns">
    <div class="turns-head" aria-hidden="true">
      <span></span><span>Time</span><span>Rule</span><span>Asked → target</span><span></span>
      <span class="number">In</span><span class="number">Out</span><span class="number">Tok/s</span
      ><span class="number">Cost</span><span class="number">Time</span>
    </div>
    <ul>
      ${turns.map((turn) => html`<${Turn} key=${turn.id} turn=${turn} now=${now} />`)}
    </ul>
  </div>`;
