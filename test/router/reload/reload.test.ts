/** The configuration changes while the router runs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Reloader } from "../../../src/router/reload/reloader.ts";
import type { Config } from "../../../src/config/types.ts";
import { testConfig } from "../../support/config.ts";
import { eventsOf, testRouter, type TestRouter } from "../../support/router.ts";
import { configFor, heldProvider, type HeldProvider } from "./held.ts";
import { startLoad } from "./load.ts";

const demo = (model: string, more = ""): string => `routes: { default: ["demo,${model}"] }\n${more}`;

describe("a configuration that changed", () => {
  let router: TestRouter;
  let up: HeldProvider;
  beforeEach(async () => {
    up = await heldProvider();
    router = await testRouter(configFor(up.url, "", "first"));
  });
  afterEach(async () => {
    await router.close();
    await up.close();
  });
  const state = async (): Promise<Record<string, unknown>> =>
    (await (await fetch(`${router.url}/api/state`, { headers: router.admin })).json()) as Record<
      string,
      unknown
    >;
  const health = async (): Promise<unknown> => (await fetch(`${router.url}/health`)).json();

  it("holds for the next turn, and the one under way keeps its own to the end", async () => {
    const open = await router.ask({ stream: true });
    const revision = async (): Promise<number> => {
      const { configuration } = (await state()) as { configuration: { revision: number } };
      return configuration.revision;
    };
    const before = await revision();
    expect(await router.change(demo("second"))).toMatchObject({ outcome: "reloaded" });
    expect(await revision()).toBe(before + 1);
    expect(await router.change(demo("second"))).toMatchObject({ outcome: "unchanged" });
    expect(await revision()).toBe(before + 1);
    expect((await router.ask()).headers.get("x-switchyard-target")).toBe("demo,second");
    up.finish();
    const events = eventsOf(await open.text());
    expect(events.at(-1)?.event).toBe("message_stop");
    expect(open.headers.get("x-switchyard-target")).toBe("up,first");
  });

  it("with an error in it changes nothing: log, state and health say what is wrong until it is mended", async () => {
    const wrong = await router.change(`${configFor(up.url)}\nroutse: {}\n`);
    expect(wrong).toMatchObject({ outcome: "refused", error: { code: "config.invalid" } });
    expect(router.logs.join("")).toContain('unknown key \\"routse\\"');
    expect(await state()).toMatchObject({
      configuration: {
        loadedAt: expect.stringMatching(/^\d{4}-/),
        revision: expect.any(Number),
        files: expect.arrayContaining([expect.stringContaining("switchyard.yaml")]),
        problem: { code: "config.invalid", message: expect.stringContaining("routse") },
      },
    });
    expect(await health()).toMatchObject({ status: "healthy", config: "stale" });

    expect(await router.change(demo("mended"))).toMatchObject({ outcome: "reloaded" });
    expect(await health()).toMatchObject({ config: "ok" });
    expect((await state())["configuration"]).not.toHaveProperty("problem");
    expect((await router.ask()).headers.get("x-switchyard-target")).toBe("demo,mended");
  });

  it("a port that changed is said to count from the next start", async () => {
    const reloaded = await router.change(demo("x", "server: { port: 4711 }\n"));
    expect(reloaded).toMatchObject({ needsRestart: ["server.port"] });
    expect(await state()).toMatchObject({ configuration: { needsRestart: ["server.port"] } });
  });

  it("over HTTP it is read from the files: a body is refused, and so is who has a client's key alone", async () => {
    const reload = (headers: Record<string, string> = router.admin, body?: string): Promise<Response> =>
      fetch(`${router.url}/api/reload`, { method: "POST", headers, ...(body !== undefined && { body }) });
    expect(await (await reload()).json()).toMatchObject({ outcome: "unchanged" });
    const pushed = await reload(router.admin, demo("pushed"));
    expect(pushed.status).toBe(400);
    expect((await router.ask({ stream: true })).headers.get("x-switchyard-target")).toBe("up,first");
    up.finish();

    await router.change(demo("x", 'server: { clientKeys: ["a-client-key-1"] }\n'));
    expect((await reload({})).status).toBe(401);
    expect((await reload({ "x-switchyard-key": "a-client-key-1" })).status).toBe(401);
    expect((await reload()).status).toBe(200);
  });

  it("a key that was taken away is still kept out of the log while a turn with it is under way", async () => {
    const withKey = configFor(up.url).replace("keys: []", 'keys: ["sk-taken-away-0001"]');
    await router.change(withKey);
    const open = await router.ask({ stream: true });
    await router.change(configFor(up.url).replace("keys: []", 'keys: ["sk-the-new-one-0002"]'));
    await router.change(`${demo("sk-taken-away-0001,sk-the-new-one-0002")}\nroutse: sk-taken-away-0001\n`);
    expect(router.logs.join("")).toContain("routse");
    const refused = await fetch(`${router.url}/api/cooldowns/clear`, {
      method: "POST",
      headers: router.admin,
      body: JSON.stringify({ provider: "sk-taken-away-0001" }),
    });
    expect(refused.status).toBe(404);
    up.finish();
    await open.text();
    expect(router.logs.join("")).not.toContain("sk-taken-away-0001");
  });

  it("ten reloads a second under load: no request fails", async () => {
    await router.change(demo("0"));
    const load = startLoad(router, 4);
    const reloads = [];
    for (let i = 1; i <= 20; i++) {
      reloads.push(router.change(demo(String(i))));
      await new Promise((next) => setTimeout(next, 100));
    }
    const outcomes = await Promise.all(reloads);
    await load.stop();
    expect(load.failed).toEqual([]);
    expect(load.asked).toBeGreaterThan(20);
    expect(new Set(outcomes.map(({ outcome }) => outcome))).not.toContain("refused");
    expect((await router.ask()).headers.get("x-switchyard-target")).toBe("demo,20");
  });
});

describe("many who ask for a reload", () => {
  it("share it: one is read at a time, and the last of them sees what was changed last", async () => {
    const config = testConfig("");
    let level = 0;
    const waiting: (() => void)[] = [];
    const swapped: string[] = [];
    const reloader = new Reloader({
      config,
      load: () => {
        const read: Config = { ...config, aliases: new Map([[`a${level}`, { provider: "p", model: "m" }]]) };
        return new Promise((resolve) => waiting.push(() => resolve(read)));
      },
      swap: ({ aliases }) => void swapped.push([...aliases.keys()].join()),
      report: () => undefined,
      redact: (text) => text,
    });
    const first = reloader.reload();
    level = 1;
    const others = Array.from({ length: 50 }, () => reloader.reload());
    expect(waiting).toHaveLength(1);
    waiting[0]!();
    await first;
    await Promise.resolve();
    expect(waiting).toHaveLength(2);
    waiting[1]!();
    await Promise.all(others);
    expect(waiting).toHaveLength(2);
    expect(swapped).toEqual(["a0", "a1"]);
  });
});
