/** A shell in the fused container: starts it, or joins the one that runs for this workspace. */
import { randomUUID } from "node:crypto";
import { type BackendName, backends } from "../shared/backends.ts";
import { type ClientSession, clientSessionVariable } from "../shared/client-session.ts";
import { buildProgress } from "./build-progress.ts";
import { connect, type Engine } from "./connect.ts";
import { endUnderCommand } from "./container-end.ts";
import { fusedContainer, type FusedContainerOptions } from "./fused-container.ts";
import { fusedMain } from "./fused-main.ts";
import { execIn, signalIn, type Streams, terminalEnvironment } from "./terminal.ts";
import { containerWorkspace } from "./workspace.ts";

export interface FusedShellOptions extends Omit<FusedContainerOptions, "backend" | "env" | "onBuildOutput"> {
  /** What serves the models in it. */
  readonly backend: BackendName;
  /** Empty: an interactive shell. With a session: arguments of the client. */
  readonly command: readonly string[];
  /** A session of the client in place of a shell or a command. */
  readonly session?: ClientSession;
  /** Allocate a terminal. Default: stdin and stdout are terminals. */
  readonly tty?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: those of this process. */
  readonly streams?: Streams;
  /** Output of a build, as it comes. Default: its steps go to `say`. */
  readonly onBuildOutput?: (text: string) => void;
  /** Called once the container runs; ends what it began when it is called back. */
  readonly follow?: (engine: Engine, container: string) => () => void;
  /** An engine that is connected already. */
  readonly engine?: Engine;
}

/**
 * Runs a command, or an interactive shell, beside the backend in the fused container of this workspace.
 * @returns the command's exit status
 * @throws SwitchyardError workspace.unusable, engine.none, engine.failed, engine.buildFailed, engine.noSpace, fuse.routerFailed, fuse.litellmFailed
 */
export const runFusedShell = async (options: FusedShellOptions): Promise<number> => {
  const env = options.env ?? process.env;
  const workspace = await containerWorkspace(options.workspace, { env, stateDir: options.stateDir });
  const engine = options.engine ?? (await connect(env));
  const onBuildOutput = options.onBuildOutput ?? buildProgress(options.say);
  const backend = backends[options.backend];
  const id = await fusedContainer(engine, { ...options, backend, workspace, env, onBuildOutput });
  const container = engine.docker.getContainer(id);
  const streams = options.streams ?? { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
  const tty = options.tty ?? (streams.stdin.isTTY === true && streams.stdout.isTTY === true);
  const session = randomUUID();
  const unfollow = options.follow?.(engine, id);
  const status = await execIn(container, {
    command: [...fusedMain, "enter", `--session=${session}`, "--", ...options.command],
    env: {
      ...terminalEnvironment(env),
      ...(options.session && { [clientSessionVariable]: JSON.stringify(options.session) }),
    },
    tty,
    streams,
    onSignal: (signal) => {
      signalIn(container, session, signal).catch(() => undefined);
    },
  }).finally(unfollow);
  const end = await endUnderCommand(container, status, "stack.fused.memory");
  if (end !== undefined) options.say(end);
  return status;
};
