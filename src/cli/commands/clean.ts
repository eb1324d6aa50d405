/** `switchyard clean`: `down`, and volumes and generated files too. */
import { confirm, isCancel } from "@clack/prompts";
import type { Command } from "commander";
import { SwitchyardError } from "../../shared/errors.ts";
import { planText } from "../../stack/plan/text.ts";
import { configOption, loadPlace } from "../configuration.ts";
import { cleanUp } from "../stack/end.ts";
import { openStack } from "../stack/stack.ts";
import { say, setExitStatus } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command)
    .option("-y, --yes", "do not ask")
    .option("--dry-run", "print what would be deleted")
    .addHelpText(
      "after",
      "\nDeletes what this project's labels mark, and what was generated. Images, which checkouts share, and your override file stay.",
    )
    .action(run);
};

const run = async (options: { config?: string; yes?: boolean; dryRun?: boolean }): Promise<void> => {
  const stack = await openStack(loadPlace(options, say));
  const done = await cleanUp(stack, {
    dryRun: options.dryRun === true,
    confirm: async (plan) => {
      process.stderr.write(`${planText(plan)}\n`);
      if (options.yes === true) return true;
      if (!process.stdin.isTTY) {
        throw new SwitchyardError("usage.invalid", {
          detail: "clean asks before it deletes, and there is no terminal to ask on",
          hint: "Add --yes (make: YES=1). Nothing was deleted.",
        });
      }
      const answer = await confirm({
        message: "Delete all of it?",
        initialValue: false,
        output: process.stderr,
      });
      return !isCancel(answer) && answer;
    },
  });
  if (done) return;
  say("nothing was deleted");
  setExitStatus(1);
};
