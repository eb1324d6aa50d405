/** Small manners with files. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { systemCodeOf } from "./errors.ts";

/** The text of a file, or undefined where there is none. Other errors are thrown as they are. */
export const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
};

/** As `readIfThere`, at once: of a small file, by a command. */
export const readIfThereSync = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
};
