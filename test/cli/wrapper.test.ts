/** bin/switchyard: on which Node it starts, and what it asks before. */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../support/cli.ts";

describe("bin/switchyard", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-wrapper-"));
    for (const path of ["checkout/bin", "path"]) mkdirSync(join(folder, path), { recursive: true });
    copyFileSync(join(root, "bin/switchyard"), join(folder, "checkout/bin/switchyard"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program that says its version when asked, and else its name and its last two arguments. */
  const fakeNode = (place: string, name: string, version: string): void => {
    mkdirSync(join(folder, place), { recursive: true });
    const file = join(folder, place, "node");
    const lines = [
      "#!/bin/sh",
      `if [ "$1" = --version ]; then echo "${name}" >> "${folder}/asked"; echo v${version}; exit; fi`,
      `while [ $# -gt 2 ]; do shift; done`,
      `echo "${name} $*"`,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    chmodSync(file, 0o755);
  };
  const run = (command = join(folder, "checkout/bin/switchyard"), cwd = folder) =>
    spawnSync(command, ["status"], {
      cwd,
      encoding: "utf8",
      env: { PATH: `${join(folder, "path")}:/usr/bin:/bin` },
    });
  const askedAnyone = (): string => spawnSync("cat", [join(folder, "asked")], { encoding: "utf8" }).stdout;

  it("starts on the Node that npm brought, and never asks the machine's for its version", () => {
    fakeNode("path", "machine", "26.0.0");
    fakeNode("checkout/node_modules/.bin", "npm", "24.21.0");
    expect(run().stdout).toBe(`npm ${folder}/checkout/bin/start.mjs status\n`);
    expect(askedAnyone()).not.toContain("machine");
  });

  it("starts on the machine's where npm brought none", () => {
    fakeNode("path", "machine", "24.0.0");
    mkdirSync(join(folder, "checkout/node_modules"));
    expect(run().stdout).toBe(`machine ${folder}/checkout/bin/start.mjs status\n`);
    expect(askedAnyone()).toBe("machine\n");
  });

  it("says which Node it found where that is too old", () => {
    fakeNode("path", "machine", "20.19.0");
    mkdirSync(join(folder, "checkout/node_modules"));
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain(`needs Node 24 or later, found v20.19.0 at ${folder}/path/node`);
    expect(stderr).toContain(`'npm ci' in ${folder}/checkout (`);
  });

  it("says what to run where the dependencies are not installed", () => {
    fakeNode("path", "machine", "24.0.0");
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain(`Run: npm ci   (in ${folder}/checkout)`);
  });

  it("is found by a relative name, and through a link", () => {
    fakeNode("checkout/node_modules/.bin", "npm", "24.21.0");
    symlinkSync("../checkout/bin/switchyard", join(folder, "path/sy"));
    const inside = run("./switchyard", join(folder, "checkout/bin"));
    expect(inside.stdout).toBe(`npm ${folder}/checkout/bin/./start.mjs status\n`);
    const linked = run(join(folder, "path/sy"));
    expect(linked.stdout).toBe(`npm ${folder}/path/../checkout/bin/start.mjs status\n`);
  });
});
