/** `--since`: a span or a moment, as people write them. */
import { InvalidArgumentError } from "commander";

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const span = /^(?:\d+(?:\.\d+)?[smhd])+$/;
const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/;
const moment = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

const spanOf = (text: string): number =>
  [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit as keyof typeof unitMs],
    0,
  );

/** The time of day, today; where that is still to come, yesterday. */
const clockTime = (now: Date, hours: number, minutes: number, seconds: number): Date | undefined => {
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const at = new Date(now);
  at.setHours(hours, minutes, seconds, 0);
  if (at > now) at.setDate(at.getDate() - 1);
  return at;
};

const momentTime = (text: string, parts: readonly (string | undefined)[]): Date | undefined => {
  const [year, month, day, hours, minutes, seconds] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  // A Date takes February 31 for March 3.
  const days = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  if ((month ?? 0) < 1 || (month ?? 0) > 12 || (day ?? 0) < 1 || (day ?? 0) > days) return undefined;
  if ((hours ?? 0) > 23 || (minutes ?? 0) > 59 || (seconds ?? 0) > 59) return undefined;
  // Without a time of day a Date takes the day for UTC's.
  const at = new Date(parts[4] === undefined ? `${text}T00:00` : text.replace(" ", "T"));
  return Number.isNaN(at.getTime()) ? undefined : at;
};

/**
 * `90s`, `10m`, `2h`, `1d`, `1h30m` before now; `21:30` or `21:30:15`, the last time it was so late; `2026-11-21`, `2026-11-21T10:00`
 * in local time, or with a zone (`Z`, `+01:00`).
 * @throws InvalidArgumentError for anything else
 */
export const parseSince = (text: string, now = new Date()): Date => {
  const given = text.trim();
  let at: Date | undefined;
  const [byClock, byMoment] = [clock.exec(given), moment.exec(given)];
  if (span.test(given)) at = new Date(now.getTime() - spanOf(given));
  else if (byClock !== null)
    at = clockTime(now, Number(byClock[1]), Number(byClock[2]), Number(byClock[3] ?? 0));
  else if (byMoment !== null) at = momentTime(given, byMoment);
  if (at === undefined || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError(
      "Write a span (90s, 10m, 2h, 1d), a time of day (21:30) or a date (2026-11-21T10:00).",
    );
  return at;
};
