/** The small call that opens a billing window, as the provider sees it. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Config } from "../../../src/config/types.ts";
import { loadDialects } from "../../../src/router/dialects/index.ts";
import { windowPlans } from "../../../src/router/keys/open-window.ts";
import { UpstreamPool } from "../../../src/router/upstream/pool.ts";
import { redactor } from "../../../src/shared/log.ts";
import { testConfig } from "../../support/config.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { patience } from "../../support/patience.ts";
import { rawProvider } from "../../support/provider/raw.ts";
import { type Script, startProvider } from "../../support/provider/server.ts";
import { testRouter } from "../../support/router.ts";

closeAfterEach();
beforeAll(() =>
  loadDialects(
    (["anthropic", "openai-chat", "openai-responses", "gemini"] as const).map((dialect) => ({ dialect })),
  ),
);
afterEach(() => vi.useRealTimers());

/** The fake clock goes on while it waits. */
const waiting = { timeout: patience };

const secret = "sk-the-key-of-the-plan";
const yaml = (dialect: string, url: string): string => `
providers:
  p:
    dialect: ${dialect}
    baseUrl: "${url}"
    keys:
      - sk-another-key-that-comes-first
      - { key: "${secret}", name: plan, activate: "08:00", activateModel: small, timezone: UTC }
routes: { default: "p,m" }
`;

const open = async (config: Config): Promise<unknown> => {
  const pool = new UpstreamPool({});
  try {
    const plans = windowPlans({ config, pool, redact: redactor(config.secrets) });
    expect(plans.map(({ provider, key }) => [provider, key.label])).toEqual([["p", "plan"]]);
    return await plans[0]!.call().catch((error: unknown) => error);
  } finally {
    await pool.close();
  }
};
const says: Script = () => ({ text: "ok" });

describe("the call that opens a billing window", () => {
  it.each([
    ["openai-chat", "/v1", "/v1/chat/completions", "authorization", `Bearer ${secret}`],
    ["openai-responses", "/v1", "/v1/responses", "authorization", `Bearer ${secret}`],
    ["anthropic", "", "/v1/messages", "x-api-key", secret],
    ["gemini", "/v1beta", "/v1beta/models/small:generateContent", "x-goog-api-key", secret],
  ])("is one small request with this very key and model: %s", async (dialect, base, path, header, value) => {
    const provider = closing(await startProvider(says));
    expect(await open(testConfig(yaml(dialect, provider.url + base)))).toBeUndefined();
    expect(provider.requests).toHaveLength(1);
    const [request] = provider.requests;
    expect(request).toMatchObject({ method: "POST", url: path, headers: { [header]: value } });
    expect(dialect === "gemini" ? "small" : request!.body.model).toBe("small");
    expect(request!.raw.length).toBeLessThan(400);
  });

  it("failed where the provider says so, in its words without the key", async () => {
    const body = JSON.stringify({ error: { message: `no plan for ${secret}` } });
    const provider = closing(await startProvider(() => ({ error: { status: 402, body } })));
    const error = await open(testConfig(yaml("openai-chat", `${provider.url}/v1`)));
    expect(String(error)).toContain("no plan for");
    expect(String(error)).not.toContain(secret);
  });

  it.each([
    ["an error inside an answer that says 200", '{"error":{"message":"no window today"}}', "no window today"],
    ["a page of HTML", "<html>welcome</html>", "not JSON"],
  ])("failed where it got %s", async (_what, body, words) => {
    const provider = closing(await rawProvider((res) => res.writeHead(200).end(body)));
    expect(String(await open(testConfig(yaml("openai-chat", `${provider.url}/v1`))))).toContain(words);
  });

  it("failed where nobody listens", async () => {
    expect(await open(testConfig(yaml("openai-chat", "http://127.0.0.1:9/v1")))).toBeInstanceOf(Error);
  });
});

it("a running router makes it at its time, and goes by the times of a reload", async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 7, 59), toFake: ["Date", "setTimeout", "clearTimeout"] });
  const provider = closing(await startProvider(says));
  const config = yaml("openai-chat", `${provider.url}/v1`);
  const router = closing(await testRouter(config));
  await vi.advanceTimersByTimeAsync(59_000);
  expect(provider.requests).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.waitFor(() => expect(router.logs.join("")).toContain("billing window is open"), waiting);
  expect(provider.requests).toHaveLength(1);
  await router.change(config.replace("08:00", "08:05"));
  await vi.advanceTimersByTimeAsync(6 * 60_000);
  await vi.waitFor(() => expect(provider.requests).toHaveLength(2), waiting);
});
