/** A checkout and a home of a test's own: config files in, messages out. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { type ConfigSource, type LoadOptions, readConfigSource } from "../../src/config/source.ts";
import type { Config } from "../../src/config/types.ts";
import { SwitchyardError } from "../../src/shared/errors.ts";

const configFolder = fileURLToPath(new URL("../../config", import.meta.url));
const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

export interface Place {
  readonly root: string;
  readonly home: string;
  /** Writes a file below the checkout or, from `~/`, below the home. */
  write(path: string, text: string, mode?: number): string;
  /** Options for this place; the environment holds HOME and what is given. */
  options(env?: Record<string, string>, more?: Partial<LoadOptions>): LoadOptions;
  load(env?: Record<string, string>, more?: Partial<LoadOptions>): Config;
  source(env?: Record<string, string>, more?: Partial<LoadOptions>): ConfigSource;
}

/** A checkout with the real default, presets and models, and the given text as config/switchyard.yaml. */
export const place = (userFile?: string): Place => {
  const base = mkdtempSync(join(tmpdir(), "switchyard-config-"));
  made.push(base);
  const root = join(base, "checkout");
  const home = join(base, "home");
  mkdirSync(join(root, "config"), { recursive: true });
  mkdirSync(home);
  for (const name of ["default.yaml", "providers.yaml", "models.yaml"]) {
    copyFileSync(join(configFolder, name), join(root, "config", name));
  }
  const options = (env: Record<string, string> = {}, more: Partial<LoadOptions> = {}): LoadOptions => ({
    root,
    env: { HOME: home, ...env },
    ...more,
  });
  const here: Place = {
    root,
    home,
    write: (path, text, mode = 0o600) => {
      const file = path.startsWith("~/") ? join(home, path.slice(2)) : join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode });
      return file;
    },
    options,
    load: (env, more) => loadConfig(options(env, more)),
    source: (env, more) => readConfigSource(options(env, more)),
  };
  if (userFile !== undefined) here.write("config/switchyard.yaml", userFile);
  return here;
};

/** The error that a function throws; fails where it throws none, or one that no user should see. */
export const errorOf = (act: () => unknown): SwitchyardError => {
  try {
    act();
  } catch (error) {
    if (error instanceof SwitchyardError) return error;
    throw error;
  }
  throw new Error("expected an error, and there was none");
};

/** The lines of errors for a user's file. */
export const errorsOf = (userFile: string, env?: Record<string, string>): string[] => {
  const error = errorOf(() => place(userFile).load(env));
  const detail = error.detail ?? "";
  return detail.includes("\n") ? detail.split("\n  ").slice(1) : [detail];
};
