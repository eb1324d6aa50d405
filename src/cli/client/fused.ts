/** A shell, a command, or a session of the client, beside a backend: in a container or on the host. */
import { type Command, Option } from "commander";
import type { BackendName } from "../../shared/backends.ts";
import { accessDir } from "../../shared/access-files.ts";
import { readDefaultProfile } from "../../shared/default-profile.ts";
import type { ClientSession } from "../../shared/client-session.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { HostBackend } from "../../fuse/host-backends.ts";
import { say } from "../commands/command.ts";
import { keysOf, type Loaded } from "../configuration.ts";
import { workspaceFolder } from "../workspace.ts";

export const runtimes = ["auto", "docker", "host"] as const;
export type Runtime = (typeof runtimes)[number];

export interface FusedOptions {
  readonly runtime?: Runtime;
  readonly workspace?: string;
  /** On the host no router is joined that runs already. */
  readonly ownRouter?: boolean;
}

export const fusedOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        "--runtime <where>",
        "where it runs (default: docker where an engine answers, else host)",
      ).choices(runtimes),
    )
    .option("-w, --workspace <folder>", "your project (default: $WORKSPACE, else this folder)");

/** Of commands that start a session. */
export const sessionOptions = (command: Command): Command =>
  fusedOptions(command).option(
    "--own-router",
    "on the host: start a router for this session alone, also where one runs that it could join",
  );

/** What runs there: words of a shell or of a command, or arguments of the client. */
export type FusedWork =
  | { readonly command: readonly string[]; readonly session?: undefined }
  | { readonly session: ClientSession; readonly args: readonly string[] };

/** @throws SwitchyardError usage.invalid */
const refuseOwnRouter = ({ ownRouter }: FusedOptions): void => {
  if (ownRouter !== true) return;
  throw new SwitchyardError("usage.invalid", {
    detail: "--own-router: in a container the sessions of a workspace share its router",
    hint: "Say --runtime host with it.",
  });
};

/** @returns the exit status of what ran */
export const runFused = async (
  backend: BackendName,
  loaded: Loaded,
  work: FusedWork,
  options: FusedOptions,
): Promise<number> => {
  if (options.runtime === "docker") refuseOwnRouter(options);
  const { usableWorkspace } = await import("../../engine/workspace.ts");
  const workspace = await usableWorkspace(workspaceFolder(options.workspace, loaded.root));
  const runtime = await chooseRuntime(options.runtime ?? loaded.config.stack.runtime);
  for (const notice of loaded.config.notices) say(notice);
  if (runtime === "host") return runOnHost(backend, loaded, workspace, work, options);
  refuseOwnRouter(options);
  return runInContainer(backend, loaded, workspace, work);
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
  work: FusedWork,
): Promise<number> => {
  const { runFusedShell } = await import("../../engine/shell-docker.ts");
  const what =
    work.session === undefined
      ? { command: asArguments(work.command) }
      : { command: work.args, session: work.session };
  const options = { ...loaded, ...what, backend, workspace, env: process.env, say };
  if (backend !== "router") return runFusedShell(options);
  const { followInContainer } = await import("../routers/follow.ts");
  return runFusedShell({ ...options, follow: followInContainer(loaded) });
};

/** One word is a line for a shell. */
export const asArguments = (command: readonly string[]): readonly string[] =>
  command.length === 1 ? ["bash", "-c", ...command] : command;

const runOnHost = async (
  backend: BackendName,
  loaded: Loaded,
  workspace: string,
  work: FusedWork,
  { ownRouter }: FusedOptions,
): Promise<number> => {
  const joins = backend === "router" && work.session !== undefined && ownRouter !== true;
  const join = joins ? await (await import("../routers/to-join.ts")).routerToJoin(loaded, say) : undefined;
  const [{ runHostShell }, { usesPassthrough }] = await Promise.all([
    import("../../fuse/host.ts"),
    import("../../engine/handover.ts"),
  ]);
  return runHostShell({
    config: loaded.config,
    served: await hostBackends[backend](loaded),
    passthrough: usesPassthrough(loaded.config, readDefaultProfile(accessDir(loaded.stateDir))),
    stateDir: loaded.stateDir,
    workspace,
    ...(work.session === undefined ? work : { command: work.args, session: work.session }),
    env: process.env,
    say,
    join,
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
