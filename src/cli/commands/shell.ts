/** `switchyard shell router`: a shell, or one command, in the fused container or on the host. */
import { Argument, type Command, Option } from "commander";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { SwitchyardError } from "../../shared/errors.ts";
import { configOption, keysOf, loadForCommand, type Loaded } from "../configuration.ts";
import { say, setExitStatus } from "./command.ts";

type Runtime = "auto" | "docker" | "host";

interface Options {
  config?: string;
  runtime?: Runtime;
  workspace?: string;
}

export const configure = (command: Command): void => {
  configOption(command)
    .usage("[options] router [-- CMD…]")
    .addArgument(new Argument("<backend>", "what serves the models").choices(["router"]))
    .argument(
      "[cmd...]",
      "one command instead of an interactive shell: one word is a line for a shell, more are run as they are",
    )
    .addOption(
      new Option(
        "--runtime <where>",
        "where it runs (default: docker where an engine answers, else host)",
      ).choices(["auto", "docker", "host"]),
    )
    .option("-w, --workspace <folder>", "your project (default: $WORKSPACE, else this folder)")
    .action(run);
};

const run = async (_backend: string, cmd: string[], options: Options): Promise<void> => {
  const { usableWorkspace } = await import("../../engine/workspace.ts");
  const loaded = loadForCommand(options);
  const workspace = await usableWorkspace(workspaceFolder(options, loaded.root));
  const runtime = await chooseRuntime(options.runtime ?? loaded.config.stack.runtime);
  for (const notice of loaded.config.notices) say(notice);
  setExitStatus(await (runtime === "docker" ? runInContainer : runOnHost)(loaded, workspace, cmd));
};

/** make's own `./workspace` is made where it is missing; any other folder must be there. */
const workspaceFolder = (options: Options, root: string): string => {
  const named = options.workspace ?? process.env["WORKSPACE"];
  const folder = resolve(named === undefined || named === "" ? process.cwd() : named);
  if (folder === join(root, "workspace")) {
    try {
      mkdirSync(folder, { recursive: true });
    } catch {
      // What is wrong with it is said when it is looked at.
    }
  }
  return folder;
};

/** @throws SwitchyardError engine.none where docker is asked for and no engine answers */
const chooseRuntime = async (wanted: Runtime): Promise<"docker" | "host"> => {
  if (wanted === "host") {
    say("running on the host: no container, no isolation");
    return "host";
  }
  const { connect } = await import("../../engine/connect.ts");
  try {
    await connect(process.env);
    return "docker";
  } catch (error) {
    if (wanted === "docker" || !(error instanceof SwitchyardError && error.code === "engine.none"))
      throw error;
    say("no Docker Engine answers: running on the host, without isolation");
    return "host";
  }
};

const runInContainer = async (
  loaded: Loaded,
  workspace: string,
  command: readonly string[],
): Promise<number> => {
  const { runFusedShell } = await import("../../engine/shell-docker.ts");
  return runFusedShell({ ...loaded, workspace, command: asArguments(command), env: process.env, say });
};

/** One word is a line for a shell. */
const asArguments = (command: readonly string[]): readonly string[] =>
  command.length === 1 ? ["bash", "-c", ...command] : command;

const runOnHost = async (loaded: Loaded, workspace: string, command: readonly string[]): Promise<number> => {
  const [{ runHostShell }, { usesPassthrough }] = await Promise.all([
    import("../../fuse/host.ts"),
    import("../../engine/handover.ts"),
  ]);
  return runHostShell({
    config: loaded.config,
    ...(loaded.configFile !== undefined && { configFile: loaded.configFile }),
    keys: keysOf(loaded.source),
    passthrough: usesPassthrough(loaded.config),
    root: loaded.root,
    stateDir: loaded.stateDir,
    workspace,
    command,
    env: process.env,
    say,
  });
};
