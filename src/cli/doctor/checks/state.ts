/** The state folder can be written, and nothing in it holds others off for a process that is gone. */
import { accessSync, constants, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { goneHolder } from "../../../shared/lock.ts";
import { bad, type Check, type Found, note, ok } from "../check.ts";
import { existing } from "../folders.ts";

export const state: Check = {
  name: "state",
  about: "the state folder, and locks that processes have left",
  run: ({ loaded }) => {
    if (loaded === undefined) return [];
    const { stateDir } = loaded;
    const todo = "Name another folder: SWITCHYARD_STATE_DIR=…";
    const above = existing(stateDir);
    try {
      accessSync(above, constants.W_OK);
    } catch {
      return [bad(`${stateDir} cannot be written`, todo)];
    }
    if (!statSync(above).isDirectory())
      return [bad(`${stateDir} cannot be made: ${above} is no folder`, todo)];
    return [ok(stateDir), ...staleLocks(stateDir)];
  },
};

const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".lock"))
      .map((name) => join(folder, name));
  } catch {
    // Nothing was ever started.
    return [];
  }
};

const goneHolderOf = (file: string): number | undefined => {
  try {
    return goneHolder(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

const staleLocks = (stateDir: string): Found[] =>
  filesIn(join(stateDir, "compose")).flatMap((file): Found[] => {
    const holder = goneHolderOf(file);
    if (holder === undefined) return [];
    return [
      note(`${file} is of process ${holder}, which is gone`, "The next command takes it over by itself.", {
        what: `remove ${file}`,
        run: () => rmSync(file, { force: true }),
      }),
    ];
  });
