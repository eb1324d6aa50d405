/**
 * The host runtime: backend, client and shell on the user's machine, with no container. The user's own settings of the client
 * are neither read nor written, and the client's environment holds no provider key; beyond that nothing is isolated.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { offeredTargets } from "../config/offered-targets.ts";
import { type Config, targetName } from "../config/types.ts";
import type { BackendName } from "../shared/backends.ts";
import type { ClientSession } from "../shared/client-session.ts";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../shared/json.ts";
import type { Environment } from "../shared/paths.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import { type BackendProcess, startBackendProcess } from "./backend-process.ts";
import { sessionCommand, writeClientFiles } from "./client-files.ts";
import { findInPath, provideClient } from "./client-install.ts";
import { clientEnvironment, scrubEnvironment, type ClientOptions } from "./client-settings.ts";
import { seedClient } from "./client-seed.ts";
import type { HostBackend, HostStart } from "./host-backends.ts";
import { isRunning } from "./process-tree.ts";
import { createNoticeReader, isPlainCommand } from "./router-notices.ts";
import { runInForeground } from "./run-client.ts";
import { interactiveShell } from "./shell-start.ts";
import { hostStatusLine, statusLineName, statusLineScript } from "./status-line-copy.ts";

export interface HostShellOptions {
  readonly config: Config;
  /** What serves the models. */
  readonly served: HostBackend;
  /** The user's own login may be forwarded to a provider. */
  readonly passthrough: boolean;
  /** The state folder (shared/paths.ts, stateDir). */
  readonly stateDir: string;
  /** An existing folder, its real path. */
  readonly workspace: string;
  /** Empty: an interactive shell. One string: a line for a shell. More: a program and its arguments. With a session: arguments of the client. */
  readonly command: readonly string[];
  /** A session of the client in place of a shell or a command. */
  readonly session?: ClientSession | undefined;
  readonly env: Environment;
  /** One line for the user, on stderr. */
  readonly say: (line: string) => void;
  /**
   * Called once the backend runs: sends it a new line of variables whenever they change, and ends that when it is called back. Undefined: what it
   * was started with stays.
   */
  readonly follow?: (send: (variables: Readonly<Record<string, string>>) => void) => () => void;
}

/** Where `switchyard logs` finds what a backend says. */
export const backendLogFile = (stateDir: string, backend: BackendName): string =>
  join(stateDir, "logs", `${backend}.log`);

/** The router's. */
export const routerLogFile = (stateDir: string): string => backendLogFile(stateDir, "router");

/**
 * Runs a command or an interactive shell with a backend beside it, and ends the backend with it.
 * @returns the command's exit status
 * @throws SwitchyardError client.missing, litellm.missing, fuse.routerFailed, fuse.litellmFailed
 */
export const runHostShell = async (options: HostShellOptions): Promise<number> => {
  const { say, stateDir, served } = options;
  const { backend } = served;
  const passthrough = backend.forwardsLogin && (options.session?.passthrough ?? options.passthrough);
  const run = makeRunFolder(stateDir, options.workspace);
  let running: BackendProcess | undefined;
  let unfollow: (() => void) | undefined;
  try {
    const scrub = scrubEnvironment(options.env, options.config.secrets, passthrough);
    const [started, installed] = await Promise.allSettled([
      served.prepare({ folder: run, env: scrub.env }).then(async (start) => {
        running = await startBackend(options, start);
        return { url: running.url, key: start.clientKey, start };
      }),
      provideClient({ version: options.config.stack.client.version, env: options.env, say }),
    ]);
    if (started.status === "rejected") throw started.reason;
    if (installed.status === "rejected") throw installed.reason;

    const client: ClientOptions = {
      baseUrl: started.value.url,
      key: started.value.key,
      configDir: join(stateDir, "host", "client"),
      passthrough,
      isolated: false,
    };
    const statusLine = hostStatusLine(writeStatusLine(stateDir));
    const models = backend.name === "router" ? offeredTargets(options.config).map(targetName) : undefined;
    await seedClient({ ...client, statusLine }, options.workspace, models);
    unfollow = options.follow?.((variables) => {
      const { clientKey } = started.value.start;
      running?.send(JSON.stringify({ ...variables, [sessionKeyVariable]: clientKey }));
    });
    const { session } = options;
    const program = installed.value;
    const prefix = `${dirname(run)}/`;
    const files = writeClientFiles({ folder: run, prefix, program, client, session, inherited: scrub.env });
    return await runInForeground({
      ...commandLine(options, client, scrub, run, files),
      cwd: options.workspace,
      say,
    });
  } finally {
    unfollow?.();
    await running?.stop();
    rmSync(run, { recursive: true, force: true });
  }
};

const startBackend = (options: HostShellOptions, start: HostStart): Promise<BackendProcess> => {
  const { backend } = options.served;
  // The client's screen is not to be written over: while it fills the terminal, the log alone is told.
  const { session } = options;
  const command = session === undefined ? options.command : ["claude", ...options.command];
  const tell = isPlainCommand(command, process.stdout.isTTY) ? options.say : () => undefined;
  return startBackendProcess({
    backend,
    argv: start.argv,
    env: start.env,
    cwd: start.cwd,
    stdin: start.stdin,
    logFile: backendLogFile(options.stateDir, backend.name),
    onLogLine: createNoticeReader(tell),
    onRestart: (reason) => tell(`${backend.title} ended (${reason}); it is started again`),
    onWaiting: options.say,
  });
};

const runsFolder = (stateDir: string): string => join(stateDir, "host", "runs");

/** Shells that run on the host, by their folders: `<process id>-<random>`. */
export const hostShells = (stateDir: string): { pid: number; workspace: string; folder: string }[] => {
  const runs = runsFolder(stateDir);
  if (!existsSync(runs)) return [];
  return readdirSync(runs).flatMap((name) => {
    const pid = Number(name.split("-", 1)[0]);
    const folder = join(runs, name);
    return isRunning(pid) ? [{ pid, workspace: readIfThere(join(folder, "workspace")) ?? "", folder }] : [];
  });
};

/** Where the router of a shell on the host is reached, and with which key. */
export interface HostRouter {
  readonly pid: number;
  readonly workspace: string;
  readonly url: string;
  readonly key: string;
}

/** The routers of the shells that run, as the settings that were written for their clients name them. */
export const hostRouters = (stateDir: string): HostRouter[] =>
  hostShells(stateDir).flatMap(({ pid, workspace, folder }) => {
    const settings = parseJsonObject(readIfThere(join(folder, "settings.json")));
    const env = settings?.["env"];
    if (!isJsonObject(env)) return [];
    const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token, ANTHROPIC_CUSTOM_HEADERS: headers } = env;
    const key = typeof token === "string" ? token : /^x-switchyard-key: (\S+)$/m.exec(String(headers))?.[1];
    return typeof url === "string" && key !== undefined ? [{ pid, workspace, url, key }] : [];
  });

/** A folder for the files of this shell; those that a killed shell has left are removed. */
const makeRunFolder = (stateDir: string, workspace: string): string => {
  const runs = runsFolder(stateDir);
  try {
    mkdirSync(runs, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(runs)) {
      const pid = Number(name.split("-", 1)[0]);
      if (!isRunning(pid)) rmSync(join(runs, name), { recursive: true, force: true });
    }
    const folder = mkdtempSync(join(runs, `${process.pid}-`));
    writeFileSync(join(folder, "workspace"), workspace);
    return folder;
  } catch (error) {
    throw new SwitchyardError("state.unusable", { detail: messageOf(error), cause: error });
  }
};

const readIfThere = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, "utf8") : undefined;

/** Written beside and renamed: clients of other shells may be running it. Returns its path, the same for all shells. */
const writeStatusLine = (stateDir: string): string => {
  const file = join(stateDir, "host", statusLineName);
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, statusLineScript());
  renameSync(beside, file);
  return file;
};

const commandLine = (
  options: HostShellOptions,
  client: ClientOptions,
  scrub: { env: Record<string, string>; removed: string[] },
  run: string,
  files: { readonly bin: string; readonly env: Readonly<Record<string, string>> },
): { program: string; args: readonly string[]; env: Record<string, string> } => {
  const { bin } = files;
  const variables = clientEnvironment(client);
  const env: Record<string, string> = {
    ...scrub.env,
    ...variables,
    ...files.env,
    PATH: `${bin}${delimiter}${scrub.env["PATH"] ?? ""}`,
    // For the status line, which asks nothing of others than the router.
    SWITCHYARD_TARGET: options.served.backend.name,
  };
  if (options.session !== undefined) {
    const [program, ...args] = sessionCommand(run, options.session.team, options.command);
    return { program, args, env };
  }
  const [program, ...args] = options.command;
  if (program !== undefined) {
    if (args.length > 0) return { program: findInPath(program, env) ?? program, args, env };
    // A start file for scripts ($BASH_ENV) could put another `claude` in front of ours.
    delete env["BASH_ENV"];
    return { program: findInPath("bash", env) ?? "/bin/sh", args: ["-c", program], env };
  }
  const shell = interactiveShell({
    shell: findShell(options.env),
    folder: run,
    bin,
    history: join(options.stateDir, "host", "history"),
    variables,
    unset: scrub.removed.filter((name) => /^\w+$/.test(name) && !(name in variables)),
    inherited: options.env,
  });
  options.say(`\`claude\` starts Claude Code; \`exit\` ends this shell and ${options.served.backend.title}`);
  return { program: shell.program, args: shell.args, env: { ...env, ...shell.env } };
};

const findShell = (env: Environment): string => {
  const own = env["SHELL"];
  if (own !== undefined && own.startsWith("/") && existsSync(own)) return own;
  return findInPath("bash", env) ?? "/bin/sh";
};
