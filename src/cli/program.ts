/** The command line: which command is meant, and its own checks. */
import { Command, CommanderError } from "commander";
import { SwitchyardError } from "../shared/errors.ts";
import { commands } from "./commands/index.ts";
import { version } from "./version.ts";

/** Commands and options as commander checks them; its own words are not printed but thrown. */
const strict = (command: Command): Command =>
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: false });

const help = `
Examples:
  switchyard shell router                          a shell in which \`claude\` is routed
  switchyard shell router -- 'claude -p "say hi"'  one command; its exit status is passed on
  switchyard secrets set OPENROUTER_API_KEY        keeps a key (asked for, never in the shell's history)
  switchyard doctor                                says what is missing

A model is named provider,model. The configuration is config/default.yaml, with config/switchyard.yaml over it.
Exit status: 0 done, 1 failed, 2 wrong use or wrong configuration.`;

/**
 * Runs the command that `argv` (without program and script) names.
 * @throws SwitchyardError usage.invalid, and whatever the command throws
 */
export const runProgram = async (argv: readonly string[]): Promise<void> => {
  const program = strict(new Command("switchyard"))
    .description("Runs Claude Code on any model.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help; after a command, that command's")
    .helpCommand("help [command]", "print the help of a command")
    .enablePositionalOptions()
    .addHelpText("after", help);
  const asked = new Set(argv.filter((word) => !word.startsWith("-")).slice(0, 2));
  for (const entry of commands) {
    const command = strict(program.command(entry.name, { hidden: entry.hidden === true }))
      .summary(entry.summary)
      .description(sentence(entry.summary));
    // Only what is asked for is loaded; for the others the name and the summary are enough.
    if (asked.has(entry.name)) {
      (await entry.load()).configure(command);
      command.commands.forEach(strict);
    }
  }
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    // Without a command the help was printed, on stderr.
    if (error.code === "commander.help") process.exitCode = 2;
    else throw usageError(error, argv);
  }
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const usageError = (error: CommanderError, argv: readonly string[]): SwitchyardError => {
  const words = error.message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    // What was typed too much may be a key (`secrets set NAME KEY`, `secrets NAME=KEY`): it goes into no log.
    .replace(/^(too many arguments .*?but got \d+).*/, "$1")
    .replaceAll(/('[\w-]*=)[^']*'/g, "$1…'");
  const command = commands.find(({ name }) => name === argv[0])?.name;
  return new SwitchyardError("usage.invalid", {
    detail: words,
    hint: `See: switchyard ${command === undefined ? "" : `${command} `}--help`,
    cause: error,
  });
};
