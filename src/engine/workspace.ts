/** The folder that is worked in, checked before anything starts. */
import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { type Environment, keysFile } from "../shared/paths.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it is not there",
  ENOTDIR: "it is not a folder",
  EACCES: "it cannot be read and written by you",
  EPERM: "it cannot be read and written by you",
  EROFS: "it is on a file system that cannot be written",
};

/** @returns the real path of a folder that can be read and written @throws SwitchyardError workspace.unusable */
export const usableWorkspace = async (folder: string): Promise<string> => {
  try {
    const path = await realpath(folder);
    if (!(await stat(path)).isDirectory())
      throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return path;
  } catch (error) {
    const code = systemCodeOf(error) ?? "unknown";
    throw new SwitchyardError("workspace.unusable", {
      detail: `${folder}: ${reasons[code] ?? code}`,
      cause: error,
    });
  }
};

/**
 * As `usableWorkspace`, for a container: the folders of the keys must not be mounted with it, as they would be with a whole home.
 * @throws SwitchyardError workspace.unusable
 */
export const containerWorkspace = async (
  folder: string,
  { env, stateDir }: { readonly env: Environment; readonly stateDir: string },
): Promise<string> => {
  const path = await usableWorkspace(folder);
  for (const place of [keysFile(env), join(stateDir, "secrets")]) {
    const real = await realpath(place).catch(() => resolve(place));
    if (!real.startsWith(path.endsWith(sep) ? path : path + sep)) continue;
    throw new SwitchyardError("workspace.unusable", {
      detail: `${folder}: your keys lie in it (${place}), and whoever works in the container would read them`,
      hint: "Name the folder of one project: --workspace DIR.",
    });
  }
  return path;
};
