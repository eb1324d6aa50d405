import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { finished, runs, untilPrinted } from "../support/cli.ts";

const source = resolve(import.meta.dirname, "../../src/fuse/run-client.ts");

/** Runs a command in the foreground on a machine so busy that the command is under way for half a second before we hear that it was started. */
const program = `
  import child_process from "node:child_process";
  import { syncBuiltinESMExports } from "node:module";
  const { spawn } = child_process;
  child_process.spawn = (...args) => {
    const child = spawn(...args);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    return child;
  };
  syncBuiltinESMExports();
  const { runInForeground } = await import(${JSON.stringify(source)});
  const args = ["-c", "echo $$; sleep 600"];
  process.exit(await runInForeground({ program: "/bin/sh", args, cwd: "/", env: process.env, say: console.error }));`;

it.each(["SIGTERM", "SIGHUP"] as const)(
  "%s while the command is being started does not leave it behind",
  async (signal) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = finished(child);
    const [, pid] = await untilPrinted(child, "stdout", /^(\d+)\n/);
    child.kill(signal);
    const { status, signal: endedBy } = await end;
    expect([status, endedBy]).toEqual([signal === "SIGTERM" ? 143 : 129, null]);
    expect(runs(Number(pid))).toBe(false);
  },
);
