/** Room on the disks that images, the client and the ledger are written to. */
import { existsSync } from "node:fs";
import { cacheDir } from "../../../shared/paths.ts";
import { bad, type Check, type Found, note } from "../check.ts";
import { existing } from "../folders.ts";

const mb = 1024 * 1024;

/** Images of all services together have 2 GB, the client 400 MB, and a build needs as much again. */
const wanted = { engine: 5_000 * mb, cache: 1_000 * mb, state: 200 * mb };

const textOf = (bytes: number): string =>
  bytes >= 1_000 * mb ? `${(bytes / mb / 1024).toFixed(1)} GB` : `${Math.round(bytes / mb)} MB`;

export const disk: Check = {
  name: "disk",
  about: "room for images, the client and the ledger",
  run: async ({ loaded, engine, env, freeBytes }) => {
    const folders: [what: string, folder: string, need: number][] = [
      ["the client's cache", cacheDir(env), wanted.cache],
      ...(loaded === undefined
        ? []
        : [["the state folder", loaded.stateDir, wanted.state] satisfies [string, string, number]]),
    ];
    if (engine?.address.host.startsWith("unix://") === true) {
      const info = (await engine.docker.info()) as { DockerRootDir?: string };
      // Where the engine runs in a machine of its own, its folder is not one of ours.
      if (info.DockerRootDir !== undefined && existsSync(info.DockerRootDir))
        folders.push(["the engine's images", info.DockerRootDir, wanted.engine]);
    }
    const lacking = folders.flatMap(([what, folder, need]): Found[] => {
      const free = freeBytes(existing(folder));
      if (free >= need) return [];
      const found = `${textOf(free)} are free for ${what} (${folder}); ${textOf(need)} are good to have`;
      const todo = "Make room there: `docker system df`, `switchyard uninstall --dry-run` show what is used.";
      return [free < need / 10 ? bad(found, todo) : note(found, todo)];
    });
    const least = Math.min(...folders.map(([, folder]) => freeBytes(existing(folder))));
    return lacking.length > 0 ? lacking : [{ state: "ok", found: `at least ${textOf(least)} are free` }];
  },
};
