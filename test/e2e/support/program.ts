/** Programs of the machine that none of us wrote. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of these in PATH; undefined: there is none. */
export const programInPath = (...names: readonly string[]): string | undefined => {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter))
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Another folder has it, or none.
      }
    }
  return undefined;
};
