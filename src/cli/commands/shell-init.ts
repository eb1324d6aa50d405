/** `switchyard shell-init SHELL`: short names and completions, for a start file of the shell. */
import { join } from "node:path";
import { Argument, type Command } from "commander";
import { SwitchyardError } from "../../shared/errors.ts";
import { checkoutRoot } from "../../shared/paths.ts";
import type { ShellInit } from "../shell-init/shell.ts";
import { print, say } from "./command.ts";

const shells: Readonly<Record<string, () => Promise<(init: ShellInit) => string>>> = {
  zsh: async () => (await import("../shell-init/posix.ts")).zsh,
  bash: async () => (await import("../shell-init/posix.ts")).bash,
  fish: async () => (await import("../shell-init/fish.ts")).fish,
  powershell: async () => (await import("../shell-init/powershell.ts")).powershell,
};

interface Options {
  ccName: string;
  ctName: string;
}

export const configure = (command: Command): void => {
  command
    .addArgument(new Argument("<shell>", "yours").choices(Object.keys(shells)))
    .option("--cc-name <name>", "of the function for Claude Code", "cc")
    .option("--ct-name <name>", "of the function for teams", "ct")
    .addHelpText(
      "after",
      '\nIn ~/.bashrc or ~/.zshrc:  eval "$(switchyard shell-init bash)"' +
        "\nIn config.fish:            switchyard shell-init fish | source" +
        "\nIn $PROFILE:               switchyard shell-init powershell | Out-String | Invoke-Expression" +
        "\nIt is quicker from a file: switchyard shell-init zsh >~/.switchyard.zsh, and source that." +
        "\n`cc` is the name of the C compiler, too, which it hides from what you type; scripts and makefiles still find it. --cc-name takes another.",
    )
    .action(run);
};

/** Words of a shell's grammar, which break the file that is sourced, and commands that the functions themselves use. */
const taken = new Set(
  (
    "switchyard if then else elif elseif fi end case esac switch for foreach in while until do done function select time coproc repeat nocorrect " +
    "begin and or not builtin command exec eval return break continue shift set unset unalias local printf echo test sed compdef complete argparse"
  ).split(" "),
);

const run = async (shell: string, { ccName, ctName }: Options): Promise<void> => {
  for (const name of [ccName, ctName])
    if (!/^[A-Za-z_][\w-]{0,31}$/.test(name) || taken.has(name))
      throw new SwitchyardError("usage.invalid", { detail: `${name} cannot be the name of a function` });
  if (ccName === ctName)
    throw new SwitchyardError("usage.invalid", { detail: `both functions are called ${ccName}` });
  const [render, { completionTree }] = await Promise.all([shells[shell]!(), import("../shell-init/tree.ts")]);
  const program = join(checkoutRoot(), "bin/switchyard");
  print(render({ tree: await completionTree(), program, cc: ccName, ct: ctName }));
  if (ccName === "cc" && process.stdout.isTTY)
    say("`cc` hides the C compiler of that name from what you type; --cc-name takes another");
};
