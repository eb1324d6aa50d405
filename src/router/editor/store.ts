/** Reads and replaces the configuration's file, and keeps the versions before. */
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { readIfThere } from "../../shared/files.ts";
import type { EditedFile } from "../../config/edited-file.ts";

/** Versions that are kept. */
const most = 10;
const backupName = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z(?:-\d+)?\.yaml$/;

/** Says which text an edit was made from. Undefined: there is no file. */
export const versionOf = (text: string | undefined): string =>
  text === undefined ? "none" : createHash("sha256").update(text).digest("hex").slice(0, 32);

export const readText = ({ file }: EditedFile): Promise<string | undefined> => readIfThere(file);

/** Names of the versions before, the youngest first. */
export const listBackups = async ({ backups }: EditedFile): Promise<readonly string[]> => {
  try {
    return (await readdir(backups))
      .filter((name) => backupName.test(name))
      .toSorted()
      .toReversed();
  } catch {
    // None was made.
    return [];
  }
};

/** @throws SwitchyardError request.malformed: there is no such version */
export const readBackup = async (edited: EditedFile, name: string): Promise<string> => {
  // Names that are in the list alone: none leads elsewhere.
  if ((await listBackups(edited)).includes(name)) return readFile(join(edited.backups, name), "utf8");
  throw new SwitchyardError("request.malformed", { detail: "there is no such version", hint: "", http: 404 });
};

/** Keeps a version, and lets go of the oldest. They may hold keys: mode 0600. @param now milliseconds since the epoch */
export const keepBackup = async (edited: EditedFile, text: string, now: number): Promise<void> => {
  await mkdir(edited.backups, { recursive: true, mode: 0o700 });
  const there = await listBackups(edited);
  const base = new Date(now).toISOString().replaceAll(":", "-");
  let name = `${base}.yaml`;
  for (let n = 1; there.includes(name); n++) name = `${base}-${n}.yaml`;
  await writeFile(join(edited.backups, name), text, { mode: 0o600, flag: "wx" });
  for (const old of (await listBackups(edited)).slice(most))
    await rm(join(edited.backups, old), { force: true });
};

/** Replaces the file at once, with the mode that it had (0600 where there was none); a link stays one. @throws SwitchyardError config.readOnly */
export const writeText = async ({ file }: EditedFile, text: string | undefined): Promise<void> => {
  try {
    const target = await realpath(file).catch(() => file);
    if (text === undefined) return await rm(target, { force: true });
    const beside = `${target}.${process.pid}.tmp`;
    const mode = await stat(target).then(
      (found) => found.mode & 0o777,
      () => 0o600,
    );
    await mkdir(dirname(target), { recursive: true });
    try {
      await writeFile(beside, text, { mode });
      await chmod(beside, mode);
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw new SwitchyardError("config.readOnly", { detail: messageOf(error), cause: error });
  }
};
