/** Runs a tool of the machine (npm, pip) to its end. */
import { spawn } from "node:child_process";
import { messageOf } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";

/** Keeps the tool's output for the error: nothing of it reaches our stdout. @throws Error with its last lines */
export const runTool = async (
  program: string,
  args: readonly string[],
  cwd: string,
  env: Environment,
): Promise<void> => {
  const child = spawn(program, args, { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (text: string): void => {
    output = (output + text).slice(-4_000);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const status = await new Promise<number | string | null>((resolve) => {
    child.once("error", (error) => resolve(messageOf(error)));
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  if (status === 0) return;
  const words = output.trim().split("\n").slice(-8).join("\n  ");
  throw new Error(`${program} ${args[0] ?? ""} ended with ${status}${words === "" ? "" : `\n  ${words}`}`);
};
