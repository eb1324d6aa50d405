/**
 * `claude` as a session finds it: the real one with a `--settings` file that stands above those of a repository. Also its team: teammates in panes of tmux
 * are started by the client with the leader's own `--settings` (seen with Claude Code 2.1.329), which a wrapper of theirs puts another in place of.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientSession, SessionSide } from "../shared/client-session.ts";
import type { Environment } from "../shared/paths.ts";
import { type ClientOptions, pinnedSettings } from "./client-settings.ts";
import { quoteWord } from "./shell-start.ts";

export interface ClientFiles {
  /** A folder that is the session's alone, and is removed after it. */
  readonly folder: string;
  /** What the paths of such folders begin with: settings files of earlier sessions lie there. */
  readonly prefix: string;
  /** The real client. */
  readonly program: string;
  readonly client: ClientOptions;
  /** Undefined: a shell, in which `claude` is to be ours. */
  readonly session?: ClientSession | undefined;
  /** The user's, without secrets. */
  readonly inherited: Environment;
}

/** The folder with `claude` in it: first in PATH. */
const binOf = (folder: string): string => join(folder, "bin");
const teammateCommand = "claude-teammate";

/** A script that starts the client with the settings. */
const wrapper = ({ prefix, program }: ClientFiles, settings: string): string =>
  [
    "#!/bin/sh",
    // The client ends with the command line that resumes the session, and names its settings file: one of an earlier shell of
    // ours, that is gone, must not come in the way. Nor must the leader's in that of a teammate.
    "left=$#",
    'while [ "$left" -gt 0 ]; do',
    "  word=$1; shift; left=$((left - 1))",
    `  case $word in --settings=${quoteWord(prefix)}*) continue ;; esac`,
    '  if [ "$word" = --settings ] && [ "$left" -gt 0 ]; then',
    `    case $1 in ${quoteWord(prefix)}*) shift; left=$((left - 1)); continue ;; esac`,
    "  fi",
    '  set -- "$@" "$word"',
    "done",
    `exec ${quoteWord(program)} --settings ${quoteWord(settings)} "$@"`,
    "",
  ].join("\n");

const writeClient = (
  files: ClientFiles,
  name: string,
  settings: { readonly file: string; readonly content: unknown },
): void => {
  const file = join(files.folder, settings.file);
  writeFileSync(file, `${JSON.stringify(settings.content, null, 2)}\n`, { mode: 0o600 });
  writeFileSync(join(binOf(files.folder), name), wrapper(files, file), { mode: 0o700 });
};

const settingsOf = (
  { client, inherited }: ClientFiles,
  side: SessionSide | undefined,
  more: { readonly agentProfile?: string; readonly env?: Readonly<Record<string, string>> } = {},
): unknown => {
  const { profile } = side ?? {};
  const { agentProfile } = more;
  const options = {
    ...client,
    ...(profile !== undefined && { profile }),
    ...(agentProfile !== undefined && { agentProfile }),
  };
  return pinnedSettings(options, inherited, { ...side?.env, ...more.env });
};

const teams = { CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS: "1" } as const;

/** Writes what a session needs. @returns the folder with `claude` in it, and variables for the session's processes */
export const writeClientFiles = (
  files: ClientFiles,
): { readonly bin: string; readonly env: Record<string, string> } => {
  const { folder, session } = files;
  const bin = binOf(folder);
  mkdirSync(bin, { mode: 0o700 });
  const teammate = session?.team?.teammate;
  const inProcess = session?.team?.mode === "in-process";
  const content = settingsOf(files, session, {
    // In one process there is one address: the router tells teammates by the mark of their requests.
    ...(inProcess && { agentProfile: teammate?.profile ?? "default" }),
    ...(session?.team !== undefined && { env: teams }),
  });
  writeClient(files, "claude", { file: "settings.json", content });
  if (session?.team === undefined || inProcess) return { bin, env: session?.team === undefined ? {} : teams };
  writeClient(files, teammateCommand, {
    file: "teammate.json",
    content: settingsOf(files, teammate, { env: teams }),
  });
  return { bin, env: { ...teams, CLAUDE_CODE_TEAMMATE_COMMAND: join(bin, teammateCommand) } };
};

/** The leader ends the server, and with it every pane. Its arguments stand here: tmux would take a `;` at the end of one for its own. */
const leaderScript = (folder: string, server: string, args: readonly string[]): string =>
  [
    "#!/bin/sh",
    [join(binOf(folder), "claude"), ...args].map(quoteWord).join(" "),
    `echo $? >${quoteWord(join(folder, "status"))}`,
    `exec tmux -L ${server} kill-server`,
    "",
  ].join("\n");

/** Opens the team's own server, with all of its environment, and ends it whatever comes. */
const teamScript = (folder: string, server: string, leader: string): string => {
  const status = quoteWord(join(folder, "status"));
  return [
    "#!/bin/sh",
    "unset TMUX TMUX_PANE",
    "command -v tmux >/dev/null || { echo 'switchyard: tmux is not there: install it, or say --in-process' >&2; exit 127; }",
    // tmux leaves its socket behind.
    `end() { tmux -L ${server} kill-server 2>/dev/null; rm -f "\${TMUX_TMPDIR:-/tmp}/tmux-$(id -u)/${server}"; }`,
    "trap end EXIT",
    "trap 'exit 129' HUP",
    "trap 'exit 130' INT",
    "trap 'exit 143' TERM",
    // The client asks for these events; two words are run as they are, one would be a line for a shell.
    `tmux -L ${server} start-server \\; set-option -g focus-events on \\; new-session -s team sh ${quoteWord(leader)}`,
    "code=$?",
    `if [ ! -f ${status} ] && tmux -L ${server} has-session 2>/dev/null; then`,
    `  echo 'switchyard: the team goes on; tmux -L ${server} attach comes back to it, Ctrl-C here ends it' >&2`,
    `  while tmux -L ${server} has-session 2>/dev/null; do sleep 1; done`,
    "fi",
    `[ -f ${status} ] && code=$(cat ${status})`,
    'exit "$code"',
    "",
  ].join("\n");
};

/** The command line of a session, once its files are written. @param args of the client */
export const sessionCommand = (
  folder: string,
  team: ClientSession["team"],
  args: readonly string[],
): readonly [string, ...string[]] => {
  const claude = join(binOf(folder), "claude");
  if (team === undefined) return [claude, ...args];
  const words = ["--teammate-mode", team.mode, ...args];
  if (team.mode === "in-process") return [claude, ...words];
  const server = `switchyard-team-${process.pid}`;
  const leader = join(folder, "leader.sh");
  const start = join(folder, "team.sh");
  writeFileSync(leader, leaderScript(folder, server, words), { mode: 0o700 });
  writeFileSync(start, teamScript(folder, server, leader), { mode: 0o700 });
  return [start];
};
