/** `make logs`, with a `switchyard` that prints what it is given. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../support/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard make, with spaces "));
  copyFileSync(join(root, "Makefile"), join(folder, "Makefile"));
  for (const name of ["bin", "node_modules"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "package-lock.json"), "{}");
  writeFileSync(join(folder, "node_modules/.package-lock.json"), "");
  writeFileSync(join(folder, "bin/switchyard"), `#!/bin/sh\nprintf '%s\\n' "$@"\n`);
  chmodSync(join(folder, "bin/switchyard"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const logs = (...variables: string[]): string[] => {
  const { MAKEFLAGS: _flags, MAKELEVEL: _level, ...env } = process.env;
  const args = ["-C", folder, "-s", "--no-print-directory", "logs", ...variables];
  return execFileSync("make", args, { encoding: "utf8", env }).trimEnd().split("\n");
};

describe("make logs", () => {
  it("alone shows all services", () => {
    expect(logs()).toEqual(["logs"]);
  });

  it("SERVICE, SINCE and FOLLOW become options", () => {
    expect(logs("SERVICE=litellm", "SINCE=10m", "FOLLOW=1")).toEqual([
      "logs",
      "--service",
      "litellm",
      "--since",
      "10m",
      "--follow",
    ]);
  });

  it("SERVICE may name several, and nothing in it is the shell's or make's", () => {
    expect(logs("SERVICE=router * $(pwd)", "CONFIG=my file.yaml", "FOLLOW=0")).toEqual([
      "logs",
      "--service",
      "router",
      "--service",
      "*",
      "--service",
      "$(pwd)",
      "--config",
      "my file.yaml",
    ]);
  });
});
