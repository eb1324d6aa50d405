/**
 * The host runtime: backend, client and shell on the user's machine, with no container. The user's own settings of the client
 * are neither read nor written, and the client's environment holds no provider key; beyond that nothing is isolated.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { seededTargets } from "../config/offered-targets.ts";
import { type Config, targetName } from "../config/types.ts";
import type { BackendName } from "../shared/backends.ts";
import type { ClientSession } from "../shared/client-session.ts";
import type { Environment } from "../shared/paths.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import { type BackendProcess, startBackendProcess } from "./backend-process.ts";
import { sessionCommand, writeClientFiles } from "./client-files.ts";
import { findInPath, provideClient } from "./client-install.ts";
import { clientEnvironment, scrubEnvironment, type ClientOptions } from "./client-settings.ts";
import { seedClient } from "./client-seed.ts";
import type { HostBackend, HostStart } from "./host-backends.ts";
import { makeRunFolder, sessionsJoinedTo, tellRouter } from "./host-runs.ts";
import { type JoinedRouter, joinRouter, type RouterToJoin } from "./joined-router.ts";
import { openLogFile } from "./log-file.ts";
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
  /** A router that runs and is to serve in the place of one of its own. */
  readonly join?: RouterToJoin | undefined;
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
  const scrub = scrubEnvironment(options.env, options.config.secrets, passthrough);
  const backends = backendsOf(options, run, scrub.env);
  try {
    const [reached, installed] = await Promise.allSettled([
      backends.reach(),
      provideClient({ version: options.config.stack.client.version, env: options.env, say }),
    ]);
    if (reached.status === "rejected") throw reached.reason;
    if (installed.status === "rejected") throw installed.reason;

    const client: ClientOptions = {
      baseUrl: reached.value.url,
      key: reached.value.key,
      configDir: join(stateDir, "host", "client"),
      passthrough,
      isolated: false,
    };
    const statusLine = hostStatusLine(writeStatusLine(stateDir));
    const models = backend.name === "router" ? seededTargets(options.config).map(targetName) : undefined;
    await seedClient({ ...client, statusLine }, options.workspace, models);
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
    await backends.end();
    rmSync(run, { recursive: true, force: true });
  }
};

/** What serves a shell: a router that it joined, or a backend of its own, which also takes the place of a joined one that ended. */
const backendsOf = (
  options: HostShellOptions,
  run: string,
  env: Readonly<Record<string, string>>,
): { reach(): Promise<{ url: string; key: string }>; end(): Promise<void> } => {
  const { served, stateDir, config, say } = options;
  let running: BackendProcess | undefined;
  let joined: JoinedRouter | undefined;
  let unfollow: (() => void) | undefined;

  const startOwn = async (key?: string): Promise<{ url: string; key: string }> => {
    const start = await served.prepare({ folder: run, env, ...(key !== undefined && { clientKey: key }) });
    const { clientKey } = start;
    const started = await startBackend(options, start);
    running = started;
    tellRouter(run, "router", started.url);
    unfollow = options.follow?.((variables) =>
      started.send(JSON.stringify({ ...variables, [sessionKeyVariable]: clientKey })),
    );
    return { url: started.url, key: clientKey };
  };

  return {
    reach: async () => {
      const { join: other } = options;
      if (other === undefined) return startOwn();
      joined = await joinRouter(other, stateDir, async (key) => {
        // One of its own that does not answer is started again by who keeps it.
        if (running !== undefined) return running.url;
        const { url } = await startOwn(key);
        const words = `the router of ${other.name} has ended: this session goes on with one of its own`;
        openLogFile(backendLogFile(stateDir, served.backend.name)).write(
          `${JSON.stringify({ level: 40, msg: words })}\n`,
        );
        tellOf(options)(words);
        return url;
      });
      if (joined === undefined) {
        say(`the router of ${other.name} does not take this session's key: starting one of its own`);
        return startOwn();
      }
      tellRouter(run, "joined", other.url);
      return joined;
    },
    end: async () => {
      unfollow?.();
      await joined?.leave();
      if (running === undefined) return;
      const others = sessionsJoinedTo(stateDir, running.url);
      if (others === 0) return running.stop();
      // Their turns end as on a router that is asked to end; their next ones find another.
      const telling = setTimeout(
        () =>
          say("this router ends once turns of other sessions that joined it have; Ctrl-C ends it at once"),
        2_000,
      );
      await running.stop(config.server.drain + 2_000);
      clearTimeout(telling);
    },
  };
};

/** The client's screen is not to be written over: while it fills the terminal, the log alone is told. */
const tellOf = ({ session, command, say }: HostShellOptions): ((line: string) => void) => {
  const words = session === undefined ? command : ["claude", ...command];
  return isPlainCommand(words, process.stdout.isTTY) ? say : () => undefined;
};

const startBackend = (options: HostShellOptions, start: HostStart): Promise<BackendProcess> => {
  const { backend } = options.served;
  const tell = tellOf(options);
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
