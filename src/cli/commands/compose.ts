/** `switchyard compose`: the compose files that anyone can read, from the configuration. */
import { join } from "node:path";
import type { Command } from "commander";
import { resolveConfig } from "../../config/resolve.ts";
import { readConfigSource } from "../../config/source.ts";
import { composeDrift, renderCompose, writeCompose } from "../../stack/compose.ts";
import { checkoutRoot } from "../../shared/paths.ts";
import { print, say, setExitStatus } from "./command.ts";

export const configure = (command: Command): void => {
  command
    .option(
      "--check",
      "write nothing; exit status 1 where a committed file differs from what would be written",
    )
    .option("--print", "write nothing; print the files")
    .addHelpText(
      "after",
      "\nThey come from config/default.yaml alone. What really runs is generated into the state folder.",
    )
    .action(run);
};

const run = async (options: { check?: boolean; print?: boolean }): Promise<void> => {
  const root = checkoutRoot();
  // The committed files must be the same on every machine: no file of the user, no variable of this environment.
  const defaults = join(root, "config", "default.yaml");
  const config = resolveConfig(readConfigSource({ file: defaults, env: {}, keyFiles: false }));
  const folder = join(root, "compose");
  if (options.print === true) {
    for (const text of renderCompose(config).values()) print(text);
  } else if (options.check === true) {
    const drifted = await composeDrift(config, folder);
    for (const name of drifted)
      say(`compose/${name} differs from the configuration. Run: switchyard compose`);
    if (drifted.length > 0) setExitStatus(1);
  } else {
    const written = await writeCompose(config, folder);
    for (const name of written) say(`wrote compose/${name}`);
    if (written.length === 0) say("compose/ is up to date");
  }
};
