/** Which of a provider's keys a turn goes with. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { entryOf, failing, keysAsked, refusal, turnLines, trying } from "../../support/attempts.ts";
import { closeAfterEach } from "../../support/open.ts";
import { provider } from "../../support/openai-router.ts";
import type { ScriptedProvider } from "../../support/provider/server.ts";
import type { TestRouter } from "../../support/router.ts";

closeAfterEach();
afterEach(() => void vi.useRealTimers());

const key = (name: string): string => `sk-${name}-0123456789`;
const names = (up: ScriptedProvider): string[] => keysAsked(up).map((asked) => asked.split("-")[1]!);
const behind = async (fields: string): Promise<{ up: ScriptedProvider; r: TestRouter }> => {
  const up = await failing({ text: "here" });
  return { up, r: await trying(entryOf("a", up, fields)) };
};
const ask = async (r: TestRouter, times: number, headers: Record<string, string> = {}): Promise<void> => {
  for (let i = 0; i < times; i++) expect((await r.ask({}, headers)).status).toBe(200);
};

describe("of several keys", () => {
  const keys = `keys: ["${key("one")}", "${key("two")}"]`;
  test("fill-first takes the first as long as it serves", async () => {
    const { up, r } = await behind(`${keys}, keyStrategy: fill-first`);
    await ask(r, 3);
    expect(names(up)).toEqual(["one", "one", "one"]);
  });

  test.each(["round-robin", "least-busy", "least-used"])(
    "%s takes turns where nothing else tells them apart",
    async (strategy) => {
      const { up, r } = await behind(`${keys}, keyStrategy: ${strategy}`);
      await ask(r, 4);
      expect(names(up).toSorted()).toEqual(["one", "one", "two", "two"]);
    },
  );

  test("weighted gives each its share", async () => {
    const fields = `keys: [{ key: "${key("one")}", weight: 3 }, "${key("two")}"], keyStrategy: weighted`;
    const { up, r } = await behind(fields);
    await ask(r, 8);
    expect(names(up).filter((name) => name === "one")).toHaveLength(6);
  });

  test("the one of the higher priority goes first, whatever the strategy", async () => {
    const fields = `keys: ["${key("one")}", { key: "${key("two")}", priority: 5 }], keyStrategy: round-robin`;
    const { up, r } = await behind(fields);
    await ask(r, 3);
    expect(names(up)).toEqual(["two", "two", "two"]);
  });
});

describe("a conversation", () => {
  const fields = `keys: ["${key("one")}", "${key("two")}"], keyStrategy: round-robin`;
  const session = { "x-claude-code-session-id": "s1" };

  test("stays on the key whose cache is warm, and its subagents spread", async () => {
    const { up, r } = await behind(fields);
    await ask(r, 3, session);
    expect(new Set(names(up)).size).toBe(1);
    await ask(r, 2, { ...session, "x-claude-code-agent-id": "helper" });
    expect(new Set(names(up).slice(3)).size).toBe(1);
    expect(names(up)[3]).not.toBe(names(up)[0]);
  });

  test("goes by the strategy alone where affinity is off", async () => {
    const { up, r } = await behind(`${fields}, affinity: false`);
    await ask(r, 2, session);
    expect(new Set(names(up)).size).toBe(2);
  });

  test("moves on when its key rests, and stays there", async () => {
    let limited = "";
    const up = await provider(({ headers }) =>
      headers.authorization === limited
        ? refusal(429, "slow down", { "retry-after": "600" })
        : { text: "here" },
    );
    const r = await trying(entryOf("a", up, fields));
    await ask(r, 1, session);
    limited = `Bearer ${keysAsked(up)[0]}`;
    await ask(r, 3, session);
    const asked = names(up);
    expect(asked).toHaveLength(5);
    expect(new Set(asked.slice(2)).size).toBe(1);
    expect(asked[2]).not.toBe(asked[0]);
  });
});

describe("a key outside of its hours", () => {
  const office = `keys: [{ key: "${key("one")}", hours: "mon-fri 09:00-18:00", timezone: Europe/Berlin }]`;
  const at = (time: string): void => void vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(time) });

  test("is not used, and the next target answers", async () => {
    at("2026-11-23T08:30:00Z");
    const [up, other] = [await failing({ text: "here" }), await failing({ text: "other" })];
    const r = await trying(entryOf("a", up, office), entryOf("b", other));
    await ask(r, 1);
    at("2026-11-23T17:30:00Z");
    await ask(r, 1);
    expect([up.requests.length, other.requests.length]).toEqual([1, 1]);
    expect(turnLines(r).map((line) => line["target"])).toEqual(["a,m", "b,m"]);
    expect(turnLines(r)[1]).toMatchObject({
      skipped: [expect.stringMatching(/^a,m: rests until \S+ \(outside of its keys' hours\)$/)],
    });
  });

  test("is named with the time from which it may be used, where there is no other", async () => {
    at("2026-11-23T07:00:00Z");
    const { up, r } = await behind(office);
    const res = await r.ask();
    expect([res.status, res.headers.get("retry-after"), up.requests.length]).toEqual([429, "3600", 0]);
    expect(await res.text()).toContain("outside of its keys' hours");
  });
});
