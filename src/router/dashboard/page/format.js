/** Figures as people read them. What is not known is said so, and is never 0. */

const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en");

/** 1234 -> 1,234 */
export const count = (value) => whole.format(value);

/** 1234567 -> 1.2M */
export const tokens = (value) => {
  if (value === null || value === undefined) return "–";
  if (value < 10_000) return whole.format(value);
  if (value < 1_000_000) return `${oneDigit.format(value / 1000)}k`;
  if (value < 1_000_000_000) return `${oneDigit.format(value / 1_000_000)}M`;
  return `${oneDigit.format(value / 1_000_000_000)}G`;
};

/** US dollars. Small sums keep what makes them differ. */
export const dollars = (value) => {
  if (value === null || value === undefined) return "unknown";
  if (value === 0) return "$0";
  if (value < 0.01) return `$${value.toPrecision(2).replace(/e-(\d+)$/, "e-$1")}`;
  return `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: value < 1 ? 3 : 2 })}`;
};

/** Milliseconds. */
export const duration = (value) => {
  if (value === null || value === undefined) return "–";
  if (value < 1000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${oneDigit.format(value / 1000)} s`;
  if (value < 3_600_000) return `${Math.floor(value / 60_000)} min ${Math.round((value % 60_000) / 1000)} s`;
  return `${oneDigit.format(value / 3_600_000)} h`;
};

export const percent = (value) =>
  value === null || Number.isNaN(value) ? "–" : `${oneDigit.format(value * 100)}%`;

/** @param at milliseconds since the epoch, or as 2026-11-21T10:00:00.000Z */
export const clock = (at) =>
  new Date(at).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });

export const dayAndClock = (at) => {
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  const time = clock(at);
  return today
    ? time
    : `${date.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time.slice(0, -3)}`;
};

/** How long it is until a time, or has been since. */
export const distance = (at, now = Date.now()) => {
  const left = new Date(at).getTime() - now;
  return left >= 0 ? `in ${duration(left)}` : `${duration(-left)} ago`;
};

/** The name of a target without its provider. */
export const modelOf = (target) => target.slice(target.indexOf(",") + 1);
export const providerOf = (target) => target.slice(0, Math.max(0, target.indexOf(",")));
