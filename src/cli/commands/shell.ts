/** `switchyard shell router|litellm|stack`: a shell, or one command, in a fused container, on the host, or in the running stack. */
import { Argument, type Command, Option } from "commander";
import type { BackendName } from "../../shared/backends.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { HostBackend } from "../../fuse/host-backends.ts";
import { configOption, keysOf, loadForCommand, type Loaded } from "../configuration.ts";
import { workspaceFolder } from "../workspace.ts";
import { say, setExitStatus } from "./command.ts";

type Runtime = "auto" | "docker" | "host";

interface Options {
  config?: string;
  runtime?: Runtime;
  workspace?: string;
}

/** Opens a shell, or runs one command. @returns its exit status */
type Runner = (loaded: Loaded, command: readonly string[], options: Options) => Promise<number>;

/** A shell beside a backend: in a container where an engine answers, else on the host. */
const fused =
  (backend: BackendName): Runner =>
  async (loaded, command, options) => {
    const { usableWorkspace } = await import("../../engine/workspace.ts");
    const workspace = await usableWorkspace(workspaceFolder(options.workspace, loaded.root));
    const runtime = await chooseRuntime(options.runtime ?? loaded.config.stack.runtime);
    for (const notice of loaded.config.notices) say(notice);
    const runner = runtime === "docker" ? runInContainer : runOnHost;
    return runner(backend, loaded, workspace, command);
  };

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
  configOption(command)
    .usage(`[options] ${names.join("|")} [-- CMD…]`)
    .addArgument(
      new Argument("<backend>", "what serves the models; stack: the running services (up)").choices(names),
    )
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

const run = async (backend: string, cmd: string[], options: Options): Promise<void> => {
  const loaded = loadForCommand(options);
  const runner = runners[backend];
  if (runner === undefined)
    throw new SwitchyardError("usage.invalid", { detail: `no such shell: ${backend}` });
  setExitStatus(await runner(loaded, cmd, options));
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
  backend: BackendName,
  loaded: Loaded,
  workspace: string,
  command: readonly string[],
): Promise<number> => {
  const { runFusedShell } = await import("../../engine/shell-docker.ts");
  const words = asArguments(command);
  const options = { ...loaded, backend, workspace, command: words, env: process.env, say };
  if (backend !== "router") return runFusedShell(options);
  const { followInContainer } = await import("../routers/follow.ts");
  return runFusedShell({ ...options, follow: followInContainer(loaded) });
};

/** One word is a line for a shell. */
const asArguments = (command: readonly string[]): readonly string[] =>
  command.length === 1 ? ["bash", "-c", ...command] : command;

const runOnHost = async (
  backend: BackendName,
  loaded: Loaded,
  workspace: string,
  command: readonly string[],
): Promise<number> => {
  const [{ runHostShell }, { usesPassthrough }] = await Promise.all([
    import("../../fuse/host.ts"),
    import("../../engine/handover.ts"),
  ]);
  return runHostShell({
    config: loaded.config,
    served: await hostBackends[backend](loaded),
    passthrough: usesPassthrough(loaded.config),
    stateDir: loaded.stateDir,
    workspace,
    command,
    env: process.env,
    say,
    ...(backend === "router" && { follow: (await import("../routers/follow.ts")).followOnHost(loaded) }),
  });
};

const hostBackends: Readonly<Record<BackendName, (loaded: Loaded) => Promise<HostBackend>>> = {
  router: async ({ root, configFile, source, stateDir }) => {
    const { hostRouter } = await import("../../fuse/host-backends.ts");
    return hostRouter({
      root,
      stateDir,
      ...(configFile !== undefined && { configFile }),
      keys: keysOf(source),
    });
  },
  litellm: async ({ root, config, source }) => {
    const [{ hostLitellm }, { litellmFiles }] = await Promise.all([
      import("../../fuse/host-backends.ts"),
      import("../../engine/litellm-files.ts"),
    ]);
    return hostLitellm({
      root,
      version: config.stack.litellm.version,
      env: process.env,
      say,
      files: (keys) => {
        const { notices, ...files } = litellmFiles(config, source, { ...keys, place: "host" });
        for (const notice of notices) say(notice);
        return files;
      },
    });
  },
};
