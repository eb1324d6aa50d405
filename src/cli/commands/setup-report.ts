/** `switchyard setup-report`: what was set up, in the block that agents look for (docs/for-agents.md). */
import type { Command } from "commander";
import { messageOf } from "../../shared/errors.ts";
import { configOption, loadForCommand, type Loaded } from "../configuration.ts";
import { accountsPart, isWanted } from "../setup-report/accounts.ts";
import { routerPart } from "../setup-report/router.ts";
import { emptyReport, reportText } from "../setup-report/text.ts";
import { print, setExitStatus } from "./command.ts";

interface Options {
  config?: string;
  configFile?: string;
}

export const configure = (command: Command): void => {
  configOption(command)
    .option("--config-file <file>", "config.yaml of a CLIProxyAPI that you run yourself")
    .addHelpText(
      "after",
      "\nOne model is asked one small question. Exit status 1 where something that is needed fails.",
    )
    .action(run);
};

const load = (options: Options): Loaded | string => {
  try {
    return loadForCommand(options);
  } catch (error) {
    return messageOf(error);
  }
};

const run = async (options: Options): Promise<void> => {
  const loaded = load(options);
  if (typeof loaded === "string") {
    print(reportText({ ...emptyReport, installed: true, blocking: [loaded] }));
    return setExitStatus(1);
  }
  const wanted = isWanted(loaded, options);
  const [accounts, router] = await Promise.all([accountsPart(loaded, options), routerPart(loaded, wanted)]);
  const blocking = [...accounts.blocking, ...router.blocking];
  // This program runs: Node and the dependencies are there.
  print(
    reportText({
      installed: true,
      ...accounts,
      ...router,
      blocking,
      manual: [...accounts.manual, ...router.manual],
    }),
  );
  if (blocking.length > 0) setExitStatus(1);
};
