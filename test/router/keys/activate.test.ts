/** The small calls that open a billing window, on a clock that only the test moves. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseActivation } from "../../../src/config/hours.ts";
import {
  type ActivationPlan,
  createActivator,
  nextActivation,
  type Activator,
} from "../../../src/router/keys/activate.ts";

const at = (text: string): number => new Date(text).getTime();
const minute = 60_000;
const hour = 60 * minute;

const keyOf = (activate: string, startsAt?: number, timezone = "Europe/Berlin"): ActivationPlan["key"] => ({
  id: "0123456789ab",
  label: "spare",
  activate: parseActivation(activate)!,
  schedule: { hours: [], timezone },
  startsAt,
});

describe("the next time", () => {
  it("is today's, else that of the next day that is named", () => {
    const key = keyOf("mon-fri 08:00 13:00");
    expect(nextActivation(key, at("2026-11-23T06:59:59Z"))).toBe(at("2026-11-23T07:00:00Z"));
    expect(nextActivation(key, at("2026-11-23T07:00:00Z"))).toBe(at("2026-11-23T12:00:00Z"));
    expect(nextActivation(key, at("2026-11-27T12:00:00Z"))).toBe(at("2026-11-30T07:00:00Z"));
  });

  it("comes once on the days on which the clock changes: at the jump, and the first of two", () => {
    const key = keyOf("02:30");
    expect(nextActivation(key, at("2026-03-28T12:00:00Z"))).toBe(at("2026-03-29T01:00:00Z"));
    expect(nextActivation(key, at("2026-03-29T01:00:00Z"))).toBe(at("2026-03-30T00:30:00Z"));
    expect(nextActivation(key, at("2026-10-24T12:00:00Z"))).toBe(at("2026-10-25T00:30:00Z"));
    expect(nextActivation(key, at("2026-10-25T00:30:00Z"))).toBe(at("2026-10-26T01:30:00Z"));
  });

  it("is not before the key's start, and there is none without times", () => {
    const start = at("2026-12-01T07:00:00Z");
    expect(nextActivation(keyOf("08:00", start), at("2026-11-23T00:00:00Z"))).toBe(start);
    expect(nextActivation({ ...keyOf("08:00"), activate: [] }, start)).toBeUndefined();
  });
});

describe("the calls", () => {
  let calls: string[];
  let fails: number;
  let said: string[];
  let activator: Activator;
  const plan = (key = keyOf("08:00", undefined, "UTC")): ActivationPlan => ({
    provider: "p",
    key,
    call: async () => {
      calls.push(new Date().toISOString().slice(8, 16));
      if (fails-- > 0) throw new Error("refused");
    },
  });
  beforeEach(() => {
    vi.useFakeTimers({ now: at("2026-11-23T07:00:00Z") });
    [calls, fails, said] = [[], 0, []];
    const log = (about: object): void => void said.push(JSON.stringify(about));
    activator = createActivator({ log: { info: log, warn: log } as never });
  });
  afterEach(() => {
    activator.stop();
    vi.useRealTimers();
  });

  it("come at their time, once a day", async () => {
    activator.plan([plan()]);
    await vi.advanceTimersByTimeAsync(49 * hour);
    expect(calls).toEqual(["23T08:00", "24T08:00", "25T08:00"]);
    expect(said[0]).toContain("spare");
  });

  it("are not repeated by reloads, and follow what a reload changed", async () => {
    activator.plan([plan()]);
    for (let i = 0; i < 120; i++) {
      await vi.advanceTimersByTimeAsync(minute);
      activator.plan([plan()]);
    }
    expect(calls).toEqual(["23T08:00"]);
    activator.plan([plan(keyOf("10:30", undefined, "UTC"))]);
    await vi.advanceTimersByTimeAsync(24 * hour);
    expect(calls).toEqual(["23T08:00", "23T10:30"]);
    activator.plan([]);
    await vi.advanceTimersByTimeAsync(48 * hour);
    expect(calls).toHaveLength(2);
  });

  it("are not lost to a reload at their very time", async () => {
    activator.plan([plan()]);
    vi.setSystemTime(at("2026-11-23T08:00:00Z"));
    activator.plan([plan()]);
    await vi.advanceTimersByTimeAsync(minute);
    expect(calls).toEqual(["23T08:00"]);
  });

  it("that fail are tried again twice, after one minute and after five, through a reload too", async () => {
    fails = 10;
    activator.plan([plan()]);
    await vi.advanceTimersByTimeAsync(hour + 30_000);
    activator.plan([plan()]);
    await vi.advanceTimersByTimeAsync(5 * hour);
    expect(calls).toEqual(["23T08:00", "23T08:01", "23T08:06"]);
    expect(said[2]).toContain("refused");
    // The next day begins from the start.
    fails = 1;
    await vi.advanceTimersByTimeAsync(20 * hour);
    expect(calls.slice(3)).toEqual(["24T08:00", "24T08:01"]);
  });

  it("that a suspended machine slept through are made up for within the hour, later not", async () => {
    activator.plan([plan()]);
    vi.setSystemTime(at("2026-11-23T08:40:00Z"));
    await vi.advanceTimersByTimeAsync(minute);
    expect(calls).toEqual(["23T08:41"]);
    vi.setSystemTime(at("2026-11-24T11:00:00Z"));
    await vi.advanceTimersByTimeAsync(minute);
    expect(calls).toHaveLength(1);
  });

  it("do not come twice where the clock is set back", async () => {
    activator.plan([plan()]);
    await vi.advanceTimersByTimeAsync(hour);
    vi.setSystemTime(at("2026-11-23T07:30:00Z"));
    activator.plan([plan()]);
    await vi.advanceTimersByTimeAsync(2 * hour);
    expect(calls).toEqual(["23T08:00"]);
  });
});
