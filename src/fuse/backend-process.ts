/**
 * Keeps a backend (the router, or LiteLLM) running as a child process: started, awaited, restarted when it crashes, ended.
 * Assumes nothing of the place: the host runtime and the supervisor inside the fused container both use it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "../shared/backends.ts";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import { createLineReader } from "./lines.ts";
import { openLogFile } from "./log-file.ts";
import { tellWaiting } from "../shared/waiting.ts";

export interface BackendProcessOptions {
  readonly backend: Pick<Backend, "title" | "readyPath" | "announces" | "patience" | "failed">;
  /** Command line that starts it on `port`; its first element is the program. 0 asks for any free port, of one that announces it. */
  readonly argv: (port: number) => readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** User and group to run under; needs the right to change to them. */
  readonly uid?: number;
  readonly gid?: number;
  /** Port of the first start; 0 (the default) takes a free one. Later starts take the same one again. */
  readonly port?: number;
  /** Written to its stdin at each start, one line. */
  readonly stdin?: string;
  /** File that its log is appended to. */
  readonly logFile?: string;
  /** Called with each line of its log. */
  readonly onLogLine?: (line: string) => void;
  /** Called when it has crashed and is about to be started again. */
  readonly onRestart?: (reason: string) => void;
  /** Called now and then while its first start takes long, with the line that tells so. */
  readonly onWaiting?: (line: string) => void;
  /** Milliseconds until it must be ready; default: the backend's own patience. */
  readonly readyTimeout?: number;
  /** Gives up the first start. */
  readonly signal?: AbortSignal;
  /** First and longest wait before a restart, in milliseconds; default 100 and 5,000. */
  readonly restartDelay?: { readonly first: number; readonly longest: number };
  /** Milliseconds between SIGTERM and SIGKILL; default 5,000. */
  readonly stopGrace?: number;
}

export interface BackendProcess {
  /** `http://host:port`, the same as long as it lives. */
  readonly url: string;
  /** Process id of the one that runs now, or undefined between two. */
  pid(): number | undefined;
  /**
   * Ends it and waits until it is gone. May be called more than once.
   * @param grace milliseconds between SIGTERM and SIGKILL; default: the options'
   */
  stop(grace?: number): Promise<void>;
  /** Writes a line to its stdin, now and at each later start. */
  send(line: string): void;
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  /** Resolves with words such as `exit status 1` or `signal SIGKILL` when it ends. */
  readonly ended: Promise<string>;
}

const keptLogLines = 12;

/** A port of loopback that is free at this moment. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/**
 * Starts a backend and waits until it says that it is ready.
 * @throws SwitchyardError `backend.failed` with the last lines of its log
 */
export const startBackendProcess = async (options: BackendProcessOptions): Promise<BackendProcess> => {
  const { backend } = options;
  const log = options.logFile === undefined ? undefined : openLogFile(options.logFile);
  const delay = options.restartDelay ?? { first: 100, longest: 5_000 };
  const stopping = new AbortController();
  options.signal?.addEventListener("abort", () => stopping.abort(), { once: true });
  let current: ChildProcess | undefined;
  let { stdin } = options;

  const start = (port: number): Promise<Started> =>
    startOnce({ ...options, ...(stdin !== undefined && { stdin }) }, port, stopping.signal, (line) => {
      log?.write(`${line}\n`);
      options.onLogLine?.(line);
    });

  const wanted = options.port ?? 0;
  const stopTelling = tellWaiting(`${backend.title} is starting`, options.onWaiting);
  const first = await start(wanted === 0 && !backend.announces ? await freePort() : wanted).finally(
    stopTelling,
  );
  current = first.child;
  const { url } = first;
  const port = Number(new URL(url).port);

  const keepRunning = async (): Promise<void> => {
    let ended = first.ended;
    let wait = delay.first;
    for (;;) {
      const startedAt = Date.now();
      let reason = await ended;
      current = undefined;
      // One that ran for a while is forgiven: the waiting starts anew.
      if (Date.now() - startedAt > 60_000) wait = delay.first;
      for (let up = false; !up;) {
        if (stopping.signal.aborted) return;
        options.onRestart?.(reason);
        log?.write(
          `${JSON.stringify({ level: 40, msg: `${backend.title} ended (${reason}): starting it again` })}\n`,
        );
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        wait = Math.min(wait * 2, delay.longest);
        try {
          const next = await start(port);
          current = next.child;
          ended = next.ended;
          up = true;
        } catch (error) {
          reason = messageOf(error).split("\n", 1)[0]!;
        }
      }
    }
  };
  const kept = keepRunning();

  return {
    url,
    pid: () => current?.pid,
    send: (line) => {
      stdin = line;
      current?.stdin?.write(`${line}\n`);
    },
    stop: async (grace) => {
      stopping.abort();
      if (current !== undefined) await end(current, grace ?? options.stopGrace ?? 5_000);
      await kept;
    },
  };
};

/** One start: resolves when it is ready, rejects when it ends or is silent before. */
const startOnce = async (
  options: BackendProcessOptions,
  port: number,
  stopping: AbortSignal,
  onLine: (line: string) => void,
): Promise<Started> => {
  const [program, ...args] = options.argv(port);
  if (program === undefined) throw new SwitchyardError("internal", { detail: "an empty command line" });
  const child = spawn(program, args, {
    env: { ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.gid !== undefined && { gid: options.gid }),
    stdio: ["pipe", "pipe", "pipe"],
    // A process group of its own: Ctrl-C in the terminal is meant for the client.
    detached: true,
  });
  const lastLines: string[] = [];
  const toLog = (line: string): void => {
    if (!isTrace(line)) lastLines.push(line);
    if (lastLines.length > keptLogLines) lastLines.shift();
    onLine(line);
  };
  const reader = createLineReader(toLog);
  child.stderr.setEncoding("utf8").on("data", reader.push).on("end", reader.end);
  // One that dies early breaks the pipe; its exit tells the story.
  child.stdin.on("error", () => undefined);
  // The pipe stays open: one started with --end-with-stdin ends with us, even when we are killed.
  child.stdin.write(options.stdin === undefined ? "" : `${options.stdin}\n`);

  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(messageOf(error)));
    child.once("close", (status, signal) =>
      resolve(signal === null ? `exit status ${status}` : `signal ${signal}`),
    );
  });
  const { promise: listening, resolve: found } = Promise.withResolvers<string>();
  if (!options.backend.announces) found(`http://127.0.0.1:${port}`);
  const words = createLineReader((line) => {
    if (!options.backend.announces) return toLog(line);
    const match = /^listening on (http:\/\/\S+)$/.exec(line);
    if (match?.[1] !== undefined) found(match[1]);
  });
  child.stdout.setEncoding("utf8").on("data", words.push);

  const cancelled = new AbortController();
  const onStop = (): void => cancelled.abort();
  stopping.addEventListener("abort", onStop, { once: true });
  const timeout = options.readyTimeout ?? options.backend.patience;
  try {
    const outcome = await Promise.race([
      untilReady(listening, options.backend.readyPath, cancelled.signal).then((url) => ({ url })),
      ended.then((reason) => ({ failed: `it ended with ${reason}` })),
      sleep(timeout, { failed: `it was not ready after ${timeout / 1000} s` }, { signal: cancelled.signal }),
    ]).catch((error: unknown) => ({
      failed: stopping.aborted ? "it was stopped before it was ready" : messageOf(error),
    }));
    if ("url" in outcome) return { child, url: outcome.url, ended };
    await end(child, 1_000);
    throw new SwitchyardError(options.backend.failed, {
      detail: [outcome.failed, ...lastLines.map(readableLine)].join("\n  "),
      ...(options.logFile !== undefined && { hint: `Its whole log: ${options.logFile}` }),
    });
  } finally {
    stopping.removeEventListener("abort", onStop);
    cancelled.abort();
  }
};

/** Waits for the address, then for its `path` to answer 200. */
const untilReady = async (listening: Promise<string>, path: string, signal: AbortSignal): Promise<string> => {
  const url = await listening;
  while (!signal.aborted) {
    try {
      const answer = await fetch(`${url}${path}`, { signal });
      await answer.arrayBuffer();
      if (answer.ok) return url;
    } catch {
      // Not yet.
    }
    await sleep(50);
  }
  throw new Error("it was stopped before it was ready");
};

/** SIGTERM, then SIGKILL after `grace` milliseconds; resolves when it is gone. */
const end = async (child: ChildProcess, grace: number): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), grace);
  await gone;
  clearTimeout(timer);
};

/** The inside of a stack trace, Python's or Node's: it is for the log, and what went wrong stands below or above it. */
const isTrace = (line: string): boolean => /^\s|Traceback \(most recent call last\):$/.test(line);

/** A line of the log for a person: the message of a JSON line, else the line itself. */
const readableLine = (line: string): string => {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && "msg" in value && typeof value.msg === "string")
      return value.msg;
  } catch {
    // Not one of ours.
  }
  return line;
};
