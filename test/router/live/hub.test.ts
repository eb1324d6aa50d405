import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveEvent, LiveMessage } from "../../../src/router/live/events.ts";
import { LiveHub } from "../../../src/router/live/hub.ts";
import { turnRecord } from "../../support/turns.ts";

const begun = (id: string): LiveEvent => ({ kind: "begun", ...turnRecord({ id }) });

const frame = (text: string): string => {
  const data = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } };
  return `event: content_block_delta\ndata: ${JSON.stringify(data)}\n\n`;
};

const ended = (id: string): LiveEvent => ({ kind: "ended", ...turnRecord({ id }) });

describe("what turns tell while they run", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is told to all who watch, and to nobody who went", () => {
    const hub = new LiveHub();
    const first: LiveMessage[] = [];
    const second: LiveMessage[] = [];
    const leave = hub.listen((message) => first.push(message));
    hub.listen((message) => second.push(message));
    hub.publish(begun("1"));
    leave();
    hub.publish(begun("2"));
    expect([first.length, second.length]).toEqual([1, 2]);
  });

  it("costs no timer and keeps nothing where nobody watches", () => {
    const hub = new LiveHub();
    expect(hub.watched).toBe(false);
    hub.publish(begun("1"));
    hub.wrote("1", frame("hello"));
    expect(vi.getTimerCount()).toBe(0);
    const leave = hub.listen(() => undefined);
    expect([hub.watched, vi.getTimerCount()]).toEqual([true, 1]);
    leave();
    leave();
    expect([hub.watched, vi.getTimerCount()]).toEqual([false, 0]);
  });

  it("says twice a second how far an answer is, whether it goes out as text or as bytes", () => {
    const hub = new LiveHub();
    const heard: LiveMessage[] = [];
    hub.listen((message) => heard.push(message));
    hub.publish(begun("1"));
    for (let i = 0; i < 50; i++) {
      hub.wrote("1", i % 2 === 0 ? frame("four") : Buffer.from(frame("four")));
      vi.advanceTimersByTime(10);
    }
    const progress = heard.find((message) => message.kind === "progress");
    expect(progress).toMatchObject({ id: "1" });
    expect(progress!.tokens).toBeGreaterThan(40);
    expect(progress!.tokens).toBeLessThan(80);
    heard.length = 0;
    vi.advanceTimersByTime(2_000);
    expect(heard).toEqual([]);
  });

  it("keeps nothing of a turn that has ended, though its last bytes go out after that", () => {
    const hub = new LiveHub();
    const heard: LiveMessage[] = [];
    hub.listen((message) => heard.push(message));
    hub.publish(begun("1"));
    hub.publish(ended("1"));
    hub.wrote("1", frame("late"));
    vi.advanceTimersByTime(1_000);
    expect(heard.map(({ kind }) => kind)).toEqual(["begun", "ended"]);
  });

  it("goes on with the turn where one that watches fails", () => {
    const hub = new LiveHub();
    const heard: LiveMessage[] = [];
    hub.listen(() => {
      throw new Error("broken");
    });
    hub.listen((message) => heard.push(message));
    hub.publish(begun("1"));
    hub.publish(begun("2"));
    expect(heard).toHaveLength(2);
  });
});
