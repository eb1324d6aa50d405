/** What `switchyard status` and `/api/state` are told. */
import { expect, it } from "vitest";
import { noKey, type KeyTerms } from "../../../src/router/keys/terms.ts";
import { listState, type StateRow } from "../../../src/router/keys/view.ts";
import { failed, limited, served } from "../../support/key-results.ts";
import { hour, minute, noon, second, terms, TestState } from "../../support/state.ts";

const rowsOf = async (s: TestState, keys: readonly KeyTerms[]): Promise<readonly StateRow[]> => {
  const view = await s.state.call(listState, { providers: [{ provider: "p", keys }] });
  expect(view.now).toBe(s.now);
  return view.rows;
};
const none = { inFlight: 0, requests: 0, tokens: 0 };

it("a key that nobody used yet is well", async () => {
  expect(await rowsOf(new TestState(), [terms("a")])).toEqual([
    { provider: "p", key: "a", model: null, kind: "well", failures: 0, ...none },
  ]);
});

it("each rest is told with its end and its reason, then as half-open, then no more", async () => {
  const s = new TestState();
  const keys = [terms("a"), terms("b")];
  await s.turn(failed({ cools: "key", opens: "at-once", reason: "quota", until: noon + hour }), { keys });
  await s.turn(limited(noon + minute), { keys });
  for (let i = 0; i < 5; i++) await s.turn(failed({ until: undefined }), { keys, model: "n" });
  await s.turn(failed(), { keys, model: "o" });
  const used = { requests: 7, tokens: 0, inFlight: 0 };
  const rest = { provider: "p", ...none };
  expect(await rowsOf(s, keys)).toEqual([
    {
      ...rest,
      key: "a",
      model: null,
      kind: "resting",
      until: noon + hour,
      reason: "quota",
      failures: 1,
      requests: 1,
    },
    { ...rest, key: "b", model: null, kind: "well", failures: 0, ...used },
    {
      ...rest,
      key: "b",
      model: "m",
      kind: "resting",
      until: noon + minute,
      reason: "rateLimited",
      failures: 1,
    },
    {
      ...rest,
      key: null,
      model: "n",
      kind: "resting",
      until: noon + 10 * second,
      reason: "unavailable",
      failures: 5,
    },
    { ...rest, key: null, model: "o", kind: "well", reason: "unavailable", failures: 1 },
  ]);
  s.now = noon + minute;
  const halfOpen = (await rowsOf(s, keys)).filter(({ kind }) => kind === "half-open");
  expect(halfOpen.map(({ key, model, until }) => [key, model, until])).toEqual([
    ["b", "m", undefined],
    [null, "n", undefined],
  ]);
  await s.turn(served(), { keys });
  expect((await rowsOf(s, keys)).map(({ model }) => model)).not.toContain("m");
});

it("calls under way, requests and tokens of the last minute are counted, and a key at its limits says until when", async () => {
  const s = new TestState();
  const keys = [terms("a", { requestsPerMinute: 2, concurrent: 5 })];
  await s.turn(served(250), { keys, tokens: 100 });
  await s.hold({ keys, tokens: 50 });
  expect(await rowsOf(s, keys)).toEqual([
    {
      provider: "p",
      key: "a",
      model: null,
      kind: "limited",
      until: noon + minute + second,
      failures: 0,
      inFlight: 1,
      requests: 2,
      tokens: 300,
    },
  ]);
  s.now = noon + 2 * minute;
  expect(await rowsOf(s, keys)).toMatchObject([{ kind: "well", inFlight: 1, requests: 0, tokens: 0 }]);
});

it("a key that was taken out of the configuration is told of no more", async () => {
  const s = new TestState();
  await s.turn(limited());
  expect((await rowsOf(s, [terms("b")])).map(({ key }) => key)).toEqual(["b"]);
  expect((await s.state.call(listState, { providers: [] })).rows).toEqual([]);
});

it("users' own logins are told of where the provider has no key, each by itself", async () => {
  const s = new TestState();
  await s.turn(failed({ cools: "key", opens: "at-once", reason: "quota" }), { keys: [terms("login1")] });
  await s.hold({ keys: [terms("login2")] });
  const rows = await rowsOf(s, [terms(noKey)]);
  expect(rows.map(({ key, kind, inFlight }) => [key, kind, inFlight])).toEqual([
    [noKey, "well", 0],
    ["login1", "resting", 0],
    ["login2", "well", 1],
  ]);
});
