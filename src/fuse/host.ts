/**
 * The host runtime: backend, client and shell on the user's machine, with no container. The user's own settings of the client
 * are neither read nor written, and the client's environment holds no provider key; beyond that nothing is isolated.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { seededTargets } from "../config/offered-targets.ts";
import { type Config, targetName } from "../config/types.ts";
import type { ClientSession } from "../shared/client-session.ts";
import type { Environment } from "../shared/paths.ts";
import { sessionCommand, writeClientFiles } from "./client-files.ts";
import { findInPath, provideClient } from "./client-install.ts";
import { clientEnvironment, scrubEnvironment, type ClientOptions } from "./client-settings.ts";
import { seedClient } from "./client-seed.ts";
import type { HostBackend } from "./host-backends.ts";
import { makeRunFolder } from "./host-runs.ts";
import { servingOf } from "./host-serving.ts";
import type { RouterToJoin } from "./joined-router.ts";
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
  const serving = servingOf(options, run, scrub.env);
  try {
    const [reached, installed] = await Promise.allSettled([
      serving.reach(),
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
    await serving.end().finally(() => rmSync(run, { recursive: true, force: true }));
  }
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
