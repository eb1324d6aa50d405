/** `switchyard down`: ends the stack and the fused shells of this project. */
import type { Command } from "commander";
import { hostShells } from "../../fuse/host-runs.ts";
import { configOption, loadPlace } from "../configuration.ts";
import { bringDown } from "../stack/end.ts";
import { openStack } from "../stack/stack.ts";
import { say } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command)
    .option("--dry-run", "print what would be done, each step with its cause")
    .addHelpText(
      "after",
      "\nVolumes stay: sessions and logins of the client, the ledger of fused shells. So does the choice of the target.",
    )
    .action(run);
};

const run = async (options: { config?: string; dryRun?: boolean }): Promise<void> => {
  const loaded = loadPlace(options, say);
  await bringDown(await openStack(loaded), { dryRun: options.dryRun === true });
  for (const { pid, workspace } of hostShells(loaded.stateDir))
    say(`a shell on the host goes on: process ${pid}, ${workspace}`);
};
