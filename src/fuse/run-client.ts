/** Runs a command or a shell in the foreground: the terminal is its own, signals reach it, and its exit status is ours. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { systemCodeOf } from "../shared/errors.ts";
import { listenForSignals } from "../shared/signals.ts";
import { descendantsOf, signalProcess } from "./process-tree.ts";

export interface ForegroundOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
  /** Milliseconds between the signal that ends us and SIGKILL; default 5,000. */
  readonly grace?: number;
}

const ending = ["SIGTERM", "SIGHUP"] as const;
const typed = ["SIGINT", "SIGQUIT"] as const;

/**
 * Resolves with the exit status: the command's own, 128 + n where signal n ended it, 127 where it is not there, 126 where it
 * cannot be run. SIGTERM and SIGHUP to us end it and everything that it started.
 */
export const runInForeground = (options: ForegroundOptions): Promise<number> =>
  new Promise((resolve) => {
    const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    let force: NodeJS.Timeout | undefined;

    const endAll = (signal: NodeJS.Signals): void => {
      if (child.pid === undefined) return;
      const pids = [child.pid, ...descendantsOf(child.pid)];
      for (const pid of pids) signalProcess(pid, signal);
      // An interactive shell ignores SIGTERM: a hang-up is what it understands.
      if (signal === "SIGTERM") signalProcess(child.pid, "SIGHUP");
      force ??= setTimeout(() => {
        if (child.pid === undefined) return;
        for (const pid of new Set([...pids, ...descendantsOf(child.pid)])) signalProcess(pid, "SIGKILL");
      }, options.grace ?? 5_000);
    };
    const pass = (signal: NodeJS.Signals): void => {
      // A terminal has sent it to the command itself.
      if (!terminal && child.pid !== undefined) signalProcess(child.pid, signal);
    };
    // Before there is a command: a signal that came while it is being started would end us and leave it behind.
    const listening = [listenForSignals(ending, endAll), listenForSignals(typed, pass)];

    const done = (status: number): void => {
      clearTimeout(force);
      for (const stop of listening) stop();
      resolve(status);
    };
    const child = spawn(options.program, options.args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: "inherit",
    });
    child.once("error", (error) => {
      const missing = systemCodeOf(error) === "ENOENT";
      options.say(
        `${options.program}: ${missing ? "command not found" : `cannot be run (${systemCodeOf(error) ?? error.message})`}`,
      );
      done(missing ? 127 : 126);
    });
    child.once("exit", (status, signal) =>
      done(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
