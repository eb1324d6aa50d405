/** The newest version of what can be upgraded, told by the tool that would install it: by the machine's own registry, index or proxy. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageName } from "../../fuse/client-install.ts";
import { messageOf, SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import type { Environment } from "../../shared/paths.ts";
import type { Upgradable } from "./smoke.ts";

interface Source {
  readonly program: string;
  readonly words: (cache: string) => readonly string[];
  readonly env: (cache: string) => Environment;
  /** In what the program prints. */
  readonly version: RegExp;
}

/** As scripts/cliproxyapi.sh builds it. */
const cliproxyapiModule = "github.com/router-for-me/CLIProxyAPI/v6";

const sources: Readonly<Record<Upgradable, Source>> = {
  client: {
    program: "npm",
    words: (cache) => ["view", packageName, "version", `--cache=${cache}`],
    env: () => ({}),
    version: /^(\d\S*)$/m,
  },
  // Without those that are no releases yet, and without those that this Python cannot run.
  litellm: {
    program: "python3",
    words: (cache) => [
      "-m",
      "pip",
      "index",
      "versions",
      "litellm",
      "--no-input",
      "--disable-pip-version-check",
      `--cache-dir=${cache}`,
    ],
    env: () => ({}),
    version: /^litellm \((\d\S*)\)/m,
  },
  cliproxyapi: {
    program: "go",
    words: () => ["list", "-m", "-f", "{{.Version}}", `${cliproxyapiModule}@latest`],
    env: (cache) => ({ GOMODCACHE: cache, GOCACHE: join(cache, "build"), GOFLAGS: "-modcacherw" }),
    version: /^v(\d\S*)$/m,
  },
};

/** What a program says of its failure: the last line counts. */
const wordsOf = (error: unknown, program: string): string => {
  if (systemCodeOf(error) === "ENOENT") return `${program} is not installed`;
  const { stderr } = error as { stderr?: unknown };
  const lines = typeof stderr === "string" ? stderr.trim().split("\n") : [];
  return lines.findLast((line) => line.trim() !== "")?.trim() ?? messageOf(error);
};

/**
 * @returns the version, such as `2.1.329`
 * @throws SwitchyardError upgrade.unknown where nobody tells it: some proxies of Go modules serve versions that are named, and list none
 */
export const newest = async (what: Upgradable, title: string, env: Environment): Promise<string> => {
  const { program, words, env: more, version } = sources[what];
  // Nothing of the tool's stays in the user's home.
  const cache = mkdtempSync(join(tmpdir(), "switchyard-newest-"));
  const unknown = (why: string, cause?: unknown): SwitchyardError =>
    new SwitchyardError("upgrade.unknown", {
      detail: `${title}: ${why}`,
      hint: `Name one: switchyard upgrade ${what} --to VERSION.`,
      cause,
    });
  try {
    const { stdout } = await promisify(execFile)(program, words(cache), {
      cwd: cache,
      env: { ...env, ...more(cache) },
      timeout: 60_000,
    });
    const found = version.exec(stdout)?.[1];
    if (found === undefined)
      throw unknown(`${program} tells none: ${stdout.trim().slice(0, 200) || "it says nothing"}`);
    return found;
  } catch (error) {
    throw error instanceof SwitchyardError ? error : unknown(wordsOf(error, program), error);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
};
