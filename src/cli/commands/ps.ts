/** `switchyard ps`: the containers of this project, one line each. */
import type { Command } from "commander";
import { configOption, loadPlace } from "../configuration.ts";
import { openStack } from "../stack/stack.ts";
import { servicesTable, stackStatus } from "../stack/status.ts";
import { table } from "../ui/table.ts";
import { print, say } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command).addHelpText("after", "\n-> marks the service that the client asks.").action(run);
};

const run = async (options: { config?: string }): Promise<void> => {
  const status = await stackStatus(await openStack(loadPlace(options, say)));
  if (status.services.length > 0) print(servicesTable(status));
  if (status.fused.length > 0)
    print(table(status.fused.map((each) => ["  ", each.container, each.status, each.workspace])));
  if (status.services.length + status.fused.length === 0) say("no container runs");
};
