/** The file that keeps which profile serves what is asked without one: `switchyard use` and the router write it, beside the client keys. */
import { accessFiles, readAccessFile, writeAccessFile } from "./access-files.ts";
import { join } from "node:path";
import { parseJsonObject } from "./json.ts";

/** The name in the text of the file; undefined: none. What is damaged names none. */
export const parseDefaultProfile = (text: string | undefined): string | undefined => {
  const name = text === undefined ? undefined : parseJsonObject(text)?.["profile"];
  return typeof name === "string" && name !== "" ? name : undefined;
};

/** @throws SwitchyardError state.unusable */
export const readDefaultProfile = (folder: string): string | undefined =>
  parseDefaultProfile(readAccessFile(join(folder, accessFiles.profile)));

/** @param name undefined: none @throws SwitchyardError state.unusable */
export const writeDefaultProfile = (folder: string, name: string | undefined): void =>
  writeAccessFile(join(folder, accessFiles.profile), `${JSON.stringify({ profile: name ?? null })}\n`);
