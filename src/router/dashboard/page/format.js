/** Figures as people read them. What is not known is said so, and is never 0. */
import { dollars as knownDollars } from "./lib/dollars.js";

/** Always with its digit: figures that stand below each other are compared by their places. */
const oneDigit = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
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

/** US dollars. */
export const dollars = (value) => (value === null || value === undefined ? "unknown" : knownDollars(value));

/** Milliseconds. */
export const duration = (value) => {
  if (value === null || value === undefined) return "–";
  if (value < 999.5) return `${Math.round(value)} ms`;
  if (value < 59_950) return `${oneDigit.format(value / 1000)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${oneDigit.format(value / 3_600_000)} h`;
};

/** A figure of an axis: without digits that say nothing. $15.00 -> $15 */
export const short = (text) => text.replace(/\.0+(?!\d)/, "");

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

/** A day, with its year. */
export const day = (at) =>
  new Date(at).toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });

/** A day and the time of it, by the 24-hour clock as everywhere here. */
export const moment = (at) => `${day(at)}, ${clock(at)}`;

const minute = 60_000;
const hour = 60 * minute;

/** 29 h -> 1 d 5 h; nobody plans by the second what is far off. */
const coarse = (value) => {
  if (value < minute) return `${Math.round(value / 1000)} s`;
  if (value < 10 * minute) return duration(value);
  if (value < 2 * hour) return `${Math.round(value / minute)} min`;
  const hours = Math.round(value / hour);
  if (hours < 24) return `${hours} h`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
};

/** How long it is until a time, or has been since. */
export const distance = (at, now = Date.now()) => {
  const left = new Date(at).getTime() - now;
  return left >= 0 ? `in ${coarse(left)}` : `${coarse(-left)} ago`;
};

/** The name of a target without its provider. */
export const modelOf = (target) => target.slice(target.indexOf(",") + 1);
export const providerOf = (target) => target.slice(0, Math.max(0, target.indexOf(",")));
