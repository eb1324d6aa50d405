/** `switchyard team`: a leader and its teammates, each on a profile of their own. */
import type { Command } from "commander";
import { type FusedOptions, runFused, sessionOptions } from "../client/fused.ts";
import { refuseOwnSettings, sideOf } from "../client/session.ts";
import { type Sides, teamSession } from "../client/team.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { setExitStatus } from "./command.ts";

interface Options extends FusedOptions {
  config?: string;
  leader?: string;
  teammate?: string;
  model?: string;
  tmux?: boolean;
  inProcess?: boolean;
}

export const configure = (command: Command): void => {
  sessionOptions(configOption(command))
    .usage("[options] [-- ARGS…]")
    .argument("[args...]", "of Claude Code, behind `--`")
    .option("-l, --leader <name>", "what the leader is on")
    .option("-t, --teammate <name>", "what its teammates are on")
    .option("-m, --model <name>", "the same as --teammate")
    .option("--tmux", "teammates in panes of a tmux server of the team's own (default in a terminal)")
    .option("--in-process", "teammates in the leader's process")
    .addHelpText(
      "after",
      "\nA name is a profile (switchyard profiles), a target (provider,model), anthropic (your own subscription) or default (what `switchyard use` says)." +
        "\nWith one side named, the other is on anthropic; with none, both are on the default.",
    )
    .action(run);
};

/** What each side is on. @throws SwitchyardError usage.invalid */
const sidesOf = ({ leader, teammate, model }: Options): Sides<string | undefined> => {
  if (teammate !== undefined && model !== undefined)
    throw new SwitchyardError("usage.invalid", { detail: "--teammate and --model say the same" });
  const others = teammate ?? model;
  if (leader === undefined && others === undefined) return { leader, teammate: others };
  return { leader: leader ?? "anthropic", teammate: others ?? "anthropic" };
};

const run = async (args: string[], options: Options): Promise<void> => {
  refuseOwnSettings(args);
  const { leader, teammate } = sidesOf(options);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (options.tmux === true && options.inProcess === true)
    throw new SwitchyardError("usage.invalid", { detail: "--tmux and --in-process exclude each other" });
  if (options.tmux === true && !isTerminal)
    throw new SwitchyardError("usage.invalid", {
      detail: "a team in tmux needs a terminal",
      hint: "Start it in one, or say --in-process.",
    });
  const loaded = loadForCommand(options);
  const sides = { leader: sideOf(leader, loaded), teammate: sideOf(teammate, loaded) };
  const mode = isTerminal && options.inProcess !== true ? "tmux" : "in-process";
  setExitStatus(await runFused("router", loaded, { session: teamSession(sides, mode), args }, options));
};
