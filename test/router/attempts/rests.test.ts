/** What the user sees while keys and models rest. Times come from a clock of the test's own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startRouter } from "../../../src/router/main.ts";
import { entryOf, failing, quick, refusal, trying } from "../../support/attempts.ts";
import { until } from "../../support/cli.ts";
import { testConfig } from "../../support/config.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { provider, router } from "../../support/openai-router.ts";
import { smallRequest } from "../../support/router.ts";

closeAfterEach();
afterEach(() => void vi.useRealTimers());

/** The clock stands still until the test moves it; timers run as ever. */
const stopClock = (): void => void vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
const pass = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);
const answer = { text: "here" };
const route = 'routes: { default: "a,m" }';

describe("a limit that is over soon", () => {
  test("is waited for, and the client sees nothing of it", async () => {
    const a = await failing(refusal(429, "slow down", { "retry-after-ms": "30" }), answer);
    const r = await trying(entryOf("a", a));
    const res = await r.ask();
    expect([res.status, res.headers.get("x-switchyard-attempts")]).toEqual([200, "2"]);
  });

  test("costs a key none of its own limit but for the calls that were made", async () => {
    const a = await failing(refusal(429, "slow down", { "retry-after-ms": "1" }), answer);
    const keys = "keys: [{ key: key-one, requestsPerMinute: 2 }]";
    const r = await router(
      "server: { retryBudget: 1s }",
      "providers:",
      entryOf("a", a, `${keys}, ${quick}`),
      route,
    );
    expect((await r.ask()).status).toBe(200);
  });

  test("is waited for once: a provider that says it again is not believed", async () => {
    const a = await failing(refusal(429, "slow down", { "retry-after-ms": "30" }));
    const r = await trying(entryOf("a", a));
    expect((await r.ask()).status).toBe(429);
    expect(a.requests).toHaveLength(2);
  });
});

describe("a limit that lasts", () => {
  test("is told at once, with the provider's own time and words", async () => {
    const a = await failing(refusal(429, "slow down", { "retry-after": "77" }));
    const r = await trying(entryOf("a", a));
    const res = await r.ask();
    expect([res.status, res.headers.get("retry-after"), a.requests.length]).toEqual([429, "77", 1]);
    expect(await res.text()).toContain("slow down");
  });

  test("while all rest, the next turn is a 429 with the time of the first that recovers, and nobody is called", async () => {
    stopClock();
    const a = await failing(refusal(429, "slow down", { "retry-after": "300" }));
    const b = await failing(refusal(429, "slow down", { "retry-after": "120" }));
    const r = await trying(entryOf("a", a), entryOf("b", b));
    expect((await r.ask()).headers.get("retry-after")).toBe("120");
    pass(20);
    const res = await r.ask({ stream: true });
    expect([res.status, res.headers.get("retry-after")]).toEqual([429, "100"]);
    expect(await res.text()).toContain("rateLimited");
    expect([a.requests.length, b.requests.length]).toEqual([1, 1]);
    pass(101);
    expect((await r.ask()).status).toBe(429);
    expect([a.requests.length, b.requests.length]).toEqual([1, 2]);
  });

  test("without a time of the provider's is not waited for: the client asks again by itself", async () => {
    const a = await failing(refusal(429, "slow down"));
    const r = await trying(entryOf("a", a));
    const res = await r.ask();
    expect([res.status, a.requests.length]).toEqual([429, 1]);
    expect(Number(res.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("a key that was refused", () => {
  const refused = async () => {
    const a = await failing(refusal(401, "invalid key"));
    return {
      a,
      r: await trying(entryOf("a", a, `keys: ["sk-one-0123456789"], ${quick}`)),
    };
  };
  test("is told with its status, and the client does not ask again in silence", async () => {
    const { r } = await refused();
    const res = await r.ask();
    expect([res.status, res.headers.get("x-should-retry")]).toEqual([401, "false"]);
  });

  test("and so it is while it rests, without a time to come back", async () => {
    const { a, r } = await refused();
    await r.ask();
    const res = await r.ask({ stream: true });
    expect([res.status, res.headers.get("x-should-retry")]).toEqual([401, "false"]);
    expect(res.headers.get("retry-after")).toBeNull();
    expect(await res.text()).toContain("switchyard cooldown clear");
    expect(a.requests).toHaveLength(1);
  });

  test("beside a key that only rests, it is the other's time that counts", async () => {
    const a = await provider(({ headers }) =>
      headers.authorization === "Bearer sk-one-0123456789"
        ? refusal(401)
        : refusal(429, "slow down", { "retry-after": "200" }),
    );
    const fields = `keys: ["sk-one-0123456789", "sk-two-0123456789"], ${quick}`;
    const r = await trying(entryOf("a", a, fields));
    await r.ask();
    const res = await r.ask();
    expect([res.status, res.headers.get("retry-after")]).toEqual([429, "200"]);
  });
});

test("an empty account is a 429 with its time, and is not waited for", async () => {
  const a = await failing(refusal(429, "insufficient_quota", { "retry-after": "2" }));
  const r = await trying(entryOf("a", a));
  expect((await r.ask()).status).toBe(429);
  const res = await r.ask();
  expect([res.status, a.requests.length]).toEqual([429, 1]);
  expect(Number(res.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a target that fails again and again is left alone, and then one call tries it", async () => {
  stopClock();
  const broken = { error: { status: 500, body: "{}" } };
  let well = false;
  const a = await provider(() => (well ? { ...answer, delay: 60 } : broken));
  const b = await failing({ text: "other" });
  const policy = "failures: { tries: 1, breakAfter: 2, rest: { first: 60s, longest: 60s } }";
  const r = await trying(entryOf("a", a, policy), entryOf("b", b));
  const targets = async (turns: number): Promise<(string | null)[]> =>
    (await Promise.all(Array.from({ length: turns }, () => r.ask()))).map((res) =>
      res.headers.get("x-switchyard-target"),
    );
  await r.ask();
  await r.ask();
  expect(a.requests).toHaveLength(2);
  await r.ask();
  expect(a.requests).toHaveLength(2);
  well = true;
  pass(61);
  expect((await targets(3)).filter((target) => target === "a,m")).toHaveLength(1);
  expect(a.requests).toHaveLength(3);
  expect(await targets(2)).toEqual(["a,m", "a,m"]);
});

test("limits of the configuration are kept: the next target answers while the first is at its own", async () => {
  stopClock();
  const [a, b] = [await failing(answer), await failing({ text: "other" })];
  const fields = 'keys: [{ key: "sk-one-0123456789", requestsPerMinute: 1 }]';
  const r = await trying(entryOf("a", a, fields), entryOf("b", b));
  const targets = [(await r.ask()).headers, (await r.ask()).headers];
  pass(62);
  targets.push((await r.ask()).headers);
  expect(targets.map((headers) => headers.get("x-switchyard-target"))).toEqual(["a,m", "b,m", "a,m"]);
});

test("of calls at once, the one too many waits for its turn", async () => {
  let [open, most] = [0, 0];
  const a = await provider(async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 20));
    open--;
    return answer;
  });
  const r = await trying(entryOf("a", a, 'keys: [{ key: "sk-one-0123456789", concurrent: 1 }]'));
  const all = await Promise.all([r.ask(), r.ask()]);
  expect(all.map(({ status }) => status)).toEqual([200, 200]);
  expect(most).toBe(1);
});

test("a target at its limit is waited for for a moment only, where another could answer", async () => {
  let free = (): void => undefined;
  const a = await provider(async () => {
    await new Promise<void>((resolve) => (free = resolve));
    return answer;
  });
  const b = await failing({ text: "other" });
  const r = await router(
    "server: { waitForRest: 300ms, retryBudget: 1h }",
    "providers:",
    entryOf("a", a, 'keys: [{ key: "sk-one-0123456789", concurrent: 1 }]'),
    entryOf("b", b),
    'routes: { default: ["a,m", "b,m"] }',
  );
  const first = r.ask();
  await until(() => a.requests.length === 1, "the first call");
  expect((await r.ask()).headers.get("x-switchyard-target")).toBe("b,m");
  free();
  expect((await first).headers.get("x-switchyard-target")).toBe("a,m");
});

test("a rest is remembered over a restart", async () => {
  const a = await failing(refusal(429, "slow down", { "retry-after": "300" }));
  const folder = mkdtempSync(join(tmpdir(), "switchyard-state-"));
  try {
    const config = testConfig(["providers:", entryOf("a", a), route].join("\n"));
    const ask = async (): Promise<number> => {
      const r = closing(
        await startRouter({ config, port: 0, write: () => undefined, stateFile: join(folder, "state.json") }),
      );
      const body = JSON.stringify(smallRequest);
      const res = await fetch(`${r.url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      await r.close(100);
      return res.status;
    };
    expect([await ask(), await ask(), a.requests.length]).toEqual([429, 429, 1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the limits of one user's own login are not another's", async () => {
  const up = await provider(({ headers }) =>
    headers.authorization === "Bearer sk-ant-oat01-one"
      ? refusal(429, "slow down", { "retry-after": "90" })
      : answer,
  );
  const r = await router(
    'server: { clientKeys: ["router-key-0123456789"] }',
    `providers: { anthropic: { preset: anthropic, baseUrl: "${up.url}", auth: passthrough } }`,
    'routes: { default: "anthropic,*" }',
  );
  const as = async (login: string): Promise<number> =>
    (
      await r.ask(
        {},
        { "x-switchyard-key": "router-key-0123456789", authorization: `Bearer sk-ant-oat01-${login}` },
      )
    ).status;
  expect([await as("one"), await as("two"), await as("one")]).toEqual([429, 200, 429]);
  expect(up.requests).toHaveLength(2);
});
