/** Providers that are slow, and clients that do not wait. Seconds pass when the test says so. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UpstreamPool } from "../../../src/router/upstream/pool.ts";
import * as undici from "../../../src/router/upstream/undici.ts";
import { testConfig } from "../../support/config.ts";
import { entryOf, failing, quick, refusal, turnLines, trying } from "../../support/attempts.ts";
import { until } from "../../support/cli.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { chatStream } from "../../support/provider/chat-stream.ts";
import { rawProvider, type RawProvider } from "../../support/provider/raw.ts";

closeAfterEach();
beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

const sse = { "content-type": "text/event-stream" };
const stream = chatStream({ text: "here" }, "m");
const limits = "timeouts: { firstByte: 90s, idle: 30s, total: 100s }";

/** Sends a piece of an answer each second that passes. @param piece for the n-th second; undefined ends the stream */
const dripping = async (
  piece: (second: number) => string | undefined,
): Promise<RawProvider & { passed(seconds: number): Promise<void> }> => {
  const drips: ((second: number) => void)[] = [];
  const up = closing(
    await rawProvider((res) => {
      res.writeHead(200, sse).flushHeaders();
      drips.push((second) => {
        const due = piece(second);
        if (due === undefined) res.end();
        else if (!res.writableEnded) res.write(due);
      });
    }),
  );
  return Object.assign(up, {
    passed: async (seconds: number) => {
      await until(() => drips.length > 0, "a call");
      for (let second = 0; second < seconds; second++) {
        for (const drip of drips) drip(second);
        // What was sent is there before the second is over.
        await new Promise((resolve) => setTimeout(resolve, 3));
        vi.advanceTimersByTime(1000);
      }
    },
  });
};

const twoOf = async (up: RawProvider) => {
  const other = await failing({ text: "other" });
  return trying(entryOf("a", up, limits), entryOf("b", other));
};

describe("a provider that begins and then", () => {
  test("sends a byte a second without a line's end is left for the next target", async () => {
    const up = await dripping(() => "x");
    const asked = (await twoOf(up)).ask({ stream: true });
    await up.passed(40);
    expect((await asked).headers.get("x-switchyard-target")).toBe("b,m");
  });

  test("sends comments to keep the connection is waited for", async () => {
    const up = await dripping((second) => (second < 60 ? ": ping\n\n" : second === 60 ? stream : undefined));
    const asked = (await twoOf(up)).ask({ stream: true });
    await up.passed(63);
    expect((await asked).headers.get("x-switchyard-target")).toBe("a,m");
  });

  test("keeps it for ever is cut when the whole time is over", async () => {
    const up = await dripping(() => ": ping\n\n");
    const r = await twoOf(up);
    const asked = r.ask({ stream: true });
    await up.passed(105);
    expect((await asked).headers.get("x-switchyard-target")).toBe("b,m");
    expect(r.logs.join("")).toContain("timeouts.total: 100 s");
  });

  test("falls silent after its first words is told inside of the stream", async () => {
    const words = stream.slice(0, stream.indexOf('finish_reason":"stop'));
    const begun = words.slice(0, words.lastIndexOf("data: "));
    const up = await dripping((second) => (second === 0 ? begun : ""));
    const r = await twoOf(up);
    const asked = r.ask({ stream: true }).then((res) => res.text());
    await up.passed(40);
    expect(await asked).toContain("timeouts.idle: 30 s");
    expect(turnLines(r)[0]).toMatchObject({ outcome: "cut" });
  });
});

test("a time-out above undici's own 300 s is not cut by those", () => {
  const made = vi.spyOn(undici, "createAgent");
  const config = testConfig(
    'providers: { a: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [], timeouts: { firstByte: 40m, idle: 50m } } }\nroutes: { default: "a,m" }',
  );
  new UpstreamPool({}).dispatcherOf(config.providers.get("a")!);
  expect(made.mock.calls[0]?.[0]).toMatchObject({ headersTimeout: 2_400_000, bodyTimeout: 3_000_000 });
});

test("a client that goes while a limit is waited for frees its place, and nobody is called for it any more", async () => {
  const a = await failing(refusal(429, "slow down", { "retry-after": "8" }), { text: "here" });
  const r = await trying(entryOf("a", a, `keys: [{ key: "sk-one-0123456789", concurrent: 1 }], ${quick}`));
  const controller = new AbortController();
  const asked = fetch(`${r.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "x" }] }),
    signal: controller.signal,
  });
  await until(() => r.logs.some((line) => line.includes("rateLimited")), "a refusal");
  controller.abort();
  await expect(asked).rejects.toThrow();
  await until(() => turnLines(r).length > 0, "the end of the turn");
  expect(turnLines(r)[0]).toMatchObject({ outcome: "aborted", attempts: 1 });
  expect(await (await fetch(`${r.url}/api/state`, { headers: r.admin })).text()).toContain('"inFlight":0');
  expect(a.requests).toHaveLength(1);
});
