/** A user's project, home and configuration in a folder of their own; and the switchyard command run in it. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isScrubbedName } from "../../../src/fuse/client-settings.ts";

export const root = resolve(import.meta.dirname, "../../..");

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Project {
  folder: string;
  workspace: string;
  home: string;
  config: string;
  /** What `switchyard` is run with. */
  env: Readonly<Record<string, string>>;
  /** Runs `bin/switchyard …` with this home, configuration and state. */
  switchyard(
    args: string[],
    options?: { env?: Record<string, string>; input?: string; timeout?: number },
  ): Promise<Finished>;
  remove(): void;
}

/** @param yaml the user's configuration */
export const project = (yaml: string): Project => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-e2e-"));
  chmodSync(folder, 0o755);
  const at = (name: string): string => join(folder, name);
  for (const name of ["workspace", "home"]) mkdirSync(at(name));
  writeFileSync(at("switchyard.yaml"), yaml);
  return {
    folder,
    workspace: at("workspace"),
    home: at("home"),
    config: at("switchyard.yaml"),
    env: environment(folder),
    switchyard: (args, options = {}) =>
      run(join(root, "bin/switchyard"), args, {
        ...options,
        cwd: at("workspace"),
        env: { ...environment(folder), ...options.env },
      }),
    remove: () =>
      // What it started may write its last words yet.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
};

/** This machine's environment without credentials and without anything that leads to the real user's home. */
const environment = (folder: string): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !isScrubbedName(name, false)) kept[name] = value;
  }
  return {
    ...kept,
    HOME: join(folder, "home"),
    XDG_CONFIG_HOME: join(folder, "home/.config"),
    SWITCHYARD_STATE_DIR: join(folder, "state"),
    // The client is 377 MB: one copy serves all tests.
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "/root", ".cache"),
  };
};

/** Runs a program to its end and keeps what it prints. */
export const run = (
  program: string,
  args: string[],
  options: { cwd: string; env: Record<string, string>; input?: string; timeout?: number },
): Promise<Finished> =>
  new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(options.input ?? "");
    const timer = setTimeout(() => {
      child.kill("SIGTERM");
      stderr += "\n[the test ended it: it took too long]";
    }, options.timeout ?? 120_000);
    child.on("error", fail);
    child.on("close", (status) => {
      clearTimeout(timer);
      done({ status, stdout, stderr });
    });
  });
