/**
 * When a key may be used: days and hours by the clock of a zone, and a date before which it rests. An instant is turned into what that clock shows,
 * so that daylight saving needs no rule of its own: an hour that comes twice counts twice, one that is left out never comes.
 */
import { parseDate } from "../../config/hours.ts";
import type { HourSpan, ProviderKey } from "../../config/types.ts";

export type Scheduled = Pick<ProviderKey, "schedule" | "startsAt">;

/** What a clock shows. */
export interface Shown {
  /** `2026-12-01`. */
  readonly date: string;
  /** 0 is Sunday. */
  readonly day: number;
  /** After midnight. */
  readonly minutes: number;
}

const dayLength = 24 * 3_600_000;

/** By zone: to make one takes much longer than to use it, and a key is asked about with each turn. */
const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const two = "2-digit";
  const fields = { year: "numeric", month: two, day: two, hour: two, minute: two } as const;
  // Other clocks count other years, in other digits.
  const form = { calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" } as const;
  const format = new Intl.DateTimeFormat("en-US", { timeZone, ...fields, ...form });
  formats.set(timeZone, format);
  return format;
};

/** @param instant milliseconds since the epoch */
export const shownIn = (timezone: string, instant: number): Shown => {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(instant)) shown[type] = value;
  const date = `${shown.year}-${shown.month}-${shown.day}`;
  return {
    date,
    day: new Date(`${date}T00:00:00Z`).getUTCDay(),
    minutes: Number(shown.hour) * 60 + Number(shown.minute),
  };
};

/** A span belongs to the day on which it begins: `fri 22:00-06:00` still holds on Saturday at five. */
const holds = ({ days, from, to }: HourSpan, { day, minutes }: Shown): boolean => {
  if (from < to) return days.includes(day) && from <= minutes && minutes < to;
  return (days.includes(day) && from <= minutes) || (days.includes((day + 6) % 7) && minutes < to);
};

/** Whether a key may be used at an instant (milliseconds since the epoch). */
export const isOn = ({ schedule, startsAt }: Scheduled, instant: number): boolean => {
  if (startsAt !== undefined && instant < startsAt) return false;
  const { hours, timezone } = schedule;
  if (hours.length === 0) return true;
  const shown = shownIn(timezone, instant);
  return hours.some((span) => holds(span, shown));
};

/** `09:05` for 545. */
const clock = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");

/**
 * The instants at which a zone's clock shows a time of the day, from the day before `from` on to a week and a day behind it. A time that the clock leaves
 * out is the instant at which it jumps over it; of one that comes twice it is the first.
 * @param minutes after midnight
 */
export const instantsOf = (
  timezone: string,
  days: readonly number[],
  minutes: number,
  from: number,
): readonly number[] => {
  const noon = new Date(`${shownIn(timezone, from).date}T12:00:00Z`).getTime();
  return Array.from({ length: 10 }, (_, i) => new Date(noon + (i - 1) * dayLength))
    .filter((date) => days.includes(date.getUTCDay()))
    .flatMap((date) => parseDate(`${date.toISOString().slice(0, 10)} ${clock(minutes)}`, timezone) ?? []);
};

/** The first instant from `now` on at which a key may be used; undefined where none comes within a week of its start. */
export const nextOn = (key: Scheduled, now: number): number | undefined => {
  const from = Math.max(now, key.startsAt ?? now);
  if (isOn(key, from)) return from;
  const { hours, timezone } = key.schedule;
  return hours
    .flatMap((span) => instantsOf(timezone, span.days, span.from, from))
    .filter((instant) => instant > from && isOn(key, instant))
    .toSorted((a, b) => a - b)[0];
};
