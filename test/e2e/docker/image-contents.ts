/** What is in an image, seen without running anything of it: some have no tool to look with. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Engine } from "../../../src/engine/connect.ts";

const run = promisify(execFile);

export interface ImageContents {
  /** Paths without a leading slash, a folder's with one at its end; owner as `uid/gid`. */
  readonly files: readonly { readonly path: string; readonly owner: string }[];
  /** How many lines of all its files hold `text`. */
  count(text: string): Promise<number>;
}

export const contentsOf = async (engine: Engine, image: string): Promise<ImageContents> => {
  /** Runs a script over a tar archive of the image's files on its stdin. */
  const overAll = async (script: string, ...args: string[]): Promise<string> => {
    const container = await engine.docker.createContainer({ Image: image });
    try {
      const { stdout } = await run(
        "bash",
        ["-c", `set -o pipefail; docker export "$1" | { ${script}; }`, "bash", container.id, ...args],
        { env: engine.env, maxBuffer: 64 * 1024 * 1024 },
      );
      return stdout;
    } finally {
      await container.remove();
    }
  };
  const listing = await overAll("tar --list --verbose --numeric-owner --quoting-style=literal");
  const files = listing
    .trimEnd()
    .split("\n")
    .map((line) => {
      // mode, owner, size, day, time, path and for a link its target
      const [, owner = "", , , , ...path] = line.split(/ +/);
      return { owner, path: path.join(" ").replace(/ (->|link to) .*$/, "") };
    });
  // grep's 1 is "none found", which is an answer.
  return { files, count: async (text) => Number(await overAll('grep -acF -- "$2" || [ $? = 1 ]', text)) };
};
