/** The state folder at its end: what is ours goes, and what somebody else put there stays, even where that folder is somebody's home. */
import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ledgerFolder } from "../../shared/usage.ts";

/** Whatever Switchyard makes in it. */
const folders: ReadonlySet<string> = new Set([
  "cliproxyapi",
  "clients",
  "compose",
  "host",
  ledgerFolder,
  "logs",
  "managed",
  "prometheus",
  "router",
  "secrets",
]);
/** With what is left of them while they are written (`target.json.123.tmp`). */
const files = /^(?:router-state|target|upgrades)\.json(?:\..+)?$/;

export interface StateFolder {
  /** Full paths of what is ours. */
  readonly ours: readonly string[];
  /** Names of what is not. */
  readonly others: readonly string[];
  /**
   * A folder of the user's own (SWITCHYARD_STATE_DIR) that holds more than ours: a `logs` in it may be anybody's, so nothing of it is touched.
   */
  readonly shared: boolean;
}

/** @param folder undefined is returned where there is none */
export const stateFolder = (folder: string): StateFolder | undefined => {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
  const isOurs = (entry: { name: string; isFile(): boolean; isDirectory(): boolean }): boolean =>
    entry.isDirectory() ? folders.has(entry.name) : entry.isFile() && files.test(entry.name);
  const others = entries.filter((entry) => !isOurs(entry)).map(({ name }) => name);
  return {
    ours: entries.filter(isOurs).map(({ name }) => join(folder, name)),
    others: others.toSorted(),
    shared: others.length > 0 && basename(dirname(folder)) !== "switchyard",
  };
};

/** @returns words on what stays and why */
export const removeStateFolder = (folder: string): string[] => {
  const found = stateFolder(folder);
  if (found === undefined) return [];
  const { ours, others, shared } = found;
  if (shared)
    return [`${folder}: it holds what Switchyard did not make; remove yourself: ${ours.join(", ")}`];
  for (const path of ours) rmSync(path, { recursive: true, force: true });
  if (others.length > 0) return [`${folder}: Switchyard did not make ${others.join(", ")}`];
  try {
    rmdirSync(folder);
    if (basename(dirname(folder)) === "switchyard") rmdirSync(dirname(folder));
  } catch {
    // A link, or something else is beside it.
  }
  return [];
};
