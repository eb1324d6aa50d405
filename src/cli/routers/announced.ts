/**
 * Routers that were started by hand tell where they listen, so that `switchyard status`, `reload` and `cooldown clear` find them: also with `--port`, and
 * while the configuration, which names a port, cannot be read.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../../fuse/process-tree.ts";
import { accessDir } from "../../shared/access-files.ts";

/** One file for each, named after its process, that holds its URL. */
const folderOf = (stateDir: string): string => join(accessDir(stateDir), "listening");

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    // None was ever started.
    return [];
  }
};

const isGone = (name: string): boolean => !isRunning(Number(name));

/**
 * Tells of this process's router. A state folder that cannot be written costs no more than that the commands do not find it.
 * @returns takes it back
 */
export const announceRouter = (stateDir: string, url: string): (() => void) => {
  const folder = folderOf(stateDir);
  const file = join(folder, String(process.pid));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Those of routers that were killed.
    for (const name of namesIn(folder)) if (isGone(name)) rmSync(join(folder, name), { force: true });
    writeFileSync(file, url, { mode: 0o600 });
  } catch {
    return () => undefined;
  }
  return () => rmSync(file, { force: true });
};

/** URLs of those that run; whether one listens there still is for the caller to see. */
export const announcedRouters = (stateDir: string): string[] => {
  const folder = folderOf(stateDir);
  return namesIn(folder).flatMap((name) => {
    if (isGone(name)) return [];
    try {
      const url = readFileSync(join(folder, name), "utf8");
      return URL.canParse(url) ? [url] : [];
    } catch {
      // It ended just now.
      return [];
    }
  });
};
