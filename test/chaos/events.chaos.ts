/** A provider that dies behind every single event of its stream, in every form and towards every form of client. */
import { afterEach, expect, it } from "vitest";
import { complaints, models, runTurns, startWorld, tally, type World } from "./support/campaign.ts";
import { tell } from "./support/tell.ts";
import { clientForms, type Ask } from "./support/turn.ts";

let world: World | undefined;
afterEach(() => world?.close());

/** At least as many events as a stream of each dialect has; beyond its length the last but one counts. */
const longest: Readonly<Record<string, number>> = {
  chat: 50,
  responses: 60,
  raw: 16,
  relayed: 16,
  gemini: 6,
};

/** The first provider dies behind each event but the last: by a reset, by a clean end, and with an error. */
const everyDeath = (): Ask[] => {
  const asks: Ask[] = [];
  for (const model of models)
    for (const form of clientForms)
      for (const fault of ["resetAtEvent", "endAtEvent", "errorAtEvent"])
        for (let at = 0; at < longest[model.split("-")[0]!]!; at++)
          asks.push({ form, stream: true, model, order: { turn: String(asks.length), fault, on: "a", at } });
  return asks;
};

it("a provider that dies behind any event of its stream: the turn is answered by the next, or ends with an error", async () => {
  world = await startWorld({ seed: 1, share: 0, breakAfter: 1000 });
  const asks = everyDeath();
  const verdicts = await runTurns(world.router.url, asks, 16);
  expect(await complaints(world, verdicts)).toEqual([]);
  const ends = tally(verdicts);
  expect(asks.length).toBe(1776);
  // Where nothing of the answer was shown yet, the next provider gave one.
  tell(`every death: ${JSON.stringify(ends)}`);
  expect(ends["done"]).toBeGreaterThan(60);
  expect(ends["cut"]).toBeGreaterThan(300);
  // What failed had shown its reasoning: its stream had begun.
  expect(verdicts.filter(({ end, status }) => end === "failed" && status !== 200)).toEqual([]);
});
