/** A server that none of us wrote, as a process on loopback, with a folder of its own that goes with it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../support/cli.ts";

export interface ServerProcess {
  /** `http://127.0.0.1:port` */
  url: string;
  /** What it printed so far. */
  log(): string;
  close(): Promise<void>;
}

export interface ServerCommand {
  /** For messages. */
  name: string;
  program: string;
  args: string[];
  /** The whole of its configuration; it is written as JSON, which is YAML. */
  config: object;
  env?: Record<string, string>;
  /** True once the server at this address can be asked; where it does not answer at all it may throw. */
  ready: (url: string) => Promise<boolean>;
  /** What it is told on stdin, whose end ends it. Without: stdin is empty, and a signal ends it. */
  input?: string;
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/**
 * @param command what is run, made from where it is to listen, the path of its configuration and the folder that it may write to, which is
 *   its home as well
 * @throws Error where it ends, or is not ready after four minutes
 */
export const startServer = async (
  command: (port: number, configFile: string, folder: string) => ServerCommand,
): Promise<ServerProcess> => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-server-"));
  const configFile = join(folder, "config.yaml");
  const port = await freePort();
  const { name, program, args, config, env, ready, input } = command(port, configFile, folder);
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  if (input === undefined) child.stdin.end();
  else child.stdin.write(input);
  const close = async (): Promise<void> => {
    if (input === undefined) child.kill("SIGTERM");
    else child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await until(
      async () => child.exitCode !== null || (await ready(url).catch(() => false)),
      () => `${name}; it printed: ${log}`,
      240_000,
    );
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}; it printed: ${log}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, log: () => log, close };
};
