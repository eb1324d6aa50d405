/** Small manners with files. */
import { readFile } from "node:fs/promises";
import { systemCodeOf } from "./errors.ts";
import { readText } from "./text-file.ts";

/** The text of a file, or undefined where there is none. Other errors are thrown as they are. */
export const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
};

/** As `readIfThere`, at once, and in whatever form editors write text: of a small file, by a command. */
export const readIfThereSync = (file: string): string | undefined => {
  try {
    return readText(file);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
};
