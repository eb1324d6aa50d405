/** Runs `bin/switchyard` as a user would, with a home of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isScrubbedName } from "../../src/fuse/client-settings.ts";

export const root = resolve(import.meta.dirname, "../..");
export const switchyard = join(root, "bin/switchyard");

export interface Finished {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Sandbox {
  folder: string;
  home: string;
  workspace: string;
  state: string;
  env: Record<string, string>;
  /** Writes an executable file into the sandbox's own `bin`, which is first in PATH. */
  program(name: string, text: string): string;
  start(args: string[], options?: { env?: Record<string, string> }): ChildProcess;
  run(args: string[], options?: { env?: Record<string, string>; input?: string }): Promise<Finished>;
  remove(): void;
}

/** A user with an empty home, an empty workspace and a state folder. */
export const sandbox = (): Sandbox => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-cli-"));
  const at = (name: string): string => join(folder, name);
  for (const name of ["home", "workspace", "bin"]) mkdirSync(at(name));
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !isScrubbedName(name, false) && !name.startsWith("XDG_"))
      inherited[name] = value;
  }
  const env: Record<string, string> = {
    ...inherited,
    HOME: at("home"),
    SWITCHYARD_STATE_DIR: at("state"),
    XDG_CACHE_HOME: at("cache"),
    // No engine answers here: what these tests see must not depend on the machine's.
    DOCKER_HOST: `unix://${at("no-engine.sock")}`,
    PATH: `${at("bin")}:${process.env["PATH"] ?? ""}`,
  };
  const start: Sandbox["start"] = (args, options = {}) =>
    spawn(switchyard, args, {
      cwd: at("workspace"),
      env: { ...env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
  return {
    folder,
    home: at("home"),
    workspace: at("workspace"),
    state: at("state"),
    env,
    program: (name, text) => {
      const file = join(folder, "bin", name);
      writeFileSync(file, text);
      chmodSync(file, 0o755);
      return file;
    },
    start,
    run: (args, options = {}) => {
      const child = start(args, options);
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(options.input ?? "");
      return finished(child);
    },
    // What has just ended may have written its last file in between.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
};

/** Everything that a process prints, once it has ended. */
export const finished = (child: ChildProcess): Promise<Finished> =>
  new Promise((done, fail) => {
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", fail);
    child.once("close", (status, signal) => done({ status, signal, stdout, stderr }));
  });

/** Resolves with the first match in what a stream of a process prints. */
export const untilPrinted = (
  child: ChildProcess,
  from: "stdout" | "stderr",
  pattern: RegExp,
): Promise<RegExpExecArray> =>
  new Promise((done, fail) => {
    let text = "";
    child[from]?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      const match = pattern.exec(text);
      if (match) done(match);
    });
    child.once("close", () => fail(new Error(`it ended without ${String(pattern)}; it printed: ${text}`)));
  });

/** A `claude` that prints what it was given, as JSON: its arguments, its settings file, its environment. */
export const fakeClaude = (version = "2.1.329"): string => `#!/bin/sh
if [ "$1" = --version ]; then echo "${version} (Claude Code)"; exit 0; fi
exec node -e '
const fs = require("node:fs");
const args = process.argv.slice(1);
const file = args[args.indexOf("--settings") + 1];
console.log(JSON.stringify({ args, file, settings: JSON.parse(fs.readFileSync(file, "utf8")), env: process.env, cwd: process.cwd() }));
' -- "$@"
`;

/** A `claude` that prints what the router answers to one message. @param turn lines of a shell before that */
export const askingClaude = (version: string, turn = ""): string => `#!/bin/sh
if [ "$1" = --version ]; then echo "${version} (Claude Code)"; exit 0; fi
${turn}
exec node -e '
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key } = process.env;
const body = JSON.stringify({ model: "claude-sonnet-4-5", max_tokens: 50, messages: [{ role: "user", content: "hi" }] });
fetch(url + "/v1/messages", { method: "POST", body, headers: { "x-api-key": key, "content-type": "application/json" } })
  .then((answer) => answer.text()).then((text) => console.log(text));
'
`;

/** What the one that prints what it was given has printed. */
export interface ClientGiven {
  readonly args: string[];
  readonly file: string;
  readonly settings: { readonly env: Record<string, string> };
  readonly env: Record<string, string>;
  readonly cwd: string;
}

export const clientGiven = (stdout: string): ClientGiven => JSON.parse(stdout) as ClientGiven;

/** A sandbox with such a client in its PATH. */
export const clientSandbox = (): Sandbox => {
  const own = sandbox();
  own.program("claude", fakeClaude());
  return own;
};

/** Every file below a folder, by its path there. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

/** True while a process runs; a zombie, which only waits for somebody to ask after it, does not count. */
export const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    // It has ended since; or there is no /proc, and the signal's answer must do.
    return !existsSync("/proc/self");
  }
};

/** Waits until something is so. @param patience milliseconds after which it is given up */
export const until = async (
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  patience = 10_000,
): Promise<void> => {
  for (const end = Date.now() + patience; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`it never came: ${typeof what === "string" ? what : what()}`);
};
