/** Finds LiteLLM of the pinned version in a cache folder of the project, or installs it there from PyPI, into an environment of its own. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { messageOf, SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { cacheDir, type Environment } from "../shared/paths.ts";
import { findInPath } from "./client-install.ts";
import { runTool } from "./run-tool.ts";
import { tellWaiting } from "../shared/waiting.ts";

export interface LitellmInstallOptions {
  /** Exact version, such as 1.102.4. */
  readonly version: string;
  /** The pinned packages: images/litellm/requirements.txt of the checkout. */
  readonly requirements: string;
  readonly env: Environment;
  /** Where progress is told, one line each. */
  readonly say: (line: string) => void;
  /** For an installed LiteLLM's Python to say what it is. Milliseconds; by default two minutes. */
  readonly patience?: number;
}

/** The pinned packages are those of Python 3.11: an earlier one needs more. */
const oldest = 11;
const needed = `Python 3.${oldest} or later with its venv module`;

const missing = (detail: string, hint?: string, cause?: unknown): SwitchyardError =>
  new SwitchyardError("litellm.missing", { detail, ...(hint !== undefined && { hint }), cause });

/** A Python on a machine under load, or from a cold disk, takes long to begin. Milliseconds. */
const usualPatience = 120_000;

/** What `program -c code` prints; `late` where it has not in time, undefined where it does not run or fails. */
const ask = async (
  program: string,
  code: string,
  patience = usualPatience,
): Promise<{ readonly said?: string; readonly late: boolean }> => {
  try {
    // Without the packages: it is there at once.
    const { stdout } = await promisify(execFile)(program, ["-I", "-S", "-c", code], { timeout: patience });
    return { said: stdout.trim(), late: false };
  } catch (error) {
    return { late: (error as { killed?: boolean }).killed === true };
  }
};

/** Of a Python, as `3.11`. */
const versionOf = "import sys; print('%d.%d' % sys.version_info[:2])";

/** The machine's Python. @throws SwitchyardError litellm.missing */
const findPython = async (env: Environment): Promise<string> => {
  const names = ["python3", "python3.13", "python3.12", "python3.11"];
  const found = names.flatMap((name) => findInPath(name, env) ?? []);
  if (found.length === 0) {
    throw missing(
      `${needed} is needed, and python3 is not installed`,
      "Install it (on Debian: apt-get install python3 python3-venv), or use --runtime docker.",
    );
  }
  const versions: string[] = [];
  for (const python of found) {
    const { said: version } = await ask(python, versionOf);
    const minor = Number(/^3\.(\d+)$/.exec(version ?? "")?.[1] ?? 0);
    if (minor >= oldest) return python;
    versions.push(version ?? "one that does not run");
  }
  throw missing(
    `${needed} is needed, and this machine's is ${versions.join(", ")}`,
    "Install a later one, or use --runtime docker.",
  );
};

/** What pip is to install: the pinned packages, or for another version than the pinned one what that asks for itself (as the image). */
const packages = (version: string, requirements: string, text: string): readonly string[] =>
  text.split("\n").some((line) => line.split(" ", 1)[0] === `litellm==${version}`)
    ? ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", requirements]
    : [`litellm[proxy]==${version}`];

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
};

/**
 * True where an environment has LiteLLM of exactly that version for its Python. The packages are looked at as files, since nothing of LiteLLM
 * need be loaded for that; its Python is asked what it is, as the machine's may be gone or another by now. One that is too busy to say is believed:
 * a fresh installation would take longer.
 */
const holds = async (folder: string, { version, patience }: LitellmInstallOptions): Promise<boolean> => {
  const lib = join(folder, "lib");
  const having = list(lib).filter((name) =>
    existsSync(join(lib, name, "site-packages", `litellm-${version}.dist-info`)),
  );
  const python = pythonOf(folder);
  if (having.length === 0 || !existsSync(python)) return false;
  const { said, late } = await ask(python, versionOf, patience);
  return late || having.some((name) => /\d+\.\d+/.exec(name)?.[0] === said);
};

const pythonOf = (folder: string): string => join(folder, "bin", "python");

/** The first of a row of folders that works or is not there yet. One that no longer works stays: what runs in it loads from it still. */
const place = async (
  first: string,
  options: LitellmInstallOptions,
): Promise<{ readonly folder: string; readonly there: boolean; readonly broken: readonly string[] }> => {
  const broken: string[] = [];
  for (let folder = first; ; folder = `${first}-${broken.length + 1}`) {
    if (!existsSync(folder)) return { folder, there: false, broken };
    if (await holds(folder, options)) return { folder, there: true, broken };
    broken.push(folder);
  }
};

/**
 * The Python of an environment with LiteLLM of exactly that version: the one in the cache, else installed there. Two shells
 * that start at once do not disturb each other: each installs into a folder of its own, and the first to be done wins.
 * @throws SwitchyardError litellm.missing
 */
export const provideLitellm = async (options: LitellmInstallOptions): Promise<string> => {
  const { version, requirements, env } = options;
  const text = readFileSync(requirements, "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 6);
  const first = join(cacheDir(env), `litellm-${version}-${hash}`);
  const { folder, there, broken } = await place(first, options);
  if (there) return pythonOf(folder);
  for (const each of broken)
    options.say(`${each} no longer works, and stays in case something uses it; it can be deleted`);

  const base = await findPython(env);
  const { said, late } = await ask(base, "import venv, ensurepip; print('both')");
  if (said === undefined && !late) {
    throw missing(
      `${needed} is needed, and ${base} has no venv module`,
      "Install it (on Debian: apt-get install python3-venv), or use --runtime docker.",
    );
  }
  options.say(`installing LiteLLM ${version} from PyPI (once, about 400 MB) …`);
  const fresh = `${folder}.${process.pid}.${Date.now().toString(36)}`;
  // Nothing of it stays in the user's home.
  const cache = `${fresh}.pip`;
  const began = Date.now();
  let installed = folder;
  const stopTelling = tellWaiting("LiteLLM is being installed", options.say);
  try {
    mkdirSync(dirname(fresh), { recursive: true });
    // pip asks rustc for its version, and rustup would leave a folder in the home.
    const quiet = { ...env, RUSTUP_HOME: cache };
    await runTool(base, ["-m", "venv", fresh], dirname(fresh), quiet);
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
    const source = ["--cache-dir", cache, ...packages(version, requirements, text)];
    await runTool(join(fresh, "bin", "python"), [...pip, ...source], fresh, quiet);
    if (!(await holds(fresh, options))) throw new Error("what pip installed is another version");
    installed = await moveIntoPlace(fresh, first, options);
  } catch (error) {
    throw missing(`version ${version}: ${messageOf(error)}`, undefined, error);
  } finally {
    stopTelling();
    for (const each of [fresh, cache]) rmSync(each, { recursive: true, force: true });
  }
  options.say(`installed in ${Math.round((Date.now() - began) / 1000)} s: ${installed}`);
  return pythonOf(installed);
};

/**
 * Renames `fresh` to the first place that is free: its Python finds its packages from where it lies. Where another shell was done before, that
 * one's is taken. @returns where it is
 */
const moveIntoPlace = async (
  fresh: string,
  first: string,
  options: LitellmInstallOptions,
): Promise<string> => {
  for (;;) {
    const { folder, there } = await place(first, options);
    if (there) return folder;
    try {
      renameSync(fresh, folder);
      return folder;
    } catch (error) {
      // Somebody came between.
      if (systemCodeOf(error) !== "ENOTEMPTY" && systemCodeOf(error) !== "EEXIST") throw error;
    }
  }
};
