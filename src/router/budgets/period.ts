/** The day, week or month that an instant lies in, by the clock of a zone. */
import { parseDate } from "../../config/hours.ts";
import type { BudgetPeriod } from "../../shared/client-keys.ts";

/** Milliseconds since the epoch; `end` belongs to the next one. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/** One for each zone and period is enough: turns come in the order of time, and to find it takes 0.1 ms. */
const last = new Map<string, Period>();

/**
 * A day of 23 or 25 hours, where the clock is put forward or back, is one day. A week begins on Monday (ISO 8601).
 * @param timezone IANA name @param now milliseconds since the epoch
 */
export const periodOf = (per: BudgetPeriod, timezone: string, now: number): Period => {
  const name = `${per} ${timezone}`;
  const known = last.get(name);
  if (known !== undefined && now >= known.start && now < known.end) return known;
  const found = find(per, timezone, now);
  last.set(name, found);
  return found;
};

const find = (per: BudgetPeriod, timezone: string, now: number): Period => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const [year, month, day] = [parts.get("year") ?? 0, (parts.get("month") ?? 1) - 1, parts.get("day") ?? 1];
  // Dates alone, reckoned in UTC, where every day has 24 hours.
  const weekday = (new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7;
  const dates: Record<BudgetPeriod, readonly [number, number]> = {
    day: [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)],
    week: [Date.UTC(year, month, day - weekday), Date.UTC(year, month, day - weekday + 7)],
    month: [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)],
  };
  const midnight = (date: number): number =>
    parseDate(new Date(date).toISOString().slice(0, 10), timezone) ?? date;
  const [start, end] = dates[per];
  return { start: midnight(start), end: midnight(end) };
};
