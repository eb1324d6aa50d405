/** A workspace, a configuration with a key, and shells in its fused container. */
import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../../src/engine/connect.ts";
import { findContainers, removeProject } from "../../../src/engine/containers.ts";
import type { BackendName } from "../../../src/shared/backends.ts";
import { labels } from "../../../src/shared/container-layout.ts";
import type { DriverOptions } from "./shell-driver.ts";

/** A key as a provider's; made anew so that no file of this machine holds it already. */
export const providerKey = `sk-test-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Shell {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Waits until the shell has printed `text` on stdout. */
  printed(text: string): Promise<void>;
}

export interface Fixture {
  readonly backend: BackendName;
  readonly folder: string;
  readonly workspace: string;
  readonly project: string;
  readonly stateDir: string;
  /** Starts a shell. `through`: a command line that runs the driver, such as one with a terminal. */
  start(
    command: readonly string[],
    options?: { through?: (driver: string) => string[]; workspace?: string; backend?: BackendName },
  ): Shell;
  /** Opens a shell that keeps the container until the end: what comes later joins it and need not wait for its start. */
  hold(): Promise<void>;
  /** Runs a command to its end with `input` on its stdin. */
  run(command: readonly string[], input?: string): Promise<Finished>;
  /** Runs a script in the shell's bash. */
  bash(script: string, input?: string): Promise<Finished>;
  containers(): ReturnType<typeof findContainers>;
  /** Waits until no container of the project runs. */
  stopped(): Promise<void>;
  remove(): Promise<void>;
}

const driver = join(import.meta.dirname, "shell-driver.ts");

const configuration = `
providers:
  guarded: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: ["\${E2E_PROVIDER_KEY}"] }
routes:
  default: ["demo,echo"]
  think: ["guarded,model"]
`;

/**
 * @param uid user that the shells run as; the workspace is theirs
 * @param variables of the configuration
 * @param backend what serves the models
 */
export const fixture = (
  engine: Engine,
  uid: number,
  config = configuration,
  variables: Readonly<Record<string, string>> = { E2E_PROVIDER_KEY: providerKey },
  backend: BackendName = "router",
): Fixture => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-docker-"));
  const workspace = join(folder, "workspace");
  const stateDir = join(folder, "state");
  const configFile = join(folder, "switchyard.yaml");
  mkdirSync(workspace);
  chownSync(workspace, uid, uid);
  writeFileSync(configFile, config);
  const project = `e2e-${process.pid}-${uid}-${Math.random().toString(36).slice(2, 8)}`;

  const start: Fixture["start"] = (command, options = {}) => {
    const given: DriverOptions = {
      backend: options.backend ?? backend,
      project,
      stateDir,
      workspace: options.workspace ?? workspace,
      config: configFile,
      command,
      uid,
    };
    const [program = "", ...args] = options.through?.(`${process.execPath} ${driver}`) ?? [
      process.execPath,
      driver,
    ];
    const child = spawn(program, args, {
      env: { ...process.env, SHELL_DRIVER: JSON.stringify(given), ...variables },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const finished = new Promise<Finished>((resolve, reject) => {
      child.once("error", reject);
      // Not its exit: what it said last may come behind that.
      child.once("close", (status) => resolve({ status, stdout, stderr }));
    });
    return {
      child,
      finished,
      printed: async (text) => {
        while (!stdout.includes(text)) {
          const ended = await Promise.race([sleep(50), finished]);
          if (ended !== undefined && !stdout.includes(text)) {
            throw new Error(
              `the shell ended (${child.signalCode ?? child.exitCode}) without printing '${text}':\n${stdout}${stderr}`,
            );
          }
        }
      },
    };
  };
  const run: Fixture["run"] = (command, input = "") => {
    const { child, finished } = start(command);
    child.stdin?.end(input);
    return finished;
  };
  const held: Shell[] = [];
  const containers: Fixture["containers"] = () => findContainers(engine, { [labels.project]: project });

  return {
    backend,
    folder,
    workspace,
    project,
    stateDir,
    start,
    run,
    hold: async () => {
      const shell = start(["bash", "-c", "echo up; read line"]);
      held.push(shell);
      await shell.printed("up");
    },
    bash: (script, input) => run(["bash", "-c", script], input),
    containers,
    stopped: async () => {
      while ((await containers()).some(({ state }) => state === "running")) await sleep(50);
    },
    remove: async () => {
      for (const { child, finished } of held) {
        child.stdin?.end("\n");
        await finished;
      }
      await removeProject(engine, project, { volumes: true, images: false });
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
