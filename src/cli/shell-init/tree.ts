/** What can be completed, read off the commands themselves. */
import { Command, type Argument, type Option } from "commander";
import { commands } from "../commands/index.ts";

/** What may stand in a place: given words, names of profiles or of profiles and targets (asked when they are needed), files or folders. */
export type Values =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "profiles" | "names" | "files" | "folders" }
  /** Whatever the user likes. */
  | { readonly kind: "any" };

export interface CompletedOption {
  /** `--profile`, `-p`. */
  readonly flags: readonly string[];
  readonly about: string;
  /** Undefined: it takes no value. */
  readonly value?: Values;
}

export interface CompletedCommand {
  /** Words from the program's name on, without it: `accounts list`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly CompletedOption[];
  /** Of its arguments, together. */
  readonly values: Values;
}

/** Options and arguments that name a profile, or a target in place of one. */
const named: Readonly<Record<string, "profiles" | "names">> = {
  "--profile": "profiles",
  "claude --profile": "names",
  "team --leader": "names",
  "team --teammate": "names",
  "team --model": "names",
  "use name": "profiles",
  "profiles show name": "profiles",
};

const placeOf = (text: string): Values => {
  if (/file/i.test(text)) return { kind: "files" };
  return /folder|dir/i.test(text) ? { kind: "folders" } : { kind: "any" };
};

const valueOf = (path: string, option: Option): Values => {
  if (option.argChoices !== undefined) return { kind: "words", words: option.argChoices };
  const kind = named[`${path} ${option.long ?? ""}`] ?? named[option.long ?? ""];
  return kind === undefined ? placeOf(option.flags) : { kind };
};

const argumentOf = (path: string, argument: Argument | undefined): Values => {
  if (argument === undefined) return { kind: "any" };
  if (argument.argChoices !== undefined) return { kind: "words", words: argument.argChoices };
  const kind = named[`${path} ${argument.name()}`];
  return kind === undefined ? placeOf(argument.name()) : { kind };
};

const describe = (path: string, command: Command): CompletedCommand => {
  const help = command.createHelp();
  return {
    path,
    commands: help
      .visibleCommands(command)
      .map((each) => ({ name: each.name(), about: each.summary() || each.description() })),
    options: help.visibleOptions(command).map((option) => ({
      flags: [option.long, option.short].filter((flag) => flag !== undefined && flag !== null),
      about: option.description,
      ...((option.required || option.optional) && { value: valueOf(path, option) }),
    })),
    values: argumentOf(path, command.registeredArguments[0]),
  };
};

const below = (path: string, command: Command): CompletedCommand[] => [
  describe(path, command),
  ...command.commands.flatMap((each) => below(`${path} ${each.name()}`.trim(), each)),
];

/** Every command of the CLI that a user sees, the program itself first. */
export const completionTree = async (): Promise<readonly CompletedCommand[]> => {
  const program = new Command("switchyard").option("-V, --version", "print the version");
  for (const entry of commands) {
    const command = program.command(entry.name, { hidden: entry.hidden === true }).summary(entry.summary);
    if (entry.hidden !== true) (await entry.load()).configure(command);
  }
  return below("", program).filter(
    ({ path }) => !commands.some(({ name, hidden }) => hidden === true && name === path),
  );
};
