/** The Node that runs this. `bin/switchyard` takes none that is too old; who starts the program by hand may. */
import { bad, type Check, ok } from "../check.ts";

/** As package.json and the images have it. */
const oldest = 24;

export const node: Check = {
  name: "node",
  about: "the Node that runs this",
  run: ({ nodeVersion }) => {
    const words = `${nodeVersion} (${process.execPath})`;
    return Number(/^v?(\d+)/.exec(nodeVersion)?.[1]) >= oldest
      ? [ok(words)]
      : [
          bad(
            `${words} is older than ${oldest}`,
            "Start bin/switchyard, which finds the one that npm ci installs.",
          ),
        ];
  },
};
