/** Runs `docker compose` and `docker buildx`, and understands how they fail. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { type ErrorCode, SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { cacheDir } from "../shared/paths.ts";
import type { Engine } from "./connect.ts";

/** What a failure of Docker's own tools means: the words of its output tell more than its exit status. */
export const classifyFailure = (output: string, otherwise: ErrorCode): ErrorCode =>
  /no space left on device|disk quota exceeded/i.test(output) ? "engine.noSpace" : otherwise;

const kept = 64 * 1024;

/** buildx keeps notes of its builds; left alone it would make a `~/.docker` in the user's home for them. */
const buildxFolder = (env: NodeJS.ProcessEnv): string => join(cacheDir(env), "buildx");

/** The last lines of an output, for an error. */
export const tailOf = (output: string, lines: number): string =>
  output.trimEnd().split("\n").slice(-lines).join("\n").trim();

export interface CliResult {
  readonly status: number;
  /** stdout and stderr as they came, the last 64 KiB. */
  readonly output: string;
}

/**
 * Runs `docker ARGS`.
 * @param options.onOutput gets what is printed, as it comes
 * @throws SwitchyardError engine.failed where there is no `docker` command at all
 */
export const runDocker = (
  engine: Pick<Engine, "env">,
  args: readonly string[],
  options: { onOutput?: (text: string) => void; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<CliResult> =>
  new Promise((resolve, reject) => {
    const child = spawn("docker", args, {
      cwd: options.cwd,
      env: { BUILDX_CONFIG: buildxFolder(engine.env), ...engine.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const take = (text: string): void => {
      output = (output + text).slice(-kept);
      options.onOutput?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.once("error", (error) => {
      const missing = systemCodeOf(error) === "ENOENT";
      reject(
        new SwitchyardError("engine.failed", {
          detail: missing ? "the `docker` command is not installed" : error.message,
          hint: "Install Docker's client with its compose and buildx plugins (on Debian: make engine).",
          cause: error,
        }),
      );
    });
    child.once("close", (status) => resolve({ status: status ?? 1, output }));
  });

/** As `runDocker`, for a command that must succeed. @throws SwitchyardError engine.noSpace, or `code` with the last lines of the output */
export const requireDocker = async (
  engine: Pick<Engine, "env">,
  args: readonly string[],
  code: ErrorCode,
  options: Parameters<typeof runDocker>[2] & { quietDetail?: boolean } = {},
): Promise<string> => {
  const { status, output } = await runDocker(engine, args, options);
  if (status === 0) return output;
  if (
    /is not a docker command|^unknown (?:shorthand )?flag: .*\n\s*(?:See 'docker --help'|Usage:  docker \[OPTIONS\] COMMAND)/im.test(
      output,
    ) &&
    /compose|buildx/.test(args[0] ?? "")
  ) {
    throw new SwitchyardError("engine.failed", {
      detail: `docker has no plugin '${args[0]}'`,
      hint: "Install docker's compose and buildx plugins (on Debian: make engine).",
    });
  }
  throw new SwitchyardError(classifyFailure(output, code), {
    detail: tailOf(output, options.quietDetail ? 3 : 10),
  });
};
