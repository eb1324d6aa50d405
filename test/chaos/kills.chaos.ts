/** Processes that are killed while answers are under way. */
import { afterEach, expect, it } from "vitest";
import { until } from "../support/cli.ts";
import { complaints, runTurns, tally, type World } from "./support/campaign.ts";
import { chaosProvider, routerProcess } from "./support/processes.ts";
import { tell } from "./support/tell.ts";
import { type Ask, clientForms, type Verdict } from "./support/turn.ts";

let world: World | undefined;
afterEach(() => world?.close());

/** As a user writes it: no time of it is made shorter for the test. */
const start = async (): Promise<World> => {
  const [a, b] = await Promise.all([
    chaosProvider({ name: "a", seed: 1, share: 0 }),
    chaosProvider({ name: "b", seed: 1, share: 0 }),
  ]);
  const router = await routerProcess(`
providers:
  a: { dialect: openai-chat, baseUrl: "${a.url}/v1", keys: [sk-a-0123456789] }
  b: { dialect: openai-chat, baseUrl: "${b.url}/v1", keys: [sk-b-0123456789] }
routes: { default: ["a,m", "b,m"], background: , think: , longContext: , webSearch: }
`);
  const close = async (): Promise<void> => {
    await router.close();
    await Promise.all([a.kill(), b.kill()]);
  };
  return { router, a, b, close };
};

const asked = (count: number, faults: readonly string[]): Ask[] =>
  Array.from({ length: count }, (_, n) => ({
    form: clientForms[n % clientForms.length]!,
    stream: true,
    model: "claude-sonnet-4-5",
    order: { turn: String(n), fault: faults[n % faults.length]!, on: "a", at: 8 },
  }));

/** Every turn is with the first provider, and what it says has arrived. */
const underWay = async ({ a }: World, count: number): Promise<void> => {
  await until(async () => (await a.calls()).length >= count, `${count} calls`, 30_000);
  await new Promise((later) => setTimeout(later, 500));
};

const faultOf = ({ ask }: Verdict): string => ask.order.fault!;

it("kill -9 of a provider under 500 open streams: each moves on, or ends with an error where words were shown", async () => {
  world = await start();
  // Nothing sent; only the head; some words.
  const asks = asked(500, ["stallBeforeHead", "stallAfterHead", "stallInside", "stallAfterHead"]);
  const turns = runTurns(world.router.url, asks, 500);
  await underWay(world, 500);
  const death = performance.now();
  await world.a.kill();
  const verdicts = await turns;
  expect(await complaints(world, verdicts)).toEqual([]);
  for (const verdict of verdicts) {
    // Where it was in its reasoning, no word was shown.
    const shown = verdict.end === "cut" || (verdict.end === "failed" && verdict.status === 200);
    expect([faultOf(verdict), shown]).toEqual([faultOf(verdict), faultOf(verdict) === "stallInside"]);
    if (verdict.end === "done") expect(verdict.text).toContain("<call b-");
  }
  const last = Math.max(...verdicts.map(({ began, ms }) => began + ms)) - death;
  tell(
    `500 streams, provider killed: ${JSON.stringify(tally(verdicts))}, all over after ${Math.round(last)} ms`,
  );
});

it("SIGTERM of the router under 200 streams: no stream is cut, and it ends with 0", async () => {
  world = await start();
  const turns = runTurns(world.router.url, asked(200, ["slowly"]), 200);
  await underWay(world, 200);
  const ending = world.router.end();
  const verdicts = await turns;
  expect(await ending).toBe(0);
  expect(tally(verdicts)).toEqual({ done: 200 });
  expect(await complaints(world, verdicts)).toEqual([]);
});
