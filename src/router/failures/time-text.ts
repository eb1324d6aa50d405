/** Times as providers write them. */

const factors: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `s`, `sec`, `seconds` … */
const unitOf = (word: string): number | undefined => {
  const unit = word.toLowerCase();
  if (/^(?:ms|msecs?|milliseconds?)$/.test(unit)) return factors["ms"];
  return /^(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)$/.test(unit)
    ? factors[unit[0] ?? ""]
    : undefined;
};

/** Milliseconds of `6m0s`, `1.2s`, `20 seconds`, `1h 2m`, `450ms`; reads up to the first word that is none. Undefined where nothing was read. */
export const durationOf = (text: string): number | undefined => {
  let total: number | undefined;
  for (const [, amount, word] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const factor = unitOf(word ?? "");
    if (factor === undefined) break;
    total = (total ?? 0) + Number(amount) * factor;
  }
  return total;
};

/**
 * A time as milliseconds since the epoch: seconds from now, seconds or milliseconds since the epoch (told apart by their size: no wait is thirty years), a duration,
 * an RFC 3339 or an HTTP date.
 * @returns undefined where the text is none of these
 */
export const instantOf = (text: string, now: number): number | undefined => {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number >= 1e11) return number;
    return number >= 1e9 ? number * 1000 : now + number * 1000;
  }
  if (/\d{4}/.test(text) && /[-,]/.test(text)) {
    const date = Date.parse(text);
    return Number.isNaN(date) ? undefined : date;
  }
  if (!/^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/i.test(text)) return undefined;
  const duration = durationOf(text);
  return duration === undefined ? undefined : now + duration;
};
