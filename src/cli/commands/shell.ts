/** `switchyard shell router|litellm|stack`: a shell, or one command, in a fused container, on the host, or in the running stack. */
import { Argument, type Command } from "commander";
import type { BackendName } from "../../shared/backends.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { asArguments, fusedOptions, type FusedOptions, runFused } from "../client/fused.ts";
import { configOption, loadForCommand, type Loaded } from "../configuration.ts";
import { say, setExitStatus } from "./command.ts";

interface Options extends FusedOptions {
  config?: string;
}

/** Opens a shell, or runs one command. @returns its exit status */
type Runner = (loaded: Loaded, command: readonly string[], options: Options) => Promise<number>;

/** A shell beside a backend: in a container where an engine answers, else on the host. */
const fused =
  (backend: BackendName): Runner =>
  (loaded, command, options) =>
    runFused(backend, loaded, { command }, options);

/** A shell in the client's container of the running stack, which has a workspace already. */
const stack: Runner = async (loaded, command, options) => {
  if (options.workspace !== undefined || options.runtime !== undefined) {
    throw new SwitchyardError("usage.invalid", {
      detail: "the running stack has its workspace, and runs in containers",
      hint: "Name the workspace when it is started: switchyard up --workspace DIR.",
    });
  }
  const [{ connect }, { runStackShell }] = await Promise.all([
    import("../../engine/connect.ts"),
    import("../../engine/stack/shell.ts"),
  ]);
  const words = asArguments(command);
  return runStackShell(await connect(process.env), {
    project: loaded.project,
    command: words,
    env: process.env,
    say,
  });
};

/** What `switchyard shell` can open, by its argument. */
const runners: Readonly<Record<string, Runner>> = {
  router: fused("router"),
  litellm: fused("litellm"),
  stack,
};

export const configure = (command: Command): void => {
  const names = Object.keys(runners);
  fusedOptions(configOption(command))
    .usage(`[options] ${names.join("|")} [-- CMD…]`)
    .addArgument(
      new Argument("<backend>", "what serves the models; stack: the running services (up)").choices(names),
    )
    .argument(
      "[cmd...]",
      "one command instead of an interactive shell: one word is a line for a shell, more are run as they are",
    )
    .action(run);
};

const run = async (backend: string, cmd: string[], options: Options): Promise<void> => {
  const loaded = loadForCommand(options);
  const runner = runners[backend];
  if (runner === undefined)
    throw new SwitchyardError("usage.invalid", { detail: `no such shell: ${backend}` });
  setExitStatus(await runner(loaded, cmd, options));
};
