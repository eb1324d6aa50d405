/** Where profiles lie as files: `config/profiles/` of the checkout, and `profiles/` beside the user's configuration. */
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { systemCodeOf } from "../shared/errors.ts";
import type { MapTree } from "./tree.ts";

const ending = ".yaml";

/** The folders, each once; the later goes over the earlier. @param file the user's configuration, where one was named */
export const profileFolders = (root: string, file: string | undefined): string[] => {
  const folders = [join(root, "config", "profiles")];
  if (file !== undefined) folders.push(join(dirname(resolve(file)), "profiles"));
  return [...new Set(folders)];
};

export interface ProfileFiles {
  /** Full paths, by name. */
  readonly files: readonly string[];
  /** Of files that look like profiles and are none, one line each. */
  readonly notices: readonly string[];
}

/** The profiles of a folder; none where there is no such folder. @throws the system's error where it cannot be read */
export const profileFilesIn = (folder: string): ProfileFiles => {
  // Hidden ones are of editors and of macOS: locks and attributes of the file of that name.
  const names = namesIn(folder)
    .filter((name) => !name.startsWith("."))
    .toSorted();
  const files = names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  const pipes = files.filter(isEndless);
  return {
    files: files.filter((file) => !pipes.includes(file)),
    notices: [
      ...names
        .filter((name) => /\.ya?ml$/i.test(name) && !name.endsWith(ending))
        .map((name) => `${join(folder, name)}${notRead} ends in ${ending}.`),
      ...pipes.map((file) => `${file}${notRead} is no pipe and no device.`),
    ],
  };
};

const notRead = " is not read: a profile's file";

/** Whether a notice of a configuration is about such a file. */
export const isAboutProfileFile = (notice: string): boolean => notice.includes(notRead);

/** A pipe or a device: reading it might never end. */
const isEndless = (file: string): boolean => {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return [];
    throw error;
  }
};

/** The profiles of parsed files as the configuration would have them: a map with `profiles`. */
export const profilesTree = (trees: readonly MapTree[]): MapTree => {
  const at = { file: "", line: 0, column: 0 };
  const entries: MapTree["entries"] = new Map();
  for (const tree of trees) {
    const keyAt = { file: tree.at.file, line: 1, column: 1 };
    entries.set(basename(tree.at.file, ending), { keyAt, value: tree });
  }
  const profiles: MapTree = { kind: "map", at, entries };
  return { kind: "map", at, entries: new Map([["profiles", { keyAt: at, value: profiles }]]) };
};
