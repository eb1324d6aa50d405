import { describe, expect, it } from "vitest";
import { parseSince } from "../../src/cli/logs/since.ts";

const now = new Date(2026, 10, 21, 10, 30, 0);
const at = (...parts: [number, number, number, number?, number?, number?]): Date => {
  const [year, month, ...rest] = parts;
  return new Date(year, month - 1, ...rest);
};

describe("--since", () => {
  it.each([
    ["90s", at(2026, 11, 21, 10, 28, 30)],
    ["10m", at(2026, 11, 21, 10, 20)],
    ["2h", at(2026, 11, 21, 8, 30)],
    ["1h30m", at(2026, 11, 21, 9)],
    ["1.5h", at(2026, 11, 21, 9)],
    ["0s", now],
    ["10:00", at(2026, 11, 21, 10)],
    ["9:05:07", at(2026, 11, 21, 9, 5, 7)],
    ["2026-11-20", at(2026, 11, 20)],
    ["2026-11-20T10:00", at(2026, 11, 20, 10)],
    ["2026-11-20 10:00:30", at(2026, 11, 20, 10, 0, 30)],
    ["2026-11-20T10:00Z", new Date(Date.UTC(2026, 10, 20, 10))],
    ["2026-11-20T10:00:00.5+01:00", new Date(Date.UTC(2026, 10, 20, 9, 0, 0, 500))],
  ])("%s is understood, in local time where no zone is named", (text, expected) => {
    expect(parseSince(text, now)).toEqual(expected);
  });

  it("a time of day that is still to come is yesterday's", () => {
    expect(parseSince("23:15", now)).toEqual(at(2026, 11, 20, 23, 15));
  });

  it.each([
    "",
    "10",
    "m",
    "10 m",
    "-5m",
    "10x",
    "24:00",
    "12:60",
    "2026-02-30",
    "2026-13-01T10:00",
    "2026-11-20T25:00",
    "yesterday",
  ])("'%s' is refused with what can be written", (text) => {
    expect(() => parseSince(text, now)).toThrow(/10m.*21:30.*2026-11-21T10:00/);
  });
});
