/**
 * How an interactive shell is started so that `claude` is ours in it, whatever the user's own start files do to PATH, and so
 * that none of those files is written: start files of our own read the user's first.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Environment } from "../shared/paths.ts";

export interface ShellStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ShellStartOptions {
  /** The user's shell ($SHELL). */
  readonly shell: string;
  /** Folder for generated start files, ours alone. */
  readonly folder: string;
  /** Folder with the `claude` wrapper: first in PATH. */
  readonly bin: string;
  /** Keeps what was typed; the user's own history is not written. */
  readonly history: string;
  /** Variables that must be as they are here, even where a start file sets them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that must not be there, even where a start file sets them. */
  readonly unset: readonly string[];
  readonly inherited: Environment;
}

/** A word of a POSIX shell, whatever is in it. */
export const quoteWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Names by glob, for shells: the same ones as `isScrubbedName`, as far as a start file is likely to export them. */
const scrubbedGlobs =
  "*_API_KEY|*_API_KEYS|*_AUTH_TOKEN|ANTHROPIC_*|OPENAI_*|OPENROUTER_*|GEMINI_*|DEEPSEEK_*|CLAUDE_CODE_USE_*|CLAUDE_CONFIG_DIR";

const afterUsersFiles = (options: ShellStartOptions, listExported: string): string[] => [
  `for switchyard_name in ${listExported}; do`,
  `  case "$switchyard_name" in ${scrubbedGlobs}) unset "$switchyard_name";; esac`,
  "done",
  "unset switchyard_name",
  ...options.unset.map((name) => `unset ${name}`),
  ...Object.entries(options.variables).map(([name, value]) => `export ${name}=${quoteWord(value)}`),
  `export PATH=${quoteWord(options.bin)}:"$PATH"`,
  // Claude Code's own installer leaves an alias of that name in start files.
  "unalias claude 2>/dev/null",
  "unset -f claude 2>/dev/null",
  `HISTFILE=${quoteWord(options.history)}`,
];

const startBash = (options: ShellStartOptions): ShellStart => {
  const file = join(options.folder, "bashrc");
  const lines = [
    "[ -f ~/.bashrc ] && . ~/.bashrc",
    ...afterUsersFiles(options, "$(compgen -e)"),
    "hash -r",
    'PS1="(switchyard) ${PS1-}"',
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return { program: options.shell, args: ["--rcfile", file, "-i"], env: {} };
};

const startZsh = (options: ShellStartOptions): ShellStart => {
  const folder = join(options.folder, "zsh");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = options.inherited["ZDOTDIR"] ?? options.inherited["HOME"] ?? "";
  const source = (name: string): string[] => [
    `ZDOTDIR=${quoteWord(own)}`,
    `[[ -f "$ZDOTDIR/${name}" ]] && source "$ZDOTDIR/${name}"`,
  ];
  writeFileSync(
    join(folder, ".zshenv"),
    [...source(".zshenv"), `ZDOTDIR=${quoteWord(folder)}`, ""].join("\n"),
  );
  const lines = [
    ...source(".zshrc"),
    ...afterUsersFiles(options, "${(k)parameters[(R)*export*]}"),
    "rehash",
    'PS1="(switchyard) ${PS1-}"',
  ];
  writeFileSync(join(folder, ".zshrc"), `${lines.join("\n")}\n`);
  return { program: options.shell, args: ["-i"], env: { ZDOTDIR: folder } };
};

const startFish = (options: ShellStartOptions): ShellStart => {
  const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  const commands = [
    ...options.unset.map((name) => `set -e ${name}`),
    ...Object.entries(options.variables).map(([name, value]) => `set -gx ${name} ${quote(value)}`),
    `set -gx PATH ${quote(options.bin)} $PATH`,
    "functions -e claude",
  ];
  // An empty fish_history keeps nothing; a name of its own keeps ours apart from the user's.
  return {
    program: options.shell,
    args: ["-i", "--init-command", commands.join("; ")],
    env: { fish_history: "switchyard" },
  };
};

/** The command line of an interactive shell. A shell that is not known is started plainly, with PATH as we set it. */
export const interactiveShell = (options: ShellStartOptions): ShellStart => {
  switch (basename(options.shell)) {
    case "bash":
      return startBash(options);
    case "zsh":
      return startZsh(options);
    case "fish":
      return startFish(options);
    default:
      return { program: options.shell, args: ["-i"], env: { HISTFILE: options.history } };
  }
};
