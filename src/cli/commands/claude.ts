/** `switchyard claude`: Claude Code on a profile, beside others on theirs. */
import type { Command } from "commander";
import { type FusedOptions, runFused, sessionOptions } from "../client/fused.ts";
import { refuseOwnSettings, sideOf } from "../client/session.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { setExitStatus } from "./command.ts";

interface Options extends FusedOptions {
  config?: string;
  profile?: string;
}

export const configure = (command: Command): void => {
  sessionOptions(configOption(command))
    .usage("[options] [-- ARGS…]")
    .argument("[args...]", "of Claude Code, behind `--`")
    .option(
      "-p, --profile <name>",
      "a profile (switchyard profiles), or a target, provider,model (default: what `switchyard use` says)",
    )
    .addHelpText("after", "\nIts exit status is passed on. For teams: switchyard team.")
    .action(run);
};

const run = async (args: string[], options: Options): Promise<void> => {
  refuseOwnSettings(args);
  const loaded = loadForCommand(options);
  const session = sideOf(options.profile, loaded);
  setExitStatus(await runFused("router", loaded, { session, args }, options));
};
