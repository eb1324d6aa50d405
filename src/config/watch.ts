/**
 * Watches the files of a configuration: those that were read, and those that would be if they were there. Folders are watched, not files: editors
 * write a new file and rename it over the old one, and a watch of the old one would see nothing any more.
 */
import { type FSWatcher, readlinkSync, statSync, watch } from "node:fs";
import { basename, dirname, join, parse, resolve, sep } from "node:path";
import { checkoutRoot, type Environment, keysFile } from "../shared/paths.ts";
import { priceListFile } from "./price-list.ts";
import { profileFolders } from "./profile-files.ts";

export interface WatchedFiles {
  /** Replaces what is watched. */
  follow(files: readonly string[]): void;
  close(): void;
}

/** From the last change to the call, in milliseconds: an editor's save is several events, and two files are often saved together. */
const quiet = 100;
/** A file that is written without a pause is read in between all the same. */
const longestQuiet = 1_000;
/** A folder that is not there yet, or that could not be watched, is looked for again. */
const again = 5_000;

/** Beyond so many the links lead in a circle. */
const mostLinks = 40;

const targetOfLink = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

/**
 * Where a change of a file may show: its own place, and each link on the way to it with what it leads to. A file behind a link is changed in another folder, and a
 * folder of settings that is replaced as a whole (Kubernetes) by a link above it.
 */
const placesOf = (file: string): string[] => {
  const places = [resolve(file)];
  let links = 0;
  for (let path = resolve(file); links < mostLinks;) {
    const { root } = parse(path);
    const parts = path.slice(root.length).split(sep);
    const found = parts
      .map((_, index) => join(root, ...parts.slice(0, index + 1)))
      .map((place) => ({ place, target: targetOfLink(place) }))
      .find(({ target }) => target !== undefined);
    if (found?.target === undefined) break;
    links++;
    places.push(found.place);
    path = join(resolve(dirname(found.place), found.target), path.slice(found.place.length));
    places.push(path);
  }
  return places;
};

/** The files that a load without options for them would read if they were there. @param file the user's own, where one was named */
export const possibleFiles = (of: {
  readonly env: Environment;
  readonly file?: string | undefined;
  readonly keyFiles: boolean;
  readonly root?: string;
}): string[] => {
  const root = of.root ?? checkoutRoot();
  return [
    of.file === undefined ? join(root, "config", "switchyard.yaml") : resolve(of.file),
    ...(of.keyFiles ? [keysFile(of.env), join(root, ".env")] : []),
    priceListFile(of.env),
    ...profileFolders(root, of.file).map((folder) => join(folder, anyProfile)),
  ];
};

/** Stands for every file of a folder of profiles, also those that are not there yet. */
const anyProfile = "*.yaml";

/** Whether a name of a folder is one of those that are watched there. */
const isWanted = (names: ReadonlySet<string> | undefined, name: string): boolean =>
  names !== undefined && (names.has(name) || (names.has(anyProfile) && name.endsWith(".yaml")));

/** File systems keep the time of a change in coarse steps. */
const coarse = 20;

/** Whether one of the files was changed or put there since then. @param since milliseconds since the epoch */
export const changedSince = (files: readonly string[], since: number): boolean =>
  files.some((file) => {
    try {
      // Of any file of a folder: one that came or went changes the folder.
      const place = basename(file) === anyProfile ? dirname(file) : file;
      return statSync(place).ctimeMs > since - coarse;
    } catch {
      // There is none, or none that could be read.
      return false;
    }
  });

/**
 * Calls `onChange` when one of the files was changed, made, replaced or removed. Keeps no process alive.
 * @param options.again milliseconds between two looks for folders that are not there
 */
export const watchFiles = (
  files: readonly string[],
  onChange: () => void,
  options: { readonly quiet?: number; readonly again?: number } = {},
): WatchedFiles => {
  const wait = options.quiet ?? quiet;
  let wanted = new Map<string, Set<string>>();
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let firstChange = 0;

  const changed = (): void => {
    const now = performance.now();
    if (timer === undefined) firstChange = now;
    clearTimeout(timer);
    const left = Math.max(0, Math.min(wait, firstChange + longestQuiet - now));
    timer = setTimeout(() => {
      timer = undefined;
      onChange();
    }, left).unref();
  };
  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  /** @returns true where the folder is watched from now on */
  const open = (folder: string): boolean => {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // Some systems do not say which: then it may have been one of ours.
        if (name === null || isWanted(wanted.get(folder), name)) changed();
      });
      // The folder itself was removed or replaced.
      watcher.on("error", () => drop(folder));
      watchers.set(folder, watcher);
      return true;
    } catch {
      return false;
    }
  };
  const openMissing = (): boolean => {
    let opened = false;
    for (const folder of wanted.keys()) if (!watchers.has(folder)) opened = open(folder) || opened;
    return opened;
  };
  // A folder that came meanwhile may hold a file of ours already.
  const looking = setInterval(() => {
    if (openMissing()) changed();
  }, options.again ?? again).unref();

  const watched: WatchedFiles = {
    follow: (next) => {
      wanted = new Map();
      for (const file of next.flatMap(placesOf)) {
        const folder = dirname(resolve(file));
        wanted.set(folder, (wanted.get(folder) ?? new Set()).add(basename(file)));
      }
      for (const folder of watchers.keys()) if (!wanted.has(folder)) drop(folder);
      openMissing();
    },
    close: () => {
      clearInterval(looking);
      clearTimeout(timer);
      for (const folder of watchers.keys()) drop(folder);
    },
  };
  watched.follow(files);
  return watched;
};
