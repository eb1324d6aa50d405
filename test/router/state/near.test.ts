/** Workers take keys by themselves where they can, and what is counted, rests and is chosen is as if each had asked. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clearCooldowns } from "../../../src/router/keys/clear.ts";
import { giveKey } from "../../../src/router/keys/give.ts";
import { takeKey } from "../../../src/router/keys/take.ts";
import type { KeyResult, KeyTerms, TakeArgs, Taken } from "../../../src/router/keys/terms.ts";
import { listState, type StateRow } from "../../../src/router/keys/view.ts";
import { openState } from "../../../src/router/state/shared.ts";
import { createMemoryState } from "../../../src/router/state/memory.ts";
import type { RouterState } from "../../../src/router/state/state.ts";
import { listSwitchedOff, switchProvider } from "../../../src/router/switches/commands.ts";
import { failed, limited, released, served } from "../../support/key-results.ts";
import { hour, terms } from "../../support/state.ts";

const log = { warn: () => undefined, info: () => undefined };
const two = [terms("a"), terms("b")];

let folder: string;
let holder: RouterState;
let workers: RouterState[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-near-"));
  const file = join(folder, "state.json");
  holder = await openState({ file, log });
  workers = [];
  for (let i = 0; i < 2; i++) {
    const worker = await openState({ file, log, near: true });
    // Their copies come a moment after they were let in.
    while ((await take(worker)).lease.startsWith("lease")) await worker.call(listSwitchedOff, {});
    workers.push(worker);
  }
});
afterEach(async () => {
  for (const worker of workers) await worker.close();
  await holder.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = (state: RouterState, more: Partial<TakeArgs> = {}): Promise<Taken> =>
  state.call(takeKey, {
    provider: "p",
    model: "m",
    keys: [terms("a")],
    strategy: "round-robin",
    conversation: undefined,
    tokens: 5,
    tried: [],
    ...more,
  });
const take = async (state: RouterState, more: Partial<TakeArgs> = {}) => {
  const taken = await ask(state, { provider: "begin", ...more });
  if (taken.kind !== "taken") throw new Error(`nothing is free: ${JSON.stringify(taken)}`);
  return taken;
};
const give = (state: RouterState, lease: string, result: KeyResult): Promise<void> =>
  state.call(giveKey, { lease, result });
const rowsOf = async (state: RouterState, keys: readonly KeyTerms[] = two): Promise<readonly StateRow[]> =>
  (await state.call(listState, { providers: [{ provider: "p", keys }] })).rows;
const all = (): Promise<unknown> => Promise.all(workers.map((worker) => worker.together()));

it("turns of a worker are under way and used where all is known, once it has told", async () => {
  const [one] = workers;
  const first = await take(one!, { provider: "p" });
  const second = await take(one!, { provider: "p" });
  await give(one!, first.lease, served(40));
  await all();
  expect((await rowsOf(holder))[0]).toMatchObject({ inFlight: 1, requests: 2, tokens: 45 });
  await give(one!, second.lease, released);
  await all();
  expect((await rowsOf(holder))[0]).toMatchObject({ inFlight: 0, requests: 2, tokens: 45 });
});

it("what a worker tells late is told by itself", async () => {
  const { lease } = await take(workers[0]!, { provider: "p" });
  await give(workers[0]!, lease, served(40));
  await expect.poll(async () => (await rowsOf(holder))[0]?.tokens).toBe(40);
});

it("a key that one worker is refused rests for the other, until somebody ends it", async () => {
  const [one, other] = workers;
  const { lease } = await take(one!, { provider: "p" });
  const until = Date.now() + hour;
  await give(one!, lease, limited(until));
  await all();
  expect(await ask(other!)).toEqual({ kind: "cooling", until, reason: "rateLimited" });
  await holder.call(clearCooldowns, { provider: "p", model: undefined });
  await all();
  expect(await ask(other!)).toMatchObject({ kind: "taken", probe: false });
});

it("a failure is forgotten when another worker is served", async () => {
  const [one, other] = workers;
  await give(one!, (await take(one!, { provider: "p" })).lease, failed());
  await all();
  expect((await rowsOf(holder)).map(({ failures }) => failures)).toContain(1);
  await give(other!, (await take(other!, { provider: "p" })).lease, served());
  await all();
  expect((await rowsOf(holder)).map(({ failures }) => failures)).toEqual([0, 0]);
});

it("limits of a key are kept by both together", async () => {
  const [one, other] = workers;
  const keys = [terms("a", { concurrent: 1 })];
  const { lease } = await take(one!, { provider: "p", keys });
  expect(await ask(other!, { keys })).toMatchObject({ kind: "busy" });
  await give(one!, lease, released);
  expect(await ask(other!, { keys })).toMatchObject({ kind: "taken" });
});

it("a conversation stays on its key, whichever worker it comes to, and moves with it", async () => {
  const [one, other] = workers;
  const talk = { provider: "p", keys: two, conversation: "c" };
  const first = await take(one!, talk);
  await give(one!, first.lease, served());
  expect((await take(other!, talk)).key).toBe(first.key);
  expect((await take(other!, talk)).lease).toMatch(/^near /);
  const next = await take(one!, talk);
  await give(one!, next.lease, limited(Date.now() + hour));
  const moved = await take(one!, talk);
  expect(moved.key).not.toBe(first.key);
  await all();
  await holder.call(clearCooldowns, { provider: "p", model: undefined });
  await all();
  expect((await take(other!, talk)).key).toBe(moved.key);
});

it("a provider that is switched off serves in no worker", async () => {
  await holder.call(switchProvider, { provider: "p", on: false });
  await all();
  for (const worker of workers) {
    expect((await worker.call(listSwitchedOff, {})).map(([name]) => name)).toEqual(["p"]);
    expect(await ask(worker)).toEqual({ kind: "none" });
  }
});

it("what a worker held is free when it ends", async () => {
  const one = workers.shift()!;
  await take(one, { provider: "p" });
  await one.together();
  expect((await rowsOf(holder))[0]?.inFlight).toBe(1);
  await one.close();
  await expect.poll(async () => (await rowsOf(holder))[0]?.inFlight).toBe(0);
});

const results = fc.constantFrom(served(0), served(17, 3), released, failed(), limited());
const turns = fc.array(fc.record({ worker: fc.nat(1), key: fc.constantFrom("a", "b"), result: results }), {
  maxLength: 30,
});

it("whatever comes of turns, all stands as if one process had served them", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(turns, async (each) => {
      const alone = createMemoryState({ log });
      const provider = `p${round++}`;
      for (const { worker, key, result } of each)
        for (const state of [workers[worker]!, alone]) {
          const taken = await ask(state, { provider, keys: [terms(key)] });
          if (taken.kind === "taken") await give(state, taken.lease, result);
          await all();
        }
      const standing = async (state: RouterState): Promise<unknown> =>
        (await state.call(listState, { providers: [{ provider, keys: two }] })).rows.map(
          ({ until: _until, ...row }) => row,
        );
      expect(await standing(holder)).toEqual(await standing(alone));
      await alone.close();
    }),
    { numRuns: 40 },
  );
});
