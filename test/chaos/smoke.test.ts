/** A small piece of `make chaos`, with the same seeds each time, so that the ordinary suite shows what breaks it. */
import { afterEach, expect, it } from "vitest";
import { askOf, complaints, runTurns, startWorld, tally, type World } from "./support/campaign.ts";

let world: World | undefined;
afterEach(() => world?.close());

it("300 turns at 40 % faults: each is answered whole or told why not, once, and the log says the same", async () => {
  world = await startWorld({ seed: 7, share: 0.4 });
  const asks = Array.from({ length: 300 }, (_, n) => askOf(7, n));
  const verdicts = await runTurns(world.router.url, asks, 24);
  expect(await complaints(world, verdicts)).toEqual([]);
  const { done = 0, ...others } = tally(verdicts);
  // It is no proof where nothing went wrong, and no router where little went right.
  expect(done).toBeGreaterThan(220);
  expect(done).toBeLessThan(300);
  expect(Object.keys(others).every((end) => end === "cut" || end === "failed")).toBe(true);
}, 60_000);
