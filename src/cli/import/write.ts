/** From a draft to files: the text, held against what the router would say to it, then keys, backup and file. */
import { chmodSync, existsSync, mkdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/types.ts";
import { mergeYaml } from "../../config/yaml-merge.ts";
import { SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import type { Environment } from "../../shared/paths.ts";
import { readText } from "../../shared/text-file.ts";
import type { Imported } from "./index.ts";

export interface Planned {
  /** Full path. */
  readonly file: string;
  /** What stands there now; undefined: there is no such file. */
  readonly before: string | undefined;
  readonly after: string;
  /** Keys of the file there that get another value. */
  readonly replaced: readonly string[];
  readonly config: Config;
}

const heading = (title: string, place: string): string =>
  [
    "# yaml-language-server: $schema=./switchyard.schema.json",
    `# Taken over from ${title} (${basename(place)}) by \`switchyard import\`. What it says goes over config/default.yaml.`,
    "",
    "",
  ].join("\n");

const textOf = (file: string): string | undefined => {
  try {
    return existsSync(file) ? readText(file) : undefined;
  } catch (error) {
    throw new SwitchyardError("config.unreadable", {
      detail: `${file} (${systemCodeOf(error) ?? "unknown"})`,
      cause: error,
    });
  }
};

/**
 * The text of the file as it is to be, read as the router would read it.
 * @param env of this process; the draft's keys are put in, though they are not kept yet
 * @throws SwitchyardError config.invalid with every error: of the file that is there, or of what came out of the import
 */
export const plan = (imported: Imported, place: string, file: string, env: Environment): Planned => {
  const full = resolve(file);
  const before = textOf(full);
  const withKeys = {
    ...env,
    ...Object.fromEntries(imported.draft.secrets.map(({ name, value }) => [name, value])),
  };
  // An error of the file itself is told as one, before anything is put in.
  if (before !== undefined) loadConfig({ env: withKeys, file: full });
  const merged = mergeYaml(before ?? heading(imported.importer.title, place), imported.draft.document());
  const config = whatIsWrongThere(() => loadConfig({ env: withKeys, file: full, fileText: merged.text }));
  return { file: full, before, after: merged.text, replaced: merged.replaced, config };
};

/** Errors of a text that nobody has seen yet: where they come from is what the report says. */
const whatIsWrongThere = (load: () => Config): Config => {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof SwitchyardError) || error.code !== "config.invalid") throw error;
    throw new SwitchyardError("config.invalid", {
      ...(error.detail !== undefined && { detail: error.detail }),
      hint: "Nothing was written. The report says which line of the other tool's file each of these keys comes from: correct it there.",
      cause: error,
    });
  }
};

/**
 * Keeps the file that was there, and puts the new one in its place at once.
 * @param backups the folder that the dashboard keeps its versions in, too
 * @param now milliseconds since the epoch
 * @returns the backup's path; undefined where there was no file
 */
export const write = ({ file, before, after }: Planned, backups: string, now: number): string | undefined => {
  try {
    let backup: string | undefined;
    if (before !== undefined) {
      mkdirSync(backups, { recursive: true, mode: 0o700 });
      backup = join(backups, `${new Date(now).toISOString().replaceAll(":", "-")}.yaml`);
      writeFileSync(backup, before, { mode: 0o600, flag: "wx" });
    }
    mkdirSync(dirname(file), { recursive: true });
    // Where the file is a link, what it leads to is written.
    const real = before === undefined ? file : realpathSync(file);
    const beside = `${real}.${process.pid}.tmp`;
    writeFileSync(beside, after, { mode: 0o600 });
    chmodSync(beside, 0o600);
    renameSync(beside, real);
    return backup;
  } catch (error) {
    throw new SwitchyardError("config.unreadable", {
      detail: `${file} cannot be written (${systemCodeOf(error) ?? "unknown"})`,
      hint: "Nothing was changed there. See to the folder's rights, or name another file: --output FILE.",
      cause: error,
    });
  }
};
