/** Runs a command in a container with the caller's own terminal, or with its three streams kept apart where there is none. */
import { spawnSync } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { SwitchyardError } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";
import { listenForSignals } from "../shared/signals.ts";
import { endedWithContainer } from "./container-end.ts";
import { isGone } from "./engine-status.ts";

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly stderr: Writable;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Allocate a terminal: stdout and stderr are then one stream, as on every terminal. */
  readonly tty: boolean;
  readonly streams: Streams;
  /** Called for a signal that the caller gets: the command is in the container and does not see it. */
  readonly onSignal?: (signal: NodeJS.Signals) => void;
}

const terminalVariables = ["TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "FORCE_COLOR", "TZ"];

/** What the caller's terminal says about itself, for a shell in a container. */
export const terminalEnvironment = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    terminalVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );

/** Waits for the exit status: the engine ends the stream a moment before it knows. */
const exitStatus = async (exec: Docker.Exec): Promise<number> => {
  for (let i = 0; i < 200; i++) {
    const state = await exec.inspect().catch((error: unknown) => {
      // The engine forgets what ran in a container that is removed.
      if (isGone(error)) return { Running: false, ExitCode: endedWithContainer };
      throw error;
    });
    if (!state.Running && state.ExitCode !== null) return state.ExitCode;
    await sleep(Math.min(10 + i, 100));
  }
  throw new SwitchyardError("engine.failed", { detail: "the engine does not say how the command ended" });
};

/**
 * Raw mode in both directions. Node's own leaves the output's translation of `\n` on: a full-screen program that moves the
 * cursor down by a bare line feed would find itself in the first column.
 */
const setRaw = (stdin: Streams["stdin"]): void => {
  stdin.setRawMode?.(true);
  if (stdin === process.stdin) spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
};

const keepSize = (exec: Docker.Exec, stdout: Streams["stdout"]): (() => void) => {
  const resize = (): void => {
    const { columns, rows } = stdout;
    if (columns === undefined || rows === undefined || columns === 0 || rows === 0) return;
    // A resize that comes after the end is refused; there is nothing left to resize.
    exec.resize({ w: columns, h: rows }).catch(() => undefined);
  };
  resize();
  stdout.on("resize", resize);
  return () => void stdout.off("resize", resize);
};

/** Listens for the signals that end a program; without a listener they would end us and leave the command behind. */
const passSignals = (tty: boolean, onSignal: (signal: NodeJS.Signals) => void): (() => void) => {
  // In raw mode Ctrl-C is a byte for the command's own terminal, and no signal.
  const signals: NodeJS.Signals[] = tty ? ["SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  return listenForSignals(signals, onSignal);
};

/**
 * Runs `request.command` and waits for its end. The terminal is given back as it was, however it ends.
 * @returns the command's exit status
 */
export const execIn = async (container: Docker.Container, request: ExecRequest): Promise<number> => {
  const { tty, streams } = request;
  const { stdin, stdout, stderr } = streams;
  const exec = await container.exec({
    Cmd: [...request.command],
    Env: Object.entries(request.env ?? {}).map(([name, value]) => `${name}=${value}`),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
  });
  const undo: (() => void)[] = [];
  try {
    // Listening before the command starts, so that no signal ends us and leaves it behind; it is told once it is there.
    const early: NodeJS.Signals[] = [];
    let tell = (signal: NodeJS.Signals): void => void early.push(signal);
    const { onSignal } = request;
    if (onSignal !== undefined) undo.push(passSignals(tty, (signal) => tell(signal)));
    const stream = await exec.start({ hijack: true, stdin: true, Tty: tty });
    undo.push(() => void stream.destroy());
    if (onSignal !== undefined) {
      tell = onSignal;
      early.forEach(onSignal);
    }
    if (tty) {
      if (stdin.isTTY === true && stdin.setRawMode !== undefined) {
        setRaw(stdin);
        undo.push(() => void stdin.setRawMode?.(false));
      }
      undo.push(keepSize(exec, stdout));
    }
    const ended = new Promise<void>((resolve, reject) => {
      stream.once("end", resolve);
      stream.once("close", resolve);
      stream.once("error", reject);
    });
    // A reader that goes away (`| head`) ends the command as a broken pipe would.
    const gone = (): void => {
      onSignal?.("SIGHUP");
      stream.destroy();
    };
    stdout.on("error", gone);
    undo.push(() => void stdout.off("error", gone));
    if (tty) stream.pipe(stdout, { end: false });
    else container.modem.demuxStream(stream, stdout, stderr);
    stdin.pipe(stream);
    undo.push(() => {
      stdin.unpipe(stream);
      stdin.pause();
    });
    await ended;
    return await exitStatus(exec);
  } finally {
    for (const each of undo.toReversed()) each();
  }
};

/** Cuts what is written to it into lines. */
const lineSink = (onLine: (line: string) => void): { write(chunk: Buffer): void } => {
  let rest = "";
  return {
    write: (chunk) => {
      const lines = (rest + chunk.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    },
  };
};

/**
 * Runs a short command with no input.
 * @param onLine gets each line of its stdout as it comes
 * @returns its status and what it printed; without `onLine` both streams together, with it stderr alone
 */
export const captureIn = async (
  container: Docker.Container,
  command: readonly string[],
  onLine?: (line: string) => void,
): Promise<{ status: number; output: string }> => {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  let output = "";
  const sink = { write: (chunk: Buffer) => void (output += chunk.toString("utf8")) };
  const lines = onLine === undefined ? sink : lineSink(onLine);
  container.modem.demuxStream(stream, lines, sink);
  await new Promise<void>((resolve, reject) => {
    stream.once("end", resolve);
    stream.once("close", resolve);
    stream.once("error", reject);
  });
  return { status: await exitStatus(exec), output };
};

/**
 * Signals a command that has `--session=SESSION` on its command line: the engine cannot signal what it executes, so it is found
 * in the container by this mark.
 */
export const signalIn = (
  container: Docker.Container,
  session: string,
  signal: NodeJS.Signals,
): Promise<{ status: number; output: string }> =>
  captureIn(container, ["pkill", `-${signal.slice("SIG".length)}`, "-f", `[-]-session=${session}`]);
