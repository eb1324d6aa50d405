/** The router inside the container: started under its own user, its keys handed in on stdin, started again when it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { SwitchyardError } from "../shared/errors.ts";

export interface RouterOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables for the configuration; they go through a pipe, and stand in no environment. */
  readonly keys: Readonly<Record<string, string>>;
  /** Answers 200 when the router takes turns. */
  readonly readyUrl: string;
  /** How long a start may take, in milliseconds. */
  readonly patience: number;
  readonly say: (line: string) => void;
}

export interface RouterProcess {
  stop(): Promise<void>;
}

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Longest pause between two restarts, in milliseconds. */
const longestPause = 5000;

/**
 * Starts the router and waits until it is ready; from then on it is started again whenever it ends.
 * Its stdout and stderr go to our stderr, which is the container's log.
 * @throws SwitchyardError fuse.routerFailed where the first start fails
 */
export const startRouter = async (options: RouterOptions): Promise<RouterProcess> => {
  let stopping = false;
  let child: ChildProcess | undefined;

  const launch = (): ChildProcess => {
    const [program = "", ...args] = options.command;
    const started = spawn(program, args, { env: options.env, stdio: ["pipe", 2, 2], cwd: "/" });
    started.once("error", (error) => options.say(`the router cannot be started: ${error.message}`));
    // A router that ends before it has read its keys closes the pipe; its exit is what counts.
    started.stdin?.on("error", () => undefined);
    started.stdin?.end(`${JSON.stringify(options.keys)}\n`);
    return started;
  };

  const ready = async (started: ChildProcess): Promise<boolean> => {
    const deadline = Date.now() + options.patience;
    while (!hasEnded(started) && Date.now() < deadline) {
      if (await answers(options.readyUrl)) return true;
      await sleep(25);
    }
    return false;
  };

  const keepAlive = async (first: ChildProcess): Promise<void> => {
    let current = first;
    let pause = 100;
    for (;;) {
      if (!hasEnded(current)) await once(current, "exit");
      if (stopping) return;
      options.say(`the router ended (${current.signalCode ?? current.exitCode}); starting it again`);
      await sleep(pause);
      if (stopping) return;
      current = launch();
      child = current;
      pause = (await ready(current)) ? 100 : Math.min(pause * 2, longestPause);
    }
  };

  child = launch();
  if (!(await ready(child))) {
    const how = hasEnded(child)
      ? `it ended with ${child.signalCode ?? child.exitCode}`
      : `no answer at ${options.readyUrl}`;
    stopping = true;
    child.kill("SIGKILL");
    throw new SwitchyardError("fuse.routerFailed", { detail: how });
  }
  void keepAlive(child);

  return {
    stop: async () => {
      stopping = true;
      const last = child;
      if (last === undefined || hasEnded(last)) return;
      const ended = once(last, "exit");
      last.kill("SIGTERM");
      const force = setTimeout(() => last.kill("SIGKILL"), 3000);
      await ended;
      clearTimeout(force);
    },
  };
};
