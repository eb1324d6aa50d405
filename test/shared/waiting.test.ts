import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tellWaiting } from "../../src/shared/waiting.ts";

describe("somebody who waits", () => {
  let said: string[];
  beforeEach(() => {
    vi.useFakeTimers();
    said = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const tell = () => tellWaiting("LiteLLM is starting", (line) => said.push(line));

  it("hears nothing of what is quick", () => {
    const stop = tell();
    vi.advanceTimersByTime(2_900);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual([]);
  });

  it("hears after three seconds that it goes on, then every five, and nothing after its end", () => {
    const stop = tell();
    vi.advanceTimersByTime(14_000);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual([
      "LiteLLM is starting (3 s) …",
      "LiteLLM is starting (8 s) …",
      "LiteLLM is starting (13 s) …",
    ]);
  });
});
