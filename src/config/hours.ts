/** Days, hours, dates and zones as people write them: `mon-fri 09:00-18:00`, `08:00`, `2026-12-01`, `Europe/Berlin`. Pure, but for the machine's zone. */
import type { ActivationTime, HourSpan } from "./types-keys.ts";

const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const everyDay: readonly number[] = [0, 1, 2, 3, 4, 5, 6];

/** What `hours` may look like, for messages. */
export const hoursForm = '"mon-fri 09:00-18:00", "22:00-06:00" or "sat,sun"; several one behind the other';
/** What `activate` may look like, for messages. */
export const activationForm = '"08:00" or "mon-fri 08:00"; several one behind the other';

/** Minutes after midnight of `09:00`; `24:00` is the end of the day. */
const minutesOf = (text: string): number | undefined => {
  const parts = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (!parts) return undefined;
  const [hour, minute] = [Number(parts[1]), Number(parts[2])];
  return minute < 60 && (hour < 24 || (hour === 24 && minute === 0)) ? hour * 60 + minute : undefined;
};

/** `mon`, or `fri-mon` with what lies between; undefined where it is no day. */
const daysOf = (text: string): readonly number[] | undefined => {
  const ends = text.toLowerCase().split("-");
  const [first, last] = [ends[0] ?? "", ends.at(-1) ?? ""].map((name) =>
    // `monday` as well as `mon`.
    dayNames.findIndex((day) => name.length >= 3 && `${day}${fullEndings[day] ?? ""}`.startsWith(name)),
  );
  if (ends.length > 2 || first === undefined || last === undefined || first < 0 || last < 0) return undefined;
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, i) => (first + i) % 7);
};
const fullEndings: Readonly<Record<string, string>> = {
  sun: "day",
  mon: "day",
  tue: "sday",
  wed: "nesday",
  thu: "rsday",
  fri: "day",
  sat: "urday",
};

/**
 * Reads groups of days and of what follows them; a group without days counts for all of them, one of days alone gets `nothing`.
 * @returns undefined where a word is neither
 */
const readGroups = <Time>(
  text: string,
  timeOf: (word: string) => Time | undefined,
  nothing: Time | undefined,
): { days: readonly number[]; time: Time }[] | undefined => {
  const out: { days: readonly number[]; time: Time }[] = [];
  let days: number[] = [];
  let timed = false;
  const close = (): boolean => {
    if (days.length === 0 || timed) return true;
    if (nothing === undefined) return false;
    out.push({ days: sorted(days), time: nothing });
    return true;
  };
  // Spaces around a hyphen: `mon - fri`.
  for (const word of text
    .trim()
    .replaceAll(/\s*[-–]\s*/g, "-")
    .split(/[\s,;]+/)) {
    const more = daysOf(word);
    const time = more === undefined ? timeOf(word) : undefined;
    if (more !== undefined) {
      if (timed) days = [];
      timed = false;
      days.push(...more);
    } else if (time === undefined) return undefined;
    else {
      timed = true;
      out.push({ days: days.length === 0 ? everyDay : sorted(days), time });
    }
  }
  return close() && out.length > 0 ? out : undefined;
};

const sorted = (days: readonly number[]): readonly number[] => [...new Set(days)].toSorted((a, b) => a - b);

/**
 * The spans of `mon-fri 09:00-18:00, sat 10:00-14:00`. Days alone mean whole days, hours alone every day, and an end that is not after
 * its beginning lies on the next day.
 * @returns undefined where the text is not of that form, or a span is empty (`09:00-09:00`)
 */
export const parseHours = (text: string): readonly HourSpan[] | undefined => {
  const spanOf = (word: string): { from: number; to: number } | undefined => {
    const [from, to, more] = word.split("-").map(minutesOf);
    if (from === undefined || to === undefined || more !== undefined) return undefined;
    if (from === to || from === 1440) return undefined;
    return { from, to: to === 0 ? 1440 : to };
  };
  return readGroups(text, spanOf, { from: 0, to: 1440 })?.map(({ days, time }) => ({ days, ...time }));
};

/** The times of `08:00`, `mon-fri 08:00, 13:00`; undefined where the text is not of that form. */
export const parseActivation = (text: string): readonly ActivationTime[] | undefined => {
  const timeOf = (word: string): number | undefined => {
    const at = minutesOf(word);
    return at === 1440 ? undefined : at;
  };
  return readGroups(text, timeOf, undefined)?.map(({ days, time }) => ({ days, at: time }));
};

/** This machine's zone by its IANA name. */
export const machineZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether `Intl` knows a zone of that name. Offsets (`+02:00`) have no daylight saving and are not taken. */
export const isZone = (name: string): boolean => {
  if (/^[+-]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
};

/** What the clock of a zone shows, as if it were UTC, in milliseconds since the epoch. */
const shownAt = (zone: string, instant: number): number => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
};

/**
 * The instant at which the clock of a zone shows `2026-12-01` (its midnight) or `2026-12-01 09:00`, in milliseconds since the epoch. A time
 * that the clock leaves out (daylight saving begins) is the instant at which it jumps over it; of one that comes twice, the first.
 * @returns undefined where the text is no such date
 */
export const parseDate = (text: string, zone: string): number | undefined => {
  const parts = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}))?$/.exec(text.trim());
  if (!parts) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])];
  const minutes = parts[4] === undefined ? 0 : minutesOf(parts[4]);
  const date = new Date(Date.UTC(year, month, day));
  if (minutes === undefined || date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined;
  const wanted = date.getTime() + minutes * 60_000;
  // The offset before and after any change of that day; the earliest instant that shows the time, else the change itself.
  const offsets = [-24, 24].map((hours) => {
    const near = wanted + hours * 3_600_000;
    return shownAt(zone, near) - near;
  });
  const candidates = offsets.map((offset) => wanted - offset).toSorted((a, b) => a - b);
  const right = candidates.find((instant) => shownAt(zone, instant) === wanted);
  if (right !== undefined) return right;
  let [before, after] = [candidates[0] ?? wanted, candidates.at(-1) ?? wanted];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (shownAt(zone, middle) < wanted) before = middle;
    else after = middle;
  }
  return after;
};
