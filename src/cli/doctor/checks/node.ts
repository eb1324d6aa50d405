/** The Node that runs this. `bin/switchyard` takes none that is too old. */
import { type Check, ok } from "../check.ts";

export const node: Check = {
  name: "node",
  about: "the Node that runs this",
  run: () => [ok(`${process.version} (${process.execPath})`)],
};
