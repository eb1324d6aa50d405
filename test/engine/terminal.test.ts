import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { expect, it } from "vitest";
import { captureIn, execIn } from "../../src/engine/terminal.ts";

/** A container in which a command ends at once. @param inspect what the engine says of it then @param onStart called as it is being started */
const containerOf = (
  inspect: () => Promise<object>,
  onStart: () => void = () => undefined,
): Docker.Container => {
  const output = new PassThrough();
  const start = (): Promise<PassThrough> => {
    onStart();
    return Promise.resolve(output);
  };
  return {
    exec: () => Promise.resolve({ start, inspect }),
    modem: { demuxStream: () => output.end().resume() },
  } as unknown as Docker.Container;
};

it("a command whose container was removed before the engine was asked of it has the status of one that was killed", async () => {
  const gone = Object.assign(new Error("no such exec"), { statusCode: 404 });
  expect(
    await captureIn(
      containerOf(() => Promise.reject(gone)),
      ["true"],
    ),
  ).toEqual({ status: 137, output: "" });
  const refused = new Error("connect ECONNREFUSED");
  await expect(
    captureIn(
      containerOf(() => Promise.reject(refused)),
      ["true"],
    ),
  ).rejects.toBe(refused);
});

it("a signal that comes while the command of a container is being started is told to it once it is there, and does not end us", async () => {
  const happened: string[] = [];
  const container = containerOf(
    () => Promise.resolve({ Running: false, ExitCode: 129 }),
    () => {
      process.emit("SIGHUP", "SIGHUP");
      happened.push("started");
    },
  );
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const before = process.listenerCount("SIGHUP");
  const status = await execIn(container, {
    command: ["true"],
    tty: false,
    streams,
    onSignal: (signal) => void happened.push(signal),
  });
  expect(status).toBe(129);
  expect(happened).toEqual(["started", "SIGHUP"]);
  expect(process.listenerCount("SIGHUP")).toBe(before);
});
