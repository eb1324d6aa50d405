/** What a command of the CLI is. */
import type { Command } from "commander";

export interface CommandModule {
  /** Adds arguments, options and the action to the command, which has its name and summary already. */
  configure(command: Command): void;
}

export interface CommandEntry {
  readonly name: string;
  /** One line of `switchyard --help`. */
  readonly summary: string;
  /** For programs: it stands in no help. */
  readonly hidden?: true;
  /** Imported only when the command is asked for: none pays for the libraries of another. */
  readonly load: () => Promise<CommandModule>;
}

/** Ends the command with a status other than 0, after everything that it started has ended. */
export const setExitStatus = (status: number): void => {
  process.exitCode = status;
};

/** Writes a result to stdout. */
export const print = (text: string): void => {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
};

/** Tells the user something, on stderr: stdout holds results alone. */
export const say = (line: string): void => {
  process.stderr.write(`switchyard: ${line}\n`);
};
