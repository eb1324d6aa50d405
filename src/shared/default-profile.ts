/** The file that keeps which profile serves what is asked without one: `switchyard use` and the router write it, beside the client keys. */
import { accessFiles, readAccessFile, writeAccessFile } from "./access-files.ts";
import { join } from "node:path";
import { SwitchyardError } from "./errors.ts";
import { parseJsonObject } from "./json.ts";

/**
 * The name in the text of the file; undefined: none.
 * @throws SwitchyardError state.unusable where it is damaged
 */
export const parseDefaultProfile = (text: string | undefined, file: string): string | undefined => {
  if (text === undefined) return undefined;
  const name = parseJsonObject(text)?.["profile"];
  if (name === null) return undefined;
  if (typeof name === "string" && name !== "") return name;
  throw new SwitchyardError("state.unusable", {
    detail: `${file} is damaged: it does not say which profile is the default`,
    hint: "The default stays what it was when the router last read it; after a start there is none. `switchyard use NAME`, or `switchyard use --none`, writes the file anew.",
  });
};

/** The default; none where the file is damaged, which routers tell in their log. @throws SwitchyardError state.unusable: it cannot be read */
export const readDefaultProfile = (folder: string): string | undefined => {
  const file = join(folder, accessFiles.profile);
  const text = readAccessFile(file);
  try {
    return parseDefaultProfile(text, file);
  } catch {
    return undefined;
  }
};

/** @param name undefined: none @throws SwitchyardError state.unusable */
export const writeDefaultProfile = (folder: string, name: string | undefined): void =>
  writeAccessFile(join(folder, accessFiles.profile), `${JSON.stringify({ profile: name ?? null })}\n`);
