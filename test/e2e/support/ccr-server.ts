/** A real claude-code-router from npm on loopback, in a home of its own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installFromNpm, packageDir } from "../../bench/contenders/npm-install.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const name = "@musistudio/claude-code-router";

/** @param version on npm; installed where it is not in the cache yet */
export const installCcr = (version: string): Promise<void> => installFromNpm(name, version);

/**
 * @param text its config.json; `PORT` in it is replaced
 * @param env variables that the file refers to; @param files others of its folder, by name
 */
export const startCcr = (
  version: string,
  text: string,
  env: Record<string, string>,
  files: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> =>
  startServer((port, _file, folder) => {
    const own = join(folder, ".claude-code-router");
    mkdirSync(own, { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(own, file), content);
    writeFileSync(join(own, "config.json"), text.replace(/("?PORT"?:\s*)\d+/, `$1${port}`));
    return {
      name: `claude-code-router ${version}`,
      program: process.execPath,
      args: [join(packageDir(name, version), "dist/cli.js"), "start"],
      config: {},
      env,
      ready: async (url) => (await fetch(`${url}/health`)).ok,
    };
  });
