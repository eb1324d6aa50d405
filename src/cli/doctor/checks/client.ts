/** Claude Code of the version that is wanted, and whether Switchyard was tried with it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { treeAt } from "../../../config/tree.ts";
import { clientVersion, findInPath } from "../../../fuse/client-install.ts";
import { cacheDir } from "../../../shared/paths.ts";
import { bad, type Check, type Found, note, ok } from "../check.ts";

export const client: Check = {
  name: "client",
  about: "Claude Code, and the version that Switchyard was tried with",
  run: async ({ loaded, env }) => {
    if (loaded === undefined) return [];
    const { version } = loaded.config.stack.client;
    const tried = treeAt(loaded.source.defaults, ["stack", "client", "version"]);
    const triedVersion = tried?.kind === "scalar" ? String(tried.value) : version;
    const others: Found[] =
      version === triedVersion
        ? []
        : [
            note(
              `stack.client.version is ${version}, ${isOlder(version, triedVersion) ? "older" : "newer"} than ${triedVersion}, with which Switchyard was tried`,
              `switchyard upgrade client --to ${triedVersion} takes that one.`,
            ),
          ];
    return [await whereItIs(version, env), ...others];
  },
};

const isOlder = (version: string, than: string): boolean =>
  version.localeCompare(than, "en", { numeric: true }) < 0;

const whereItIs = async (version: string, env: NodeJS.ProcessEnv): Promise<Found> => {
  const own = findInPath("claude", env);
  const found = own === undefined ? undefined : await clientVersion(own);
  if (found === version) return ok(`Claude Code ${version} (${own})`);
  const cached = join(cacheDir(env), `claude-code-${version}`);
  if (existsSync(cached)) return ok(`Claude Code ${version} (${cached})`);
  const other = found === undefined ? "" : ` (yours is ${found}, and stays as it is)`;
  const words = `Claude Code ${version} is not installed${other}`;
  const todo = "The first shell on the host installs it from npm into the cache; a container brings its own.";
  return findInPath("npm", env) === undefined ? bad(words, todo) : note(words, todo);
};
