import { describe, expect, it } from "vitest";
import { LogRing } from "../../../src/router/logs/ring.ts";

const numbers = (lines: readonly { number: number }[]): number[] => lines.map(({ number }) => number);

describe("the last lines of the log", () => {
  it("are told from the one on that the asker has, the newest of them", () => {
    const ring = new LogRing();
    for (let i = 1; i <= 10; i++) ring.add(`line ${i}\n`);
    expect(numbers(ring.after(0, 100))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(numbers(ring.after(7, 100))).toEqual([8, 9, 10]);
    expect(numbers(ring.after(0, 2))).toEqual([9, 10]);
    expect(ring.after(9, 1)).toEqual([{ number: 10, text: "line 10" }]);
    expect(ring.last).toBe(10);
  });

  it("stay bounded in number and in size, however much is written", () => {
    const ring = new LogRing();
    for (let i = 0; i < 10_000; i++) ring.add("short");
    expect(ring.after(0, 1e6).length).toBeLessThanOrEqual(2_000);
    for (let i = 0; i < 500; i++) ring.add("x".repeat(100_000));
    const kept = ring.after(0, 1e6);
    expect(kept.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(512 * 1024);
    expect(kept.at(-1)!.number).toBe(10_500);
  });
});
