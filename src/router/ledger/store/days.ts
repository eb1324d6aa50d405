/** Days of a zone as spans of time. */
import { shownIn } from "../../keys/schedule.ts";
import { span } from "./schema.ts";

export interface Day {
  /** `2026-11-21`. */
  readonly name: string;
  /** When it begins in its zone, which may be before the span does. Milliseconds since the epoch, as the others. */
  readonly start: number;
  readonly from: number;
  readonly until: number;
}

const dayLength = 24 * 3_600_000;

/** The day of the zone's calendar at `instant`: of 23 or 25 hours, where clocks change. */
const dayAt = (instant: number, timezone: string): { name: string; start: number; end: number } => {
  const { date, minutes } = shownIn(timezone, instant);
  const isIn = (at: number): boolean => shownIn(timezone, at).date === date;
  let start = instant - (instant % span) - Math.floor(minutes / 15) * span;
  while (!isIn(start)) start += span;
  while (isIn(start - span)) start -= span;
  let end = start + dayLength;
  while (isIn(end)) end += span;
  while (!isIn(end - span)) end -= span;
  return { name: date, start, end };
};

/** The days of a zone that a span of time touches, cut to it. @param since, until milliseconds since the epoch */
export const daysOf = (since: number, until: number, timezone: string): Day[] => {
  const days: Day[] = [];
  for (let from = since; from < until;) {
    const { name, start, end } = dayAt(from, timezone);
    const next = Math.min(until, end);
    days.push({ name, start, from, until: next });
    from = next;
  }
  return days;
};
