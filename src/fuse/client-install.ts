/**
 * Finds Claude Code of the pinned version on the machine, or installs it from npm into a cache folder of the project.
 * The client is a native program in a package of its own for each platform; the main package's install script puts it in place.
 */
import { execFile } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import { cacheDir, type Environment } from "../shared/paths.ts";
import { runTool } from "./run-tool.ts";

export interface ClientInstallOptions {
  /** Exact version, such as 2.1.329. */
  readonly version: string;
  readonly env: Environment;
  /** Where progress is told, one line each. */
  readonly say: (line: string) => void;
}

/** On npm. */
export const packageName = "@anthropic-ai/claude-code";

/** First executable file of that name in PATH, or undefined. */
export const findInPath = (name: string, env: Environment): string | undefined => {
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    if (folder === "") continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return undefined;
};

/** The version that a client says it has, or undefined where it does not run or is something else. */
export const clientVersion = async (program: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(
      program,
      ["--version"],
      {
        timeout: 20_000,
        env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", DISABLE_UPDATES: "1" },
      },
      (error, stdout) => {
        const match = /^(\d+\.\d+\.\d+\S*) \(Claude Code\)/.exec(stdout);
        resolve(error === null ? match?.[1] : undefined);
      },
    );
  });

/**
 * Path of a client of exactly that version: the machine's own, else the one in the cache, else installed there.
 * Two shells that start at once do not disturb each other: each installs into a folder of its own, and the first to be done wins.
 * @throws SwitchyardError client.missing
 */
export const provideClient = async (options: ClientInstallOptions): Promise<string> => {
  const { version, env } = options;
  const own = findInPath("claude", env);
  if (own !== undefined && (await clientVersion(own)) === version) return realpathSync(own);

  const folder = join(cacheDir(env), `claude-code-${version}`);
  const program = clientProgram(folder);
  if (existsSync(program) && (await clientVersion(program)) === version) return program;

  const npm = findInPath("npm", env);
  if (npm === undefined) {
    throw new SwitchyardError("client.missing", {
      detail: `version ${version} is needed and npm is not installed`,
      hint: `Install npm, or put Claude Code ${version} itself into your PATH.`,
    });
  }
  options.say(`installing Claude Code ${version} from npm (once, about 400 MB) …`);
  const fresh = `${folder}.${process.pid}.${Date.now().toString(36)}`;
  // Nothing of it stays in the user's home: npm's cache and logs go with the folder.
  const cache = `${fresh}.npm`;
  const began = Date.now();
  try {
    mkdirSync(fresh, { recursive: true });
    writeFileSync(join(fresh, "package.json"), '{"name":"switchyard-client","private":true}\n');
    // npm's own handling of install scripts differs from version to version (npm 11 warns, later ones refuse):
    // none is run by it, and the one that is needed is run by us.
    await runTool(
      npm,
      [
        // Not `--prefix`: with it npm no longer finds the machine's own settings (a mirror, a CA file). The package.json
        // beside it makes this folder the project.
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-save",
        `--cache=${cache}`,
        "--loglevel=error",
        `${packageName}@${version}`,
      ],
      fresh,
      env,
    );
    await runTool(process.execPath, ["install.cjs"], join(fresh, "node_modules", packageName), env);
    const found = await clientVersion(clientProgram(fresh));
    if (found !== version) {
      throw new Error(
        found === undefined ? "the installed program does not run on this machine" : `npm installed ${found}`,
      );
    }
    await moveIntoPlace(fresh, folder, version);
  } catch (error) {
    throw new SwitchyardError("client.missing", {
      detail: `version ${version}: ${messageOf(error)}`,
      cause: error,
    });
  } finally {
    for (const folder of [fresh, cache]) rmSync(folder, { recursive: true, force: true });
  }
  options.say(`installed in ${Math.round((Date.now() - began) / 1000)} s: ${folder}`);
  return program;
};

const clientProgram = (folder: string): string => join(folder, "node_modules", ".bin", "claude");

/** Renames `fresh` to `folder`. One that is there and works was put there by somebody faster, and stays. */
const moveIntoPlace = async (fresh: string, folder: string, version: string): Promise<void> => {
  try {
    renameSync(fresh, folder);
  } catch {
    if ((await clientVersion(clientProgram(folder))) === version) return;
    // What is there is broken: an install that was interrupted in an older way, or a damaged disk.
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
};
