/** What is told of a container's end to whoever had a command in it. */
import type Docker from "dockerode";
import { expect, it } from "vitest";
import { endUnderCommand } from "../../src/engine/container-end.ts";

/** A container of which the engine says one thing after another, the last for good. */
const container = (...states: readonly object[]): Docker.Container => {
  let asked = 0;
  return {
    inspect: () => {
      const State = states[Math.min(asked++, states.length - 1)];
      return State === undefined
        ? Promise.reject(Object.assign(new Error("no such container"), { statusCode: 404 }))
        : Promise.resolve({ State });
    },
  } as unknown as Docker.Container;
};
const running = { Running: true, ExitCode: 0, OOMKilled: false };
const ended = (ExitCode: number, OOMKilled = false): object => ({ Running: false, ExitCode, OOMKilled });
const told = (status: number, ...states: readonly object[]): Promise<string | undefined> =>
  endUnderCommand(container(...states), status, "stack.fused.memory");

it("a shell that was thrown out by docker stop, docker kill or docker rm is told why", async () => {
  const stopped = "the container was ended, and this shell with it";
  expect(await told(137, running, ended(143))).toBe(stopped);
  expect(await told(137, ended(137))).toBe(stopped);
  expect(await told(137)).toBe(stopped);
});

it("a shell whose container ran out of memory is told what to raise, also where its own command alone was killed", async () => {
  const raise = "the container ran out of memory; raise stack.fused.memory";
  expect(await told(137, ended(137, true))).toBe(raise);
  expect(await told(137, ended(0, true))).toBe(raise);
});

it("a container that is stopped is not said to have run out of memory because something in it once did", async () => {
  expect(await told(137, ended(143, true))).toBe("the container was ended, and this shell with it");
});

it("a command that was killed by itself, or ended in another way, is not told of its container", async () => {
  expect(await told(137, running)).toBeUndefined();
  expect(await told(137, running, ended(0))).toBeUndefined();
  expect(await told(1, ended(143))).toBeUndefined();
});

it("an engine that no longer answers is no reason to say anything of the container", async () => {
  const silent = { inspect: () => Promise.reject(new Error("connect ECONNREFUSED")) };
  expect(await endUnderCommand(silent as unknown as Docker.Container, 137, "")).toBeUndefined();
});
