/** Files that others read while they are replaced: a reader sees the old text or the new one. */
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { readIfThere } from "../../shared/files.ts";

/** The text of a file of the state folder, or undefined where there is none. @throws SwitchyardError state.unusable */
export const readStateFile = async (file: string): Promise<string | undefined> => {
  try {
    return await readIfThere(file);
  } catch (error) {
    throw new SwitchyardError("state.unusable", { detail: `${file}: ${messageOf(error)}`, cause: error });
  }
};

/** @throws SwitchyardError state.unusable */
export const writeFileAtomic = async (file: string, text: string, mode: number): Promise<void> => {
  const beside = join(dirname(file), `.${process.pid}.${Date.now().toString(36)}.tmp`);
  try {
    await writeFile(beside, text, { mode });
    // The mode of a new file is cut by the umask.
    await chmod(beside, mode);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new SwitchyardError("state.unusable", { detail: `${file}: ${messageOf(error)}`, cause: error });
  }
};

/** Makes a folder with that mode. @throws SwitchyardError state.unusable */
export const makeFolder = async (folder: string, mode: number): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode });
    await chmod(folder, mode);
  } catch (error) {
    throw new SwitchyardError("state.unusable", { detail: `${folder}: ${messageOf(error)}`, cause: error });
  }
};

/**
 * Replaces files of a folder, those that differ.
 * @returns puts back what was there before
 */
export const replaceFiles = async (
  folder: string,
  files: ReadonlyMap<string, string>,
  mode: number,
): Promise<() => Promise<void>> => {
  const before = new Map<string, string | undefined>();
  const undo = async (): Promise<void> => {
    for (const [name, text] of before) {
      if (text === undefined) await rm(join(folder, name), { force: true });
      else await writeFileAtomic(join(folder, name), text, mode);
    }
  };
  try {
    for (const [name, text] of files) {
      const old = await readStateFile(join(folder, name));
      if (old === text) continue;
      before.set(name, old);
      await writeFileAtomic(join(folder, name), text, mode);
    }
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
};

/**
 * Writes files of secrets, those that differ; a name may be that of a file in a folder.
 * @throws SwitchyardError state.unusable
 */
export const writeSecretFiles = async (
  { secrets }: { readonly secrets: string },
  files: ReadonlyMap<string, string>,
): Promise<() => Promise<void>> => {
  for (const folder of new Set([secrets, ...[...files.keys()].map((name) => dirname(join(secrets, name)))]))
    await makeFolder(folder, 0o700);
  return replaceFiles(secrets, files, 0o600);
};

/** True where each of the files is there with that text. */
export const filesAre = async (folder: string, files: ReadonlyMap<string, string>): Promise<boolean> => {
  for (const [name, text] of files) if ((await readStateFile(join(folder, name))) !== text) return false;
  return true;
};
