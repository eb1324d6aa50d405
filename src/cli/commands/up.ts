/** `switchyard up`: client, router and LiteLLM as services. */
import type { Command } from "commander";
import { configOption, loadForCommand } from "../configuration.ts";
import { servicesTable, stackStatus } from "../stack/status.ts";
import { openStack } from "../stack/stack.ts";
import { bringUp } from "../stack/up.ts";
import { workspaceFolder } from "../workspace.ts";
import { print } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command)
    .argument("[services...]", "some of them alone: router, claude-code, litellm, or one of your override")
    .option("-w, --workspace <folder>", "your project (default: $WORKSPACE, else this folder)")
    .option("--dry-run", "print what would be done, each step with its cause")
    .action(run);
};

const run = async (
  services: string[],
  options: { config?: string; workspace?: string; dryRun?: boolean },
): Promise<void> => {
  const loaded = loadForCommand(options);
  const stack = await openStack(loaded);
  await bringUp(stack, {
    workspace: workspaceFolder(options.workspace, loaded.root),
    services,
    dryRun: options.dryRun === true,
  });
  if (options.dryRun !== true) print(servicesTable(await stackStatus(stack)));
};
