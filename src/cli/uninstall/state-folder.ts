/** The state folder at its end: what is ours goes, and what somebody else put there stays, even where that folder is somebody's home. */
import { type Dirent, readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { accessFiles } from "../../shared/access-files.ts";
import { ledgerFolder } from "../../shared/usage.ts";

/** Folders of programs that write into them what they like; Switchyard alone has business there. */
const whole: ReadonlySet<string> = new Set(["cliproxyapi", "host", "managed", "prometheus", "secrets"]);

const anyOf = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll(".", "\\.")).join("|");

/** Folders in which people look, and leave things: what Switchyard makes in each, with what is left of files while they are written (`….123.tmp`). */
const known: Readonly<Record<string, RegExp>> = {
  clients: /^[\w-]+(?:-[0-9a-f]{8}\.before\.json|\.key)(?:\..+)?$/,
  compose: /^(?:services|stack|.+-[0-9a-f]{6})\.(?:yaml|lock)(?:\..+)?$/,
  [ledgerFolder]: /^(?:ledger\.db|journal-.+\.jsonl|damaged\.jsonl|captures$)/,
  logs: /^[\w-]+\.log(?:\.1)?$/,
  router: new RegExp(
    `^(?:(?:${anyOf(Object.values(accessFiles))}|router-state\\.json)(?:\\..+)?|listening|config-backups)$`,
  ),
};
const files = /^(?:router-state|target|upgrades)\.json(?:\..+)?$/;
/** The user's additions to the generated documents. */
const override = /^override\b.*\.ya?ml$/;
/** A client's file as it was: goes once it is given back. */
const settingsBefore = /\.before\.json$/;

export interface StateFolder {
  /** Full paths of what is ours. */
  readonly ours: readonly string[];
  /** The user's `override.*.yaml`, full paths. */
  readonly overrides: readonly string[];
  /** Paths below the folder of what is neither. */
  readonly others: readonly string[];
  /**
   * A folder of the user's own (SWITCHYARD_STATE_DIR) that holds more than ours: a `logs` in it may be anybody's, so nothing of it is touched.
   */
  readonly shared: boolean;
}

interface Sorted {
  ours: string[];
  overrides: string[];
  others: string[];
}

/** A link is what it is called, never what it leads to. */
const sort = (folder: string, entries: readonly Dirent[], expected: RegExp, into: Sorted): void => {
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const within = entry.isDirectory() && Object.hasOwn(known, entry.name) ? known[entry.name] : undefined;
    if (within !== undefined) sort(path, readdirSync(path, { withFileTypes: true }), within, into);
    else if (basename(folder) === "compose" && override.test(entry.name)) into.overrides.push(path);
    else if ((entry.isDirectory() && whole.has(entry.name)) || expected.test(entry.name))
      into.ours.push(path);
    else into.others.push(path);
  }
};

/** @returns undefined where there is none */
export const stateFolder = (folder: string): StateFolder | undefined => {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
  const found: Sorted = { ours: [], overrides: [], others: [] };
  sort(folder, entries, files, found);
  return {
    ...found,
    others: found.others.map((path) => relative(folder, path)).toSorted(),
    shared:
      found.others.some((path) => dirname(path) === folder) && basename(dirname(folder)) !== "switchyard",
  };
};

/** Folders of ours in which nothing is left, the innermost first. */
const removeEmpty = (folder: string): void => {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory() && Object.hasOwn(known, entry.name)) removeEmpty(join(folder, entry.name));
  try {
    rmdirSync(folder);
  } catch {
    // Something is left in it, or it is a link.
  }
};

/**
 * @param overrides whether the user's `override.*.yaml` go too
 * @returns words on what stays and why
 */
export const removeStateFolder = (folder: string, options: { overrides: boolean }): string[] => {
  const found = stateFolder(folder);
  if (found === undefined) return [];
  const { ours, overrides, others, shared } = found;
  if (shared)
    return [`${folder}: it holds what Switchyard did not make; remove yourself: ${ours.join(", ")}`];
  // Those that were given back are gone by now.
  const [notGivenBack, removable] = [
    ours.filter((path) => settingsBefore.test(path)),
    ours.filter((path) => !settingsBefore.test(path)),
  ];
  for (const path of [...removable, ...(options.overrides ? overrides : [])])
    rmSync(path, { recursive: true, force: true });
  removeEmpty(folder);
  try {
    if (basename(dirname(folder)) === "switchyard") rmdirSync(dirname(folder));
  } catch {
    // Something else is beside it.
  }
  return [
    ...notGivenBack.map(
      (path) => `${path}: in it is what a client's settings were, which are not given back`,
    ),
    ...(others.length === 0 ? [] : [`${folder}: Switchyard did not make ${others.join(", ")}`]),
  ];
};
