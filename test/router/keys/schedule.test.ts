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
/** Whether it is on at some times (UTC) of a day, as `01`: off at the first, on at the second. */
const on = (scheduled: Scheduled, day: string, times: string): string =>
  times
    .split(" ")
    .map((time) => (isOn(scheduled, at(`${day}T${time}Z`)) ? "1" : "0"))
    .join("");

describe("a key with hours", () => {
  it("mon-fri 09:00-18:00 is on from nine, off at six, off at the weekend, by Berlin's clock", () => {
    const work = key("mon-fri 09:00-18:00");
    // Monday, 23 November 2026, in winter one hour ahead of UTC.
    expect(on(work, "2026-11-23", "07:59:59 08:00")).toBe("01");
    expect(on(work, "2026-11-23", "16:59:59 17:00")).toBe("10");
    expect(on(work, "2026-11-22", "12:00")).toBe("0");
    expect(on(work, "2026-11-28", "12:00")).toBe("0");
    // In summer two hours.
    expect(on(work, "2026-07-06", "06:59:59 07:00 16:00")).toBe("010");
  });

  it("fri 22:00-06:00 goes on until Saturday at six, and not on Friday at five", () => {
    const night = key("fri 22:00-06:00", "UTC");
    expect(on(night, "2026-11-27", "05:00 21:59 22:00")).toBe("001");
    expect(on(night, "2026-11-28", "05:59:59 06:00 22:30")).toBe("100");
    const sunday = key("sat 22:00-06:00", "UTC");
    expect(on(sunday, "2026-11-29", "03:00")).toBe("1");
  });

  it("takes the day from its own zone, not from UTC", () => {
    const tokyo = key("mon 00:00-01:00", "Asia/Tokyo");
    expect(on(tokyo, "2026-11-22", "15:30")).toBe("1");
    expect(on(tokyo, "2026-11-23", "00:30")).toBe("0");
    const kathmandu = key("09:00-10:00", "Asia/Kathmandu");
    expect(on(kathmandu, "2026-11-23", "03:14 03:15")).toBe("01");
  });

  it("with several spans is on in each", () => {
    const split = key("mon-fri 09:00-12:00 14:00-18:00, sat", "UTC");
    expect(on(split, "2026-11-23", "11:00 13:00 15:00")).toBe("101");
    expect(on(split, "2026-11-28", "00:00 23:59:59")).toBe("11");
    expect(on(split, "2026-11-29", "00:00")).toBe("0");
  });

  it("without any is on always, from its date on", () => {
    expect(on(key(""), "2026-11-23", "03:00")).toBe("1");
    const december = key("", berlin, at("2026-11-30T23:00:00Z"));
    expect(on(december, "2026-11-30", "22:59:59 23:00")).toBe("01");
  });
});

describe("when daylight saving begins or ends", () => {
  it("a span over the hour that is left out is shorter by it", () => {
    // 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    const night = key("01:30-03:30");
    expect(on(night, "2026-03-29", "00:29:59 00:30 01:29:59 01:30")).toBe("0110");
  });

  it("a span in the hour that comes twice is on both times", () => {
    // 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    const night = key("02:15-02:45");
    expect(on(night, "2026-10-25", "00:15 00:45 01:15 01:45")).toBe("1010");
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
