/** Days, hours and dates by the clock of a zone, daylight saving included. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHours } from "../../../src/config/hours.ts";
import { isOn, nextOn, type Scheduled } from "../../../src/router/keys/schedule.ts";

const minute = 60_000;
const hour = 60 * minute;
const berlin = "Europe/Berlin";

const key = (hours: string, timezone = berlin, startsAt?: number): Scheduled => ({
  schedule: { hours: hours === "" ? [] : parseHours(hours)!, timezone },
  startsAt,
});
const at = (text: string): number => new Date(text).getTime();
const on = (scheduled: Scheduled, ...times: string[]): boolean[] =>
  times.map((time) => isOn(scheduled, at(time)));

describe("a key with hours", () => {
  it("mon-fri 09:00-18:00 is on from nine, off at six, off at the weekend, by Berlin's clock", () => {
    const work = key("mon-fri 09:00-18:00");
    // Monday, 23 November 2026, in winter one hour ahead of UTC.
    expect(on(work, "2026-11-23T07:59:59Z", "2026-11-23T08:00:00Z")).toEqual([false, true]);
    expect(on(work, "2026-11-23T16:59:59Z", "2026-11-23T17:00:00Z")).toEqual([true, false]);
    expect(on(work, "2026-11-22T12:00:00Z", "2026-11-28T12:00:00Z")).toEqual([false, false]);
    // In summer two hours.
    expect(on(work, "2026-07-06T06:59:59Z", "2026-07-06T07:00:00Z", "2026-07-06T16:00:00Z")).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("fri 22:00-06:00 goes on until Saturday at six, and not on Friday at five", () => {
    const night = key("fri 22:00-06:00", "UTC");
    expect(on(night, "2026-11-27T05:00:00Z", "2026-11-27T21:59:00Z", "2026-11-27T22:00:00Z")).toEqual([
      false,
      false,
      true,
    ]);
    expect(on(night, "2026-11-28T05:59:59Z", "2026-11-28T06:00:00Z", "2026-11-28T22:30:00Z")).toEqual([
      true,
      false,
      false,
    ]);
    const sunday = key("sat 22:00-06:00", "UTC");
    expect(on(sunday, "2026-11-29T03:00:00Z")).toEqual([true]);
  });

  it("takes the day from its own zone, not from UTC", () => {
    const tokyo = key("mon 00:00-01:00", "Asia/Tokyo");
    expect(on(tokyo, "2026-11-22T15:30:00Z", "2026-11-23T00:30:00Z")).toEqual([true, false]);
    const kathmandu = key("09:00-10:00", "Asia/Kathmandu");
    expect(on(kathmandu, "2026-11-23T03:14:00Z", "2026-11-23T03:15:00Z")).toEqual([false, true]);
  });

  it("with several spans is on in each", () => {
    const split = key("mon-fri 09:00-12:00 14:00-18:00, sat", "UTC");
    expect(on(split, "2026-11-23T11:00:00Z", "2026-11-23T13:00:00Z", "2026-11-23T15:00:00Z")).toEqual([
      true,
      false,
      true,
    ]);
    expect(on(split, "2026-11-28T00:00:00Z", "2026-11-28T23:59:59Z", "2026-11-29T00:00:00Z")).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("without any is on always, from its date on", () => {
    expect(on(key(""), "2026-11-23T03:00:00Z")).toEqual([true]);
    const december = key("", berlin, at("2026-11-30T23:00:00Z"));
    expect(on(december, "2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z")).toEqual([false, true]);
  });
});

describe("when daylight saving begins or ends", () => {
  it("a span over the hour that is left out is shorter by it", () => {
    // 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    const night = key("01:30-03:30");
    expect(
      on(
        night,
        "2026-03-29T00:29:59Z",
        "2026-03-29T00:30:00Z",
        "2026-03-29T01:29:59Z",
        "2026-03-29T01:30:00Z",
      ),
    ).toEqual([false, true, true, false]);
  });

  it("a span in the hour that comes twice is on both times", () => {
    // 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    const night = key("02:15-02:45");
    expect(
      on(
        night,
        "2026-10-25T00:15:00Z",
        "2026-10-25T00:45:00Z",
        "2026-10-25T01:15:00Z",
        "2026-10-25T01:45:00Z",
      ),
    ).toEqual([true, false, true, false]);
  });

  it("the next time that a key is on is right across the change", () => {
    const work = key("09:00-18:00");
    expect(nextOn(work, at("2026-03-28T18:00:00Z"))).toBe(at("2026-03-29T07:00:00Z"));
    expect(nextOn(work, at("2026-10-24T17:00:00Z"))).toBe(at("2026-10-25T08:00:00Z"));
    // What lies wholly in the hour that is left out is on the day after.
    expect(nextOn(key("02:15-02:45"), at("2026-03-28T23:00:00Z"))).toBe(at("2026-03-30T00:15:00Z"));
  });
});

describe("the next time that a key is on", () => {
  it("is now where it is on, and never where its spans never come", () => {
    const now = at("2026-11-23T10:00:00Z");
    expect(nextOn(key("mon-fri 09:00-18:00"), now)).toBe(now);
    expect(nextOn(key(""), now)).toBe(now);
    expect(nextOn(key("mon 09:00-18:00"), now + 8 * hour)).toBe(at("2026-11-30T08:00:00Z"));
    expect(nextOn(key("wed 09:00-18:00", berlin, at("2026-12-10T00:00:00Z")), now)).toBe(
      at("2026-12-16T08:00:00Z"),
    );
  });

  it("is the first at which it is on, in every zone, through a whole year", () => {
    const zones = fc.constantFrom(
      berlin,
      "America/New_York",
      "Asia/Kolkata",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "UTC",
    );
    const spans = fc.constantFrom(
      "mon-fri 09:00-18:00",
      "22:00-06:00",
      "sat,sun",
      "fri 20:00-02:00, tue 12:00-12:30",
      "00:00-00:30",
    );
    const year = fc.integer({
      min: at("2026-01-01T00:00:00Z") / minute,
      max: at("2027-01-01T00:00:00Z") / minute,
    });
    fc.assert(
      fc.property(zones, spans, year, (zone, hours, start) => {
        const scheduled = key(hours, zone);
        const now = start * minute;
        const next = nextOn(scheduled, now)!;
        expect(isOn(scheduled, next)).toBe(true);
        // Looked through by hand, in steps that no span is shorter than.
        for (let time = now; time < next; time += 15 * minute) expect(isOn(scheduled, time)).toBe(false);
        if (next > now) expect(isOn(scheduled, next - 1)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
