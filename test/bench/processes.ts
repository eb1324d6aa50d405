/** Starts and ends the processes of a run. Every process that was started is ended with the run, by its own id. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import type { LoadJob, LoadReport } from "./load-job.ts";
import { tree } from "./proc.ts";
import { clientKey } from "./contenders/contender.ts";

const started = new Set<ChildProcess>();

/** Ends what is still running; for the end of the run, however it comes. */
export const endAll = (): void => {
  for (const child of started) killTree(child);
};

/** A process and those that it started: LiteLLM's workers outlive it otherwise. */
const killTree = (child: ChildProcess): void => {
  for (const pid of tree(child.pid!).slice(1)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  child.kill("SIGKILL");
};

const remember = (child: ChildProcess): ChildProcess => {
  started.add(child);
  child.once("exit", () => started.delete(child));
  return child;
};

export const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => killTree(child), 3000);
  await gone;
  clearTimeout(timer);
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

const here = import.meta.dirname;

export const startProvider = async (): Promise<{ child: ChildProcess; port: number }> => {
  const child = remember(fork(join(here, "provider.ts")));
  const [message] = (await once(child, "message")) as [{ port: number }];
  return { child, port: message.port };
};

export interface LoadGenerator {
  readonly child: ChildProcess;
  run(job: LoadJob): Promise<LoadReport>;
}

export const startLoadGenerator = async (): Promise<LoadGenerator> => {
  const child = remember(fork(join(here, "load.ts")));
  await once(child, "message");
  return {
    child,
    run: async (job) => {
      child.send(job);
      const [report] = (await once(child, "message")) as [LoadReport];
      return report;
    },
  };
};

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** LiteLLM on a busy machine takes 20 s and more. Milliseconds. */
const startLimit = 120_000;

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** Milliseconds from the spawn to the first 200 on `readyPath`. */
  readonly ready: number;
  /** What it wrote so far, both streams, the end of it. */
  output(): string;
}

/** @throws Error with the process' output when it ends or does not become ready within two minutes */
export const startContender = async (
  command: Command,
  port: number,
  ready: { readonly readyPath: string; readonly readyMark?: string },
): Promise<Started> => {
  const began = performance.now();
  const child = remember(
    spawn(command.file, command.args, {
      cwd: command.cwd,
      env: { PATH: process.env["PATH"] ?? "", ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  let output = "";
  const keep = (data: Buffer): void => {
    output = (output + data.toString()).slice(-2000);
  };
  child.stdout!.on("data", keep);
  child.stderr!.on("data", keep);
  let failed = "";
  child.once("error", (error) => (failed = error.message));
  child.once("exit", (code) => (failed = `ended with status ${code}`));
  while (!(await answers(port, ready.readyPath, ready.readyMark ?? ""))) {
    if (failed !== "") throw new Error(`${failed}: ${output}`);
    if (performance.now() - began > startLimit) {
      await end(child);
      throw new Error(`not ready within ${startLimit / 1000} s: ${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return { child, pid: child.pid!, port, ready: performance.now() - began, output: () => output };
};

/** Asks once whether a path is answered with 200, and with that text in the body. */
const answers = (port: number, path: string, mark: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    const head = [`GET ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`, `authorization: Bearer ${clientKey}`];
    socket.once("connect", () => socket.write(`${head.join("\r\n")}\r\nconnection: close\r\n\r\n`));
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
      if (!text.startsWith("HTTP/1.1 200 ")) settle(false);
      else if (text.includes(mark)) settle(true);
    });
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
  });
