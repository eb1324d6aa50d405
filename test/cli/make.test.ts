/** The Makefile, with a `switchyard` that prints what it is given. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../support/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard make, with spaces "));
  copyFileSync(join(root, "Makefile"), join(folder, "Makefile"));
  for (const name of ["bin", "node_modules", "tools"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "package-lock.json"), "{}");
  writeFileSync(join(folder, "node_modules/.package-lock.json"), "");
  writeFileSync(
    join(folder, "bin/switchyard"),
    `#!/bin/sh\nexec node -e 'console.log(JSON.stringify({args: process.argv.slice(1), env: process.env}))' -- "$@"\n`,
  );
  chmodSync(join(folder, "bin/switchyard"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Given {
  args: string[];
  env: Record<string, string>;
}

const make = (...args: string[]): Given => {
  const { MAKEFLAGS: _flags, MAKELEVEL: _level, ...env } = process.env;
  const out = execFileSync("make", ["-C", folder, "-s", "--no-print-directory", ...args], {
    encoding: "utf8",
    env,
  });
  return JSON.parse(out) as Given;
};

describe("the targets of the stack", () => {
  it.each([
    [
      ["up", "WORKSPACE=/some/where $x"],
      ["up", "--workspace", "/some/where $x"],
    ],
    [["shell"], ["shell", "stack"]],
    [
      ["shell", "CMD=claude -p 'hi'"],
      ["shell", "stack", "--", "claude -p 'hi'"],
    ],
    [["switch-to-router"], ["switch", "router"]],
    [
      ["switch-to-litellm", "RECREATE=1", "FORCE=1"],
      ["switch", "litellm", "--recreate", "--force"],
    ],
    [
      ["switch-to-litellm", "RECREATE=0"],
      ["switch", "litellm"],
    ],
    [
      ["down", "CONFIG=my file.yaml"],
      ["down", "--config", "my file.yaml"],
    ],
    [["clean"], ["clean"]],
    [
      ["clean", "YES=1"],
      ["clean", "--yes"],
    ],
    [["clean", "YES=0"], ["clean"]],
    [["ps"], ["status"]],
  ])("make %j", (given, args) => {
    expect(make(...given).args).toEqual(args);
  });

  it("the shell does not inherit make's own variables", () => {
    const { env } = make("shell", "CMD=env");
    expect(Object.keys(env).filter((name) => /^(SWITCHYARD_MAKE_|MAKE|MFLAGS|CMD$)/.test(name))).toEqual([]);
  });
});

describe("make shell-router", () => {
  it.each([
    'claude -p "say hi"',
    "echo $HOME $$ ${X:-y} $(pwd) `id` $(value x)",
    `it's "quoted" 'and' \\"escaped\\" \\\\`,
    "a, (b) [c] {d} # not a comment % * ? ; | & < >",
    "first line\nsecond line",
    "-p looks-like-an-option",
    "日本語 🚂",
    "trailing   ",
  ])("CMD=%j arrives whole, as one word", (cmd) => {
    expect(make("shell-router", `CMD=${cmd}`).args.slice(-2)).toEqual(["--", cmd]);
  });

  it("without CMD it opens a shell in ./workspace of the checkout", () => {
    expect(make("shell-router").args).toEqual(["shell", "router", "--workspace", join(folder, "workspace")]);
  });

  it("WORKSPACE, CONFIG and RUNTIME become options", () => {
    const { args } = make("shell-router", "WORKSPACE=/some/where $x", "CONFIG=my file.yaml", "RUNTIME=host");
    expect(args).toEqual([
      "shell",
      "router",
      "--workspace",
      "/some/where $x",
      "--config",
      "my file.yaml",
      "--runtime",
      "host",
    ]);
  });

  it("nothing of make is left in the environment of the shell", () => {
    const { env } = make("shell-router", "CMD=true", "WORKSPACE=/w");
    const left = Object.keys(env).filter((name) =>
      /^(MAKE|MFLAGS|SWITCHYARD_MAKE|CMD$|WORKSPACE$)/.test(name),
    );
    expect(left).toEqual([]);
  });
});

it("make shell-litellm takes the same, for LiteLLM", () => {
  const { args } = make("shell-litellm", "WORKSPACE=/w", "RUNTIME=host", 'CMD=claude -p "$HOME"');
  expect(args).toEqual([
    "shell",
    "litellm",
    "--workspace",
    "/w",
    "--runtime",
    "host",
    "--",
    'claude -p "$HOME"',
  ]);
});

describe("make", () => {
  it("alone lists every target with its help", () => {
    const { MAKEFLAGS: _flags, ...env } = process.env;
    const out = execFileSync("make", ["-C", folder, "-s", "--no-print-directory"], { encoding: "utf8", env });
    for (const target of [
      "shell-router",
      "shell-litellm",
      "logs",
      "engine",
      "check",
      "test",
      "chaos",
      "bench",
      "help",
    ]) {
      expect(out).toMatch(new RegExp(`^  make ${target} +\\S`, "m"));
    }
  });

  it("says plainly that npm is missing, and does not go on", () => {
    utimesSync(join(folder, "node_modules/.package-lock.json"), 0, 0);
    // The few tools that make needs, and no npm.
    const made = spawnSync("/bin/sh", ["-c", 'exec "$0" "$@"', "make", "-C", folder, "-s", "shell-router"], {
      encoding: "utf8",
      env: { PATH: withoutNpm(join(folder, "tools")) },
    });
    utimesSync(join(folder, "node_modules/.package-lock.json"), new Date(), new Date());
    expect(made.status).toBe(2);
    expect(made.stdout).toBe("");
    expect(made.stderr).toContain("npm is not installed");
  });
});

/** A folder with links to a few programs, as a PATH. */
const withoutNpm = (tools: string): string => {
  for (const name of ["sh", "make", "touch"]) {
    const real = execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    writeFileSync(join(tools, name), `#!/bin/sh\nexec ${real} "$@"\n`);
    chmodSync(join(tools, name), 0o755);
  }
  return tools;
};
