/** The router and its providers as processes of their own. Each is ended by its own id. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFlags } from "../../../src/shared/node-flags.ts";
import { root, sandbox, untilPrinted } from "../../support/cli.ts";
import type { Call, ChaosOptions } from "./provider.ts";

export interface ChaosProcess {
  url: string;
  child: ChildProcess;
  calls(): Promise<Call[]>;
  kill(): Promise<void>;
}

const ended = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
};

export const chaosProvider = async (options: ChaosOptions): Promise<ChaosProcess> => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "provider-main.ts"), JSON.stringify(options)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [, url] = await untilPrinted(child, "stdout", /^(http:\S+)/m);
  return {
    url: url!,
    child,
    calls: async () => (await (await fetch(url!)).json()) as Call[],
    kill: () => ended(child, "SIGKILL"),
  };
};

export interface LogLine {
  level: string;
  msg: string;
  requestId?: string;
  outcome?: string;
  [field: string]: unknown;
}

export interface RouterProcess {
  url: string;
  child: ChildProcess;
  /** What it wrote to its log so far. */
  log(): LogLine[];
  /** After a collection, in bytes. */
  memory(): Promise<NodeJS.MemoryUsage>;
  /** Ends it as a user would. @returns its exit status */
  end(): Promise<number | null>;
  /** Kills it and removes its folder. */
  close(): Promise<void>;
}

/** `switchyard router` as `bin/switchyard` starts it, with a home of its own. @param yaml the user's configuration */
export const routerProcess = async (yaml: string, { keepsLog = true } = {}): Promise<RouterProcess> => {
  const box = sandbox();
  const file = join(box.folder, "switchyard.yaml");
  writeFileSync(file, yaml);
  const node = ["--expose-gc", ...nodeFlags, "--import", join(import.meta.dirname, "gc-hook.ts")];
  const child = spawn(
    process.execPath,
    [...node, join(root, "bin/start.mjs"), "router", "--config", file, "--port", "0"],
    { cwd: box.workspace, env: box.env, stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  const pieces: string[] = [];
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    if (keepsLog) pieces.push(text);
  });
  const [, url] = await untilPrinted(child, "stdout", /^listening on (\S+)/m).catch((error: unknown) => {
    throw new Error(`${String(error)}; ${pieces.join("")}`);
  });
  return {
    url: url!,
    child,
    log: () =>
      pieces
        .join("")
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as LogLine),
    memory: async () => {
      const answer = once(child, "message");
      child.send("memory");
      return ((await answer) as [NodeJS.MemoryUsage])[0];
    },
    end: async () => {
      await ended(child, "SIGTERM");
      return child.exitCode;
    },
    close: async () => {
      await ended(child, "SIGKILL");
      box.remove();
    },
  };
};
