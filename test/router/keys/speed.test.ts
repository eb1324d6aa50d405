import { expect, it } from "vitest";
import { measuredSpeed } from "../../../src/router/keys/speed.ts";
import { failed, served } from "../../support/key-results.ts";
import { hour, second, TestState } from "../../support/state.ts";

it("the time to the first token is the average of the first few, then follows what is measured", async () => {
  const s = new TestState();
  const speed = async (): Promise<number | null | undefined> =>
    (await s.state.call(measuredSpeed, { targets: ["p,other", "p,m"] }))[1];
  expect(await speed()).toBeNull();
  for (const time of [900, 300, 600]) await s.turn(served(0, time));
  expect(await speed()).toBeCloseTo(600);
  for (let i = 0; i < 40; i++) await s.turn(served(0, 2_000));
  expect(await speed()).toBeGreaterThan(1_950);
  // What never began says nothing of its speed.
  await s.turn(served(0, undefined));
  await s.turn(failed({ cools: "nothing" }));
  expect(await speed()).toBeGreaterThan(1_950);
  expect((await s.state.call(measuredSpeed, { targets: ["p,other"] }))[0]).toBeNull();
});

it("a target that was slow gets another chance after half an hour in which nobody asked it", async () => {
  const s = new TestState();
  await s.turn(served(0, 9_000));
  s.now += hour / 2 - second;
  expect(await s.state.call(measuredSpeed, { targets: ["p,m"] })).toEqual([9_000]);
  s.now += second;
  expect(await s.state.call(measuredSpeed, { targets: ["p,m"] })).toEqual([null]);
});
