/** Finds LiteLLM of the pinned version in a cache folder of the project, or installs it there from PyPI, into an environment of its own. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
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
}

/** The pinned packages are those of Python 3.11: an earlier one needs more. */
const oldest = 11;
const needed = `Python 3.${oldest} or later with its venv module`;

const missing = (detail: string, hint?: string, cause?: unknown): SwitchyardError =>
  new SwitchyardError("litellm.missing", { detail, ...(hint !== undefined && { hint }), cause });

/** What `program -c code` prints, or undefined where it does not run or fails. */
const ask = async (program: string, code: string): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(program, ["-I", "-c", code], { timeout: 20_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
};

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
    const version = await ask(python, "import sys; print('%d.%d' % sys.version_info[:2])");
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

/** True where that Python is there and finds exactly that version. */
const holds = async (python: string, version: string): Promise<boolean> =>
  existsSync(python) &&
  (await ask(python, "import importlib.metadata as m; print(m.version('litellm'))")) === version;

/**
 * The Python of an environment with LiteLLM of exactly that version: the one in the cache, else installed there. Two shells
 * that start at once do not disturb each other: each installs into a folder of its own, and the first to be done wins.
 * @throws SwitchyardError litellm.missing
 */
export const provideLitellm = async (options: LitellmInstallOptions): Promise<string> => {
  const { version, requirements, env } = options;
  const text = readFileSync(requirements, "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 6);
  const folder = join(cacheDir(env), `litellm-${version}-${hash}`);
  const python = join(folder, "bin", "python");
  if (await holds(python, version)) return python;

  const base = await findPython(env);
  if ((await ask(base, "import venv, ensurepip; print('both')")) === undefined) {
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
  const stopTelling = tellWaiting("LiteLLM is being installed", options.say);
  try {
    mkdirSync(dirname(fresh), { recursive: true });
    // pip asks rustc for its version, and rustup would leave a folder in the home.
    const quiet = { ...env, RUSTUP_HOME: cache };
    await runTool(base, ["-m", "venv", fresh], dirname(fresh), quiet);
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
    const source = ["--cache-dir", cache, ...packages(version, requirements, text)];
    await runTool(join(fresh, "bin", "python"), [...pip, ...source], fresh, quiet);
    if (!(await holds(join(fresh, "bin", "python"), version)))
      throw new Error("what pip installed is another version");
    await moveIntoPlace(fresh, folder, version);
  } catch (error) {
    throw missing(`version ${version}: ${messageOf(error)}`, undefined, error);
  } finally {
    stopTelling();
    for (const each of [fresh, cache]) rmSync(each, { recursive: true, force: true });
  }
  options.say(`installed in ${Math.round((Date.now() - began) / 1000)} s: ${folder}`);
  return python;
};

/** Renames `fresh` to `folder`: its Python finds its packages from where it lies. One that is there and works stays. */
const moveIntoPlace = async (fresh: string, folder: string, version: string): Promise<void> => {
  try {
    renameSync(fresh, folder);
  } catch {
    if (await holds(join(folder, "bin", "python"), version)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
};
