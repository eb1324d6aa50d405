/** A container that is there for one command of the user's: it has the terminal, and goes with the command's end. */
import { spawn } from "node:child_process";
import { labels } from "../shared/container-layout.ts";
import { SwitchyardError } from "../shared/errors.ts";
import type { Engine } from "./connect.ts";

export interface OneOff {
  readonly name: string;
  readonly project: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly uid: number;
  readonly gid: number;
  /** Files and folders of this machine. */
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly?: true }[];
  /** Port of 127.0.0.1 that leads to the same one inside. */
  readonly port?: number;
}

/** A field of `--mount`, whose form is CSV. */
const field = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const argumentsOf = (of: OneOff, tty: boolean): string[] => [
  "run",
  "--rm",
  "--interactive",
  ...(tty ? ["--tty"] : []),
  "--init",
  "--name",
  of.name,
  "--user",
  `${of.uid}:${of.gid}`,
  "--read-only",
  "--tmpfs",
  "/tmp:exec,mode=1777",
  "--cap-drop",
  "ALL",
  "--security-opt",
  "no-new-privileges:true",
  "--add-host",
  "host.docker.internal:host-gateway",
  "--label",
  `${labels.project}=${of.project}`,
  ...of.mounts.flatMap(({ source, target, readOnly }) => [
    "--mount",
    ["type=bind", field(`source=${source}`), `target=${target}`, ...(readOnly ? ["readonly"] : [])].join(","),
  ]),
  ...(of.port === undefined ? [] : ["--publish", `127.0.0.1:${of.port}:${of.port}`]),
  of.image,
  ...of.command,
];

/**
 * Runs a program of this machine with the terminal of this process, and waits for its end. An interrupt is the program's to answer.
 * @returns its exit status; 128 and the signal's number where one ended it
 * @throws SwitchyardError engine.failed where there is no such program
 */
export const runAttached = (
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const pass = (): void => undefined;
    process.on("SIGINT", pass);
    const child = spawn(program, args, { stdio: "inherit", env });
    const end = (): void => void process.off("SIGINT", pass);
    child.once("error", (cause) => {
      end();
      reject(new SwitchyardError("engine.failed", { detail: `${program}: ${cause.message}`, cause }));
    });
    child.once("close", (status, signal) => {
      end();
      resolve(status ?? (signal === "SIGINT" ? 130 : 143));
    });
  });

/** @returns the command's exit status */
export const runOneOff = (engine: Engine, of: OneOff): Promise<number> => {
  const tty = process.stdin.isTTY && process.stdout.isTTY;
  return runAttached("docker", argumentsOf(of, tty), engine.env);
};
