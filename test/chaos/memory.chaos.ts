/** Memory after many turns, some of which fail in every way. MEMORY_TURNS=n sets how many. */
import { afterEach, expect, it } from "vitest";
import { askOf, runTurns, startWorld, tally, type World } from "./support/campaign.ts";
import { tell } from "./support/tell.ts";

const turns = Number(process.env["MEMORY_TURNS"] ?? 20_000);

let world: World | undefined;
afterEach(() => world?.close());

it(`memory is where it was after ${turns} turns, a tenth of whose calls fail`, async () => {
  world = await startWorld({ seed: 3, share: 0.1, keepsLog: false });
  const { router } = world;
  let next = 0;
  const serve = async (count: number): Promise<void> => {
    const asks = Array.from({ length: count }, () => askOf(3, next++));
    const verdicts = await runTurns(router.url, asks, 32);
    expect(Object.keys(tally(verdicts)).filter((end) => end === "hung" || end === "invalid")).toEqual([]);
  };
  const settled = async (): Promise<NodeJS.MemoryUsage> => {
    // What was let go with the last answers is closed.
    await new Promise((later) => setTimeout(later, 1500));
    return router.memory();
  };
  // Code is compiled and pools are filled by then.
  await serve(turns / 10);
  const before = await settled();
  await serve(turns);
  const after = await settled();
  const megabytes = (key: "heapUsed" | "external" | "rss"): number => (after[key] - before[key]) / 1e6;
  tell(
    `${turns} turns: heap ${(after.heapUsed / 1e6).toFixed(1)} MB (${megabytes("heapUsed").toFixed(2)} more), ` +
      `resident ${(after.rss / 1e6).toFixed(1)} MB (${megabytes("rss").toFixed(1)} more)`,
  );
  expect(megabytes("heapUsed")).toBeLessThan(4);
  expect(megabytes("external")).toBeLessThan(2);
});
