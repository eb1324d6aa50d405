/** The folder that is worked in. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** The named folder, else $WORKSPACE, else the current one. make's own `./workspace` is made where it is missing; any other must be there. */
export const workspaceFolder = (given: string | undefined, root: string): string => {
  const named = given ?? process.env["WORKSPACE"];
  const folder = resolve(named === undefined || named === "" ? process.cwd() : named);
  if (folder === join(root, "workspace")) {
    try {
      mkdirSync(folder, { recursive: true });
    } catch {
      // What is wrong with it is said when it is looked at.
    }
  }
  return folder;
};
