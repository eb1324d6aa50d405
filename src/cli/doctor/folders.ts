/** Folders that may not be there yet. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** The folder, or the nearest one above it that is there. */
export const existing = (folder: string): string => {
  let found = folder;
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  return found;
};
