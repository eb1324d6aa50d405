/** Where a day, a week and a month begin. */
import { describe, expect, it } from "vitest";
import { periodOf } from "../../../src/router/budgets/period.ts";

const at = (text: string): number => Date.parse(text);
const shown = ({ start, end }: { start: number; end: number }): readonly [string, string] => [
  new Date(start).toISOString(),
  new Date(end).toISOString(),
];
const hours = ({ start, end }: { start: number; end: number }): number => (end - start) / 3_600_000;

describe("a budget's day", () => {
  it("begins at midnight of its zone, not of UTC", () => {
    expect(shown(periodOf("day", "Asia/Tokyo", at("2026-11-21T15:30:00Z")))).toEqual([
      "2026-11-21T15:00:00.000Z",
      "2026-11-22T15:00:00.000Z",
    ]);
  });

  it("has 23 hours where the clock is put forward and 25 where it is put back, and the next begins at midnight again", () => {
    expect(hours(periodOf("day", "Europe/Berlin", at("2026-03-29T12:00:00Z")))).toBe(23);
    expect(hours(periodOf("day", "Europe/Berlin", at("2026-10-25T12:00:00Z")))).toBe(25);
    expect(hours(periodOf("day", "Europe/Berlin", at("2026-10-26T12:00:00Z")))).toBe(24);
  });

  it("is one, also in the hour that the clock shows twice", () => {
    const first = periodOf("day", "Europe/Berlin", at("2026-10-25T00:30:00Z"));
    const again = periodOf("day", "Europe/Berlin", at("2026-10-25T01:30:00Z"));
    expect(again).toEqual(first);
  });

  it("begins when the clock jumps, where it leaves midnight out", () => {
    // In Santiago the clock goes from 23:59:59 of the 5th to 01:00 of the 6th of September.
    const day = periodOf("day", "America/Santiago", at("2026-09-06T12:00:00Z"));
    expect(shown(day)).toEqual(["2026-09-06T04:00:00.000Z", "2026-09-07T03:00:00.000Z"]);
    expect(periodOf("day", "America/Santiago", day.start - 1).end).toBe(day.start);
  });

  it("leaves no instant out and counts none twice, over two years of half hours", () => {
    for (const [per, zone] of [
      ["day", "Europe/Berlin"],
      ["day", "America/Santiago"],
      ["week", "America/New_York"],
      ["month", "Australia/Lord_Howe"],
    ] as const) {
      const end = at("2028-01-01T00:00:00Z");
      for (let now = at("2026-01-01T00:00:00Z"); now < end;) {
        const period = periodOf(per, zone, now);
        expect(period.start <= now && now < period.end, `${zone} ${new Date(now).toISOString()}`).toBe(true);
        expect(periodOf(per, zone, period.end).start).toBe(period.end);
        now = period.end;
      }
    }
  });
});

it("a week begins on Monday, a month on its first", () => {
  expect(shown(periodOf("week", "UTC", at("2026-11-22T23:59:59Z")))).toEqual([
    "2026-11-16T00:00:00.000Z",
    "2026-11-23T00:00:00.000Z",
  ]);
  expect(shown(periodOf("month", "UTC", at("2026-12-31T12:00:00Z")))).toEqual([
    "2026-12-01T00:00:00.000Z",
    "2027-01-01T00:00:00.000Z",
  ]);
});
