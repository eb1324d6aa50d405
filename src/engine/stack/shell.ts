/** A shell in the client's container of the stack. */
import { randomUUID } from "node:crypto";
import { SwitchyardError } from "../../shared/errors.ts";
import { managedSettingsDir, modelListFiles } from "../../shared/container-layout.ts";
import { clientService } from "../../stack/services/claude-code.ts";
import type { Environment } from "../../shared/paths.ts";
import type { Engine } from "../connect.ts";
import { endUnderCommand } from "../container-end.ts";
import { captureIn, execIn, type Streams, terminalEnvironment } from "../terminal.ts";
import { observeProject } from "./observe.ts";
import { targetFile } from "./probe.ts";

export interface StackShellOptions {
  readonly project: string;
  /** Empty: an interactive shell. */
  readonly command: readonly string[];
  readonly env: Environment;
  /** Default: those of this process. */
  readonly streams?: Streams;
  /** One line for the user. */
  readonly say: (line: string) => void;
}

/**
 * Runs a command, or an interactive shell, with the current target in its environment, for tools other than Claude Code. The
 * interactive one looks again before each prompt: a switch reaches it, too.
 * @returns the command's exit status
 * @throws SwitchyardError stack.down
 */
export const runStackShell = async (engine: Engine, options: StackShellOptions): Promise<number> => {
  const { services } = await observeProject(engine, options.project);
  const client = services.find(({ service }) => service === clientService);
  if (client?.state !== "running") {
    throw new SwitchyardError("stack.down", {
      detail:
        client === undefined
          ? "there is no container of the client"
          : `the client's container: ${client.state}`,
    });
  }
  const container = engine.docker.getContainer(client.id);
  const streams = options.streams ?? { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
  const session = `/tmp/.session-${randomUUID()}`;
  const command = options.command.length > 0 ? options.command : ["bash"];
  // The engine cannot signal a command that it executes: it leaves its number where it can be found.
  // The targets of today in the client's list of models; it starts without them as well.
  const list = `node ${managedSettingsDir}/${modelListFiles.script} 2>/dev/null`;
  const start = `echo $$ >"$0"; . ${targetFile}; ${list}; exec "$@"`;
  try {
    const status = await execIn(container, {
      command: ["bash", "-c", start, session, ...command],
      env: { ...terminalEnvironment(options.env), PROMPT_COMMAND: `. ${targetFile}` },
      tty: streams.stdin.isTTY === true && streams.stdout.isTTY === true,
      streams,
      onSignal: (signal) => {
        const kill = `kill -${signal.slice("SIG".length)} "$(cat ${session})"`;
        captureIn(container, ["bash", "-c", kill]).catch(() => undefined);
      },
    });
    const end = await endUnderCommand(container, status, "stack.client.memory");
    if (end !== undefined) options.say(end);
    return status;
  } finally {
    await captureIn(container, ["rm", "-f", session]).catch(() => undefined);
  }
};
