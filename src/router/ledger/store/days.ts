/** Days of a zone as spans of time. */
import { shownIn } from "../../keys/schedule.ts";
import { span } from "./schema.ts";

export interface Day {
  /** `2026-11-21`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

const dayLength = 24 * 3_600_000;

/** The first instant that the zone's calendar shows another day than at `instant`: 23 or 25 hours after the one before, where clocks change. */
const nextDay = (instant: number, timezone: string): number => {
  const { date, minutes } = shownIn(timezone, instant);
  let at = instant - (instant % span) + dayLength - Math.floor(minutes / 15) * span;
  while (shownIn(timezone, at).date === date) at += span;
  while (shownIn(timezone, at - span).date !== date) at -= span;
  return at;
};

/** The days of a zone that a span of time touches, cut to it. @param since, until milliseconds since the epoch */
export const daysOf = (since: number, until: number, timezone: string): Day[] => {
  const days: Day[] = [];
  for (let from = since; from < until;) {
    const next = Math.min(until, nextDay(from, timezone));
    days.push({ name: shownIn(timezone, from).date, from, until: next });
    from = next;
  }
  return days;
};
