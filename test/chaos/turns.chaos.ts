/** Thousands of turns with faults by chance. SEED=n runs the same again, TURNS=n sets how many of each share. */
import { describe, expect, it } from "vitest";
import { tell } from "./support/tell.ts";
import { askOf, complaints, runTurns, startWorld, tally } from "./support/campaign.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const turns = Number(process.env["TURNS"] ?? 3000);

describe(`faults by chance (SEED=${seed})`, () => {
  for (const share of [0.1, 0.3, 0.5])
    it(`${turns} turns at ${share * 100} % faults: each is answered whole or told why not, once, and the log says the same`, async () => {
      const world = await startWorld({ seed, share });
      try {
        const asks = Array.from({ length: turns }, (_, n) => askOf(seed, n));
        const verdicts = await runTurns(world.router.url, asks, 32);
        const ends = tally(verdicts);
        tell(`SEED=${seed}, ${share * 100} % faults: ${JSON.stringify(ends)}`);
        expect(await complaints(world, verdicts), `SEED=${seed}`).toEqual([]);
        expect(ends["done"]).toBeGreaterThan(turns * 0.75);
      } finally {
        await world.close();
      }
    });
});
