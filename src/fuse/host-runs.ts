/** The folders of shells and sessions that run on the host, one each: who runs, where its router is, and whose router it joined. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import { readIfThereSync } from "../shared/files.ts";
import { isRunning } from "./process-tree.ts";

const runsFolder = (stateDir: string): string => join(stateDir, "host", "runs");

/** Files of such a folder. */
const runFiles = {
  workspace: "workspace",
  /** URL of the router that it started. */
  router: "router",
  /** URL of the router that it joined. */
  joined: "joined",
} as const;

export interface HostShell {
  readonly pid: number;
  readonly workspace: string;
  readonly folder: string;
}

/** Shells that run on the host, by their folders: `<process id>-<random>`. */
export const hostShells = (stateDir: string): HostShell[] => {
  const runs = runsFolder(stateDir);
  if (!existsSync(runs)) return [];
  return readdirSync(runs).flatMap((name) => {
    const pid = Number(name.split("-", 1)[0]);
    const folder = join(runs, name);
    if (!isRunning(pid)) return [];
    return [{ pid, workspace: readIfThereSync(join(folder, runFiles.workspace)) ?? "", folder }];
  });
};

/** Where the router of a shell on the host is reached. */
export interface HostRouter {
  readonly pid: number;
  readonly workspace: string;
  readonly url: string;
}

const urlIn = ({ folder }: HostShell, file: string): string | undefined => {
  const url = readIfThereSync(join(folder, file));
  return url !== undefined && URL.canParse(url) ? url : undefined;
};

/** The routers that the shells started which run. */
export const hostRouters = (stateDir: string): HostRouter[] =>
  hostShells(stateDir).flatMap((shell) => {
    const url = urlIn(shell, runFiles.router);
    return url === undefined ? [] : [{ pid: shell.pid, workspace: shell.workspace, url }];
  });

/** How many other sessions joined the router of that URL. */
export const sessionsJoinedTo = (stateDir: string, url: string): number =>
  hostShells(stateDir).filter((shell) => urlIn(shell, runFiles.joined) === url).length;

/** A folder for the files of this shell; those that a killed shell has left are removed. @throws SwitchyardError state.unusable */
export const makeRunFolder = (stateDir: string, workspace: string): string => {
  const runs = runsFolder(stateDir);
  try {
    mkdirSync(runs, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(runs)) {
      const pid = Number(name.split("-", 1)[0]);
      if (!isRunning(pid)) rmSync(join(runs, name), { recursive: true, force: true });
    }
    const folder = mkdtempSync(join(runs, `${process.pid}-`));
    writeFileSync(join(folder, runFiles.workspace), workspace);
    return folder;
  } catch (error) {
    throw new SwitchyardError("state.unusable", { detail: messageOf(error), cause: error });
  }
};

/** Tells where this shell's router is, for other commands and for sessions that would join. Whole at once: others read it. */
export const tellRouter = (folder: string, kind: "router" | "joined", url: string): void => {
  const file = join(folder, runFiles[kind]);
  writeFileSync(`${file}.new`, url, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  if (kind === "router") rmSync(join(folder, runFiles.joined), { force: true });
};
