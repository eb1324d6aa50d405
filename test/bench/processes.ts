/** Starts and ends the processes of a run. Every process that was started is ended with the run, by its own id. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import type { LoadJob, LoadReport } from "./load-job.ts";

const started = new Set<ChildProcess>();

/** Ends what is still running; for the end of the run, however it comes. */
export const endAll = (): void => {
  for (const child of started) child.kill("SIGKILL");
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
  const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
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

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** Milliseconds from the spawn to the first 200 on `readyPath`. */
  readonly ready: number;
  /** What it wrote so far, both streams, the end of it. */
  output(): string;
}

/** @throws Error with the process' output when it ends or does not become ready within 20 s */
export const startContender = async (command: Command, port: number, readyPath: string): Promise<Started> => {
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
  while (!(await answers(port, readyPath))) {
    if (failed !== "") throw new Error(`${failed}: ${output}`);
    if (performance.now() - began > 20_000) {
      await end(child);
      throw new Error(`not ready within 20 s: ${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return { child, pid: child.pid!, port, ready: performance.now() - began, output: () => output };
};

/** Asks once whether a path is answered with 200. */
const answers = (port: number, path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`));
    socket.once("data", (data: Buffer) => settle(data.toString("latin1", 0, 13) === "HTTP/1.1 200 "));
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
  });
