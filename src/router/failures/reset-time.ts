/** When a provider may be asked again, by its own word: headers first of all, then what its body says. */
import { parseDate } from "../../config/hours.ts";
import { isJsonObject } from "../../shared/json.ts";
import { durationOf, instantOf } from "./time-text.ts";

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * No rest is longer, whatever was said: the longest windows of subscriptions are a week, and a provider that counts wrongly must not
 * be left alone for good.
 */
export const longestRest = 7 * 24 * 3_600_000;
/** A clock that differs by less is the network's delay, or the whole seconds of the Date header. */
const tolerated = 2000;
/** Beyond it a body is no error message. */
const readable = 65_536;

/**
 * @param headers lower-cased
 * @param body as it came, or its beginning
 * @param now milliseconds since the epoch, by our clock
 * @returns milliseconds since the epoch, by our clock: later than `now`, and at most `longestRest` after it; undefined where the provider
 *   named no time, or one that has passed
 */
export const restUntil = (headers: Headers, body: string, now: number): number | undefined => {
  const date = Date.parse(header(headers, "date"));
  const skew = Number.isNaN(date) || Math.abs(date - now) < tolerated ? 0 : date - now;
  // Everything is reckoned by the provider's clock, in which its dates are true, and brought back in the end.
  const theirs = now + skew;
  const text = body.slice(0, readable);
  const named = [...waitHeaders(headers, theirs), ...bodyTimes(text, theirs)];
  // What it says of its limits counts only where it says nothing of the wait: one of several limits may last much longer.
  const until = latest(named) ?? latest(limitHeaders(headers, theirs));
  if (until === undefined || until <= theirs) return undefined;
  return Math.min(until - skew, now + longestRest);
};

const latest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.max(...times);

const header = (headers: Headers, name: string): string => {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? "";
};

const times = (...found: (number | undefined)[]): number[] => found.filter((time) => time !== undefined);

/** `retry-after` in seconds, with decimals too, or as a date (RFC 9110); `retry-after-ms` of OpenAI and Azure. */
const waitHeaders = (headers: Headers, now: number): number[] => {
  const milliseconds = header(headers, "retry-after-ms");
  return times(
    /^\d+(?:\.\d+)?$/.test(milliseconds) ? now + Number(milliseconds) : undefined,
    instantOf(header(headers, "retry-after"), now),
  );
};

/**
 * Limits that are used up, each with its reset: the name of the header that says how much is left stands beside it. Of a limit with something left, the
 * reset says nothing.
 */
const limitHeaders = (headers: Headers, now: number): number[] => {
  const out: number[] = [];
  for (const name of Object.keys(headers)) {
    const left = leftOf(name, headers);
    if (left !== undefined && left > 0) continue;
    const time = isReset(name) ? instantOf(header(headers, name), now) : undefined;
    if (time !== undefined) out.push(time);
  }
  // draft-ietf-httpapi-ratelimit-headers: `limit=20, remaining=0, reset=12`, later `"default";r=0;t=12`.
  const one = header(headers, "ratelimit");
  const seconds = /\b(?:reset|t)=(\d+)/.exec(one)?.[1];
  if (seconds !== undefined && /\b(?:remaining|r)=0\b/.test(one)) out.push(now + Number(seconds) * 1000);
  return out;
};

/**
 * - x-ratelimit-reset(-requests, -tokens, -requests-day, …): OpenAI and Groq `6m0s`, Cerebras seconds, OpenRouter milliseconds since the epoch, others seconds.
 * - anthropic-ratelimit-(requests, tokens, …)-reset: RFC 3339; -unified-reset: seconds since the epoch.
 * - x-codex-(primary, secondary)-reset-at: seconds since the epoch.
 */
const isReset = (name: string): boolean =>
  /^(?:x-)?rate-?limit-reset(?:-(?!after)[\w-]+)?$/.test(name) ||
  /^(?:x-)?rate-?limit-reset-after$/.test(name) ||
  /^anthropic-ratelimit-[\w-]+-reset$/.test(name) ||
  /^x-codex-(?:primary|secondary)-reset-at$/.test(name);

/** How much is left of the limit of a reset header, 1 where only this is said, that it is not used up; undefined where nothing is said. */
const leftOf = (name: string, headers: Headers): number | undefined => {
  const window = /^x-codex-(primary|secondary)-reset-at$/.exec(name)?.[1];
  if (window !== undefined) return header(headers, `x-codex-${window}-used-percent`) === "100" ? 0 : 1;
  const claim = /^anthropic-ratelimit-(unified(?:-\w+)?)-reset$/.exec(name)?.[1];
  if (claim !== undefined)
    return header(headers, `anthropic-ratelimit-${claim}-status`) === "rejected" ? 0 : 1;
  const left = header(headers, name.replace(/reset(?=-|$)/, "remaining"));
  return /^\d+(?:\.\d+)?$/.test(left) ? Number(left) : undefined;
};

const bodyTimes = (text: string, now: number): number[] => {
  const json = parsed(text);
  return [...(json === undefined ? [] : fieldTimes(json, now)), ...wordTimes(text, now)];
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Field that holds a time, and what a number in it means. */
const fields: readonly (readonly [name: string, unit: "seconds" | "milliseconds" | "instant"])[] = [
  // ChatGPT's plans: {type: "usage_limit_reached", resets_at, resets_in_seconds}
  ["resets_in_seconds", "seconds"],
  ["resets_at", "instant"],
  ["reset_at", "instant"],
  // OpenRouter and gateways
  ["retry_after_seconds", "seconds"],
  ["retry_after", "seconds"],
  ["retry_after_ms", "milliseconds"],
];

/** What the error object, its details and its metadata say. */
const fieldTimes = (json: unknown, now: number): number[] => {
  const outer = Array.isArray(json) ? (json[0] as unknown) : json;
  if (!isJsonObject(outer)) return [];
  const error = isJsonObject(outer["error"]) ? outer["error"] : outer;
  const metadata = isJsonObject(error["metadata"]) ? error["metadata"] : {};
  const out = [outer, error, metadata].flatMap((object) =>
    fields.flatMap(([name, unit]) => times(timeOf(object[name], unit, now))),
  );
  // OpenRouter repeats its headers in the body, as the head of a stream is long gone.
  const inside = isJsonObject(metadata["headers"]) ? metadata["headers"] : undefined;
  if (inside !== undefined) out.push(...limitHeaders(lowerCased(inside), now));
  return [...out, ...googleTimes(error["details"], now)];
};

const timeOf = (
  value: unknown,
  unit: "seconds" | "milliseconds" | "instant",
  now: number,
): number | undefined => {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  if (unit === "instant") return instantOf(text, now);
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  return number === undefined ? undefined : now + number * (unit === "seconds" ? 1000 : 1);
};

const lowerCased = (object: Readonly<Record<string, unknown>>): Headers =>
  Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name.toLowerCase(), String(value)]] : [],
    ),
  );

/**
 * google.rpc: RetryInfo `{retryDelay: "34s"}`, QuotaFailure `{violations: [{quotaId}]}`. A quota of the day is back at midnight in California
 * (ai.google.dev/gemini-api/docs/rate-limits), whatever the delay says.
 */
const googleTimes = (details: unknown, now: number): number[] => {
  if (!Array.isArray(details)) return [];
  const objects = details.filter(isJsonObject);
  const perDay = objects.some(
    ({ violations }) =>
      Array.isArray(violations) &&
      violations.some(
        (violation) => isJsonObject(violation) && /PerDay/.test(JSON.stringify(violation["quotaId"] ?? "")),
      ),
  );
  const delays = objects.map(({ retryDelay }) =>
    typeof retryDelay === "string" ? durationOf(retryDelay) : undefined,
  );
  return [
    ...times(...delays).map((delay) => now + delay),
    ...times(perDay ? nextMidnight("America/Los_Angeles", now) : undefined),
  ];
};

const nextMidnight = (zone: string, now: number): number | undefined => {
  // en-CA writes 2026-11-21. From noon of today to noon of tomorrow, so that a day of 23 or 25 hours changes nothing.
  const day = (instant: number): string =>
    new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(instant);
  const noon = parseDate(`${day(now)} 12:00`, zone);
  return noon === undefined ? undefined : parseDate(day(noon + 24 * 3_600_000), zone);
};

const date = String.raw`(\d{4}-\d{2}-\d{2})(?:T|\s+(?:at\s+)?)(\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?)\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?`;

/** A date in words, and the zone that counts where none is named. The first that is found decides. */
const datedWords: readonly (readonly [pattern: RegExp, zone: string])[] = [
  // Z.AI and BigModel: "Your limit will reset at 2026-09-09 05:38:28", by the clock of Beijing, in Chinese too.
  [new RegExp(String.raw`limit will reset at ${date}`, "i"), "+08:00"],
  [new RegExp(String.raw`将在\s*${date}\s*重置`), "+08:00"],
  // Anthropic: "You will regain access on 2026-12-01 at 00:00 UTC."
  [new RegExp(String.raw`(?:regain access on|resets? (?:at|on)|try again (?:at|after)) ${date}`, "i"), "Z"],
];

/** "try again in 1.2s", "Please retry in 6m0s", "try again after 20 seconds", "available in 2 hours" */
const delayWords =
  /\b(?:try again|retry|available(?: again)?|resets?)\s+(?:in|after)\s+((?:\d+(?:\.\d+)?\s*[a-z]+[\s,]*(?:and\s+)?){1,4})/i;

const datedIn = (text: string, now: number): number | undefined => {
  for (const [pattern, usual] of datedWords) {
    const [, day, hour, zone] = pattern.exec(text) ?? [];
    if (day === undefined) continue;
    const offset = zone === undefined ? usual : /UTC|GMT/i.test(zone) ? "Z" : zone;
    return instantOf(`${day}T${hour}${offset}`, now);
  }
  return undefined;
};

const wordTimes = (text: string, now: number): number[] => {
  const delay = durationOf(delayWords.exec(text)?.[1] ?? "");
  // Claude's plans: "usage limit reached|1756900800"
  const epoch = /limit reached\|(\d{10})\b/.exec(text)?.[1];
  return times(
    delay === undefined ? undefined : now + delay,
    datedIn(text, now),
    epoch === undefined ? undefined : instantOf(epoch, now),
  );
};
