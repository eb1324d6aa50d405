/** Percentiles of the times of turns, against what the times themselves say. */
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { testRouter } from "../../support/router.ts";
import { hour, noon, testLedger, turn } from "./turns.ts";

closeAfterEach();

const trueShare = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1]!;

describe("percentiles of the time of turns", () => {
  it("are within a fifth of the true ones, whatever the times", async () => {
    const { ledger } = testLedger();
    // Most are quick, some take very long: from 100 ms to some minutes.
    const times = Array.from({ length: 1_000 }, (_, i) => Math.round(100 * 1.008 ** i));
    for (const [i, duration] of times.entries())
      ledger.append(turn({ at: noon + i, duration, firstToken: duration / 4 }));
    const { points } = await ledger.series({ step: "hour", percentiles: true, timezone: "UTC" });
    expect(points.length).toBe(1);
    const { duration, firstToken } = points[0]!.latency!;
    for (const [name, share] of [
      ["p50", 0.5],
      ["p95", 0.95],
      ["p99", 0.99],
    ] as const) {
      const right = trueShare(times, share);
      expect(Math.abs(duration![name] / right - 1)).toBeLessThan(0.2);
      expect(Math.abs((4 * firstToken![name]) / right - 1)).toBeLessThan(0.2);
    }
  });

  it("are those of the day, the model and the provider that is asked for", async () => {
    const { ledger } = testLedger();
    const slow = { target: "slow,m", duration: 60_000, firstToken: null };
    for (let i = 0; i < 10; i++) ledger.append(turn({ ...slow, at: noon - 24 * hour }));
    for (let i = 0; i < 10; i++) ledger.append(turn({ target: "up,m1", duration: 200 }));
    for (let i = 0; i < 10; i++) ledger.append(turn({ target: "up,m2", duration: 3_000 }));
    const of = async (query: object): Promise<[string | null, string, number][]> => {
      const { points } = await ledger.series({ step: "day", percentiles: true, timezone: "UTC", ...query });
      return points.map(({ name, day, latency }) => [
        name,
        day,
        Math.round(Math.log2(latency!.duration!.p95 / 100)),
      ]);
    };
    // 100 ms times two to the power of: 9 is a minute, 5 three seconds, 1 two hundred.
    expect(await of({})).toEqual([
      [null, "2026-11-20", 9],
      [null, "2026-11-21", 5],
    ]);
    expect(new Set(await of({ by: "model" }))).toEqual(
      new Set([
        ["slow,m", "2026-11-20", 9],
        ["up,m1", "2026-11-21", 1],
        ["up,m2", "2026-11-21", 5],
      ]),
    );
    expect(await of({ filter: { model: "up,m1" } })).toEqual([[null, "2026-11-21", 1]]);
    expect(await of({ by: "provider", filter: { provider: "up" } })).toEqual([["up", "2026-11-21", 5]]);
    const { points } = await ledger.series({ step: "day", percentiles: true, filter: { model: "slow,m" } });
    expect(points[0]?.latency?.firstToken).toBeNull();
  });

  it("by what none are kept by are refused, with the reason", async () => {
    const router = closing(await testRouter(""));
    const ask = (query: string): Promise<Response> =>
      fetch(`${router.url}/api/usage/series?${query}`, { headers: router.admin });
    expect((await ask("percentiles=true&by=model")).status).toBe(200);
    const refused = await ask("percentiles=true&rule=default");
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("not by rule");
  });
});
