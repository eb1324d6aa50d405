/** Ten reloads a second for a minute, under load: no failed request, and connections that nobody asked for do not pile up. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startProvider, type ScriptedProvider } from "../support/provider/server.ts";
import { startLoad } from "../router/reload/load.ts";
import { testRouter, type TestRouter } from "../support/router.ts";

const minute = 60_000;
const clients = 8;

let up: ScriptedProvider;
let router: TestRouter;
/** Each reload has another route, another time-out (so that the agent is replaced under its calls) and another key. */
const configuration = (n: number): string => `
providers:
  up: { dialect: openai-chat, baseUrl: "${up.url}/v1", keys: ["sk-reload-${String(n).padStart(6, "0")}"], timeouts: { idle: ${60 + (n % 7)}s } }
routes: { default: ["up,m${n}"], background: , think: , longContext: , webSearch: }
`;
beforeAll(async () => {
  up = await startProvider(() => ({ text: "All of it, to the last word.", over: 60 }));
  router = await testRouter(configuration(0));
});
afterAll(async () => {
  await router.close();
  await up.close();
});

it(
  "ten reloads a second under load for a minute: no failed request",
  async () => {
    const load = startLoad(router, clients);
    const reloads: Promise<{ outcome: string }>[] = [];
    const began = Date.now();
    for (let n = 1; Date.now() - began < minute; n++) {
      reloads.push(router.change(configuration(n)));
      await new Promise((next) => setTimeout(next, Math.max(0, began + n * 100 - Date.now())));
    }
    const outcomes = (await Promise.all(reloads)).map(({ outcome }) => outcome);
    await load.stop();
    expect(load.failed).toEqual([]);
    expect(outcomes.filter((each) => each === "refused")).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(400);
    expect(load.asked).toBeGreaterThan(1_000);
    expect(router.logs.filter((line) => line.includes('"outcome":"cut"'))).toEqual([]);
  },
  2 * minute,
);
