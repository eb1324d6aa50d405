/** A shell in the fused container: starts it, or joins the one that runs for this workspace. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConfigSource } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import { renderStack } from "../stack/compose.ts";
import { literal, type Placement } from "../stack/placement.ts";
import { fusedRouter, fusedRouterStack } from "../stack/services/fused-router.ts";
import { labels } from "../shared/container-layout.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { publicBase } from "./base.ts";
import { connect, type Engine } from "./connect.ts";
import { findContainers, type Found, lastWords } from "./containers.ts";
import { requireDocker, tailOf } from "./docker-cli.ts";
import { secretsFor } from "./handover.ts";
import { ensureFusedImage } from "./image.ts";
import { writeDocument, writeSecrets } from "./state-files.ts";
import { captureIn, execIn, type Streams } from "./terminal.ts";
import { usableWorkspace } from "./workspace.ts";

export interface FusedShellOptions {
  readonly config: Config;
  /** What `config` was made from: the container gets it with its variables, and their values apart. */
  readonly source: ConfigSource;
  /** The checkout, from which the image is built. */
  readonly root: string;
  /** Name of the Switchyard project (shared/paths.ts, projectName). */
  readonly project: string;
  /** The state folder (shared/paths.ts, stateDir). */
  readonly stateDir: string;
  readonly workspace: string;
  /** Empty: an interactive shell. */
  readonly command: readonly string[];
  /** Allocate a terminal. Default: stdin and stdout are terminals. */
  readonly tty?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: those of this process. */
  readonly streams?: Streams;
  /** User and group of the shell. Default: the caller's. */
  readonly uid?: number;
  readonly gid?: number;
  /** One line for the user, on stderr. */
  readonly say: (line: string) => void;
  /** Output of a build. Default: stderr. */
  readonly onBuildOutput?: (text: string) => void;
  /** An engine that is connected already. */
  readonly engine?: Engine;
}

/** Each workspace has a container of its own: six digits of its path tell them apart. */
export const fusedProject = (project: string, workspace: string): string =>
  `${project}-${createHash("sha256").update(workspace).digest("hex").slice(0, 6)}`;

const main = [
  "node",
  "--disable-sigusr1",
  "--disable-warning=ExperimentalWarning",
  "/opt/switchyard/src/fuse/container-main.ts",
];

/** Labels of the container for this workspace. */
const identityOf = (project: string, workspace: string): Record<string, string> => ({
  [labels.project]: project,
  [labels.service]: fusedRouter,
  [labels.workspace]: workspace,
});

interface Prepared {
  readonly engine: Engine;
  readonly options: FusedShellOptions;
  readonly workspace: string;
  readonly composeProject: string;
  readonly files: readonly string[];
  readonly configHash: string;
}

/** Builds what is missing and writes what `docker compose` will read. */
const prepare = async (engine: Engine, options: FusedShellOptions, workspace: string): Promise<Prepared> => {
  const env = options.env ?? process.env;
  // Under a rootless engine root inside is the caller outside, and any other id would be a stranger.
  const uid = engine.rootless ? 0 : (options.uid ?? process.getuid?.() ?? 1000);
  const gid = engine.rootless ? 0 : (options.gid ?? process.getgid?.() ?? 1000);
  const image = await ensureFusedImage(
    engine,
    { root: options.root, clientVersion: options.config.stack.client.version, uid, gid },
    { env, say: options.say, onOutput: options.onBuildOutput ?? ((text) => void process.stderr.write(text)) },
  );
  const composeProject = fusedProject(options.project, workspace);
  const secrets = join(options.stateDir, "secrets", composeProject);
  const configHash = await writeSecrets(secrets, secretsFor(options.config, options.source, env));
  const placement: Placement = {
    project: composeProject,
    owner: options.project,
    workspace: literal(workspace),
    secrets: literal(secrets),
    uid: String(uid),
    gid: String(gid),
    port: "0",
    context: literal(options.root),
    base: env["SWITCHYARD_BASE"] || publicBase,
    tag: image.slice(image.lastIndexOf(":") + 1),
    configHash,
    maxCpus: engine.cpus,
  };
  const file = join(options.stateDir, "compose", `${composeProject}.yaml`);
  await writeDocument(file, renderStack(fusedRouterStack, options.config, placement));
  const override = join(options.stateDir, "compose", "override.yaml");
  const files = existsSync(override) ? [file, override] : [file];
  return { engine, options, workspace, composeProject, files, configHash };
};

const up = async ({ engine, options, composeProject, files }: Prepared): Promise<void> => {
  await requireDocker(
    engine,
    [
      "compose",
      "--project-name",
      composeProject,
      "--project-directory",
      options.root,
      ...files.flatMap((file) => ["--file", file]),
      "up",
      "--detach",
      "--no-build",
      "--pull",
      "never",
      fusedRouter,
    ],
    "engine.failed",
    { quietDetail: true },
  );
};

const running = async ({ engine, options, workspace }: Prepared): Promise<Found | undefined> =>
  (await findContainers(engine, identityOf(options.project, workspace))).find(
    ({ state }) => state === "running",
  );

/** Keeps a place in the container until the shell comes, and waits until its router is ready. */
const reserve = async (engine: Engine, id: string): Promise<{ ok: boolean; output: string }> => {
  try {
    const { status, output } = await captureIn(engine.docker.getContainer(id), [...main, "reserve"]);
    return { ok: status === 0, output };
  } catch (error) {
    // 409: it ended between our look and our knock.
    if ((error as { statusCode?: number }).statusCode === 409) return { ok: false, output: "" };
    throw error;
  }
};

/** The container to work in. A container that is just ending is let go, and started anew. */
const joinOrStart = async (prepared: Prepared): Promise<string> => {
  const { engine, options } = prepared;
  let why = "";
  for (let attempt = 0; attempt < 5; attempt++) {
    if (attempt > 0) await sleep(200 * attempt);
    const found = await running(prepared);
    if (found === undefined) await up(prepared);
    const container = found ?? (await running(prepared));
    if (container === undefined) {
      why = await whyNot(prepared);
      // It was started, and ended by itself at once: a second start would end the same way.
      throw new SwitchyardError("fuse.routerFailed", { detail: why });
    }
    const { ok, output } = await reserve(engine, container.id);
    if (ok) {
      if (found !== undefined && found.labels[labels.config] !== prepared.configHash) {
        options.say(
          "joining the running container, which has an earlier configuration; leave all its shells to change it",
        );
      }
      return container.id;
    }
    why = output.trim();
    if (found === undefined)
      throw new SwitchyardError("fuse.routerFailed", {
        detail: (await whyNot(prepared)) || tailOf(why, 5),
      });
  }
  throw new SwitchyardError("fuse.routerFailed", { detail: tailOf(why, 5) });
};

/** Why the newest container of this workspace is not ready. */
const whyNot = async ({ engine, options, workspace }: Prepared): Promise<string> => {
  const [container] = await findContainers(engine, identityOf(options.project, workspace));
  return container === undefined ? "its container is gone" : lastWords(engine, container.id);
};

/** What the caller's terminal says about itself. */
const terminalVariables = ["TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "FORCE_COLOR", "TZ"];

/**
 * Runs a command, or an interactive shell, beside the router in the fused container of this workspace.
 * @returns the command's exit status
 * @throws SwitchyardError workspace.unusable, engine.none, engine.failed, engine.buildFailed, engine.noSpace, fuse.routerFailed
 */
export const runFusedShell = async (options: FusedShellOptions): Promise<number> => {
  const env = options.env ?? process.env;
  const workspace = await usableWorkspace(options.workspace);
  const engine = options.engine ?? (await connect(env));
  const prepared = await prepare(engine, options, workspace);
  const id = await joinOrStart(prepared);
  const container = engine.docker.getContainer(id);
  const streams = options.streams ?? { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
  const tty = options.tty ?? (streams.stdin.isTTY === true && streams.stdout.isTTY === true);
  // The engine cannot signal a command that it executes: it is found in the container by this mark.
  const session = randomUUID();
  return execIn(container, {
    command: [...main, "enter", `--session=${session}`, "--", ...options.command],
    env: Object.fromEntries(
      terminalVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ),
    tty,
    streams,
    onSignal: (signal) => {
      captureIn(container, ["pkill", `-${signal.slice("SIG".length)}`, "-f", `[-]-session=${session}`]).catch(
        () => undefined,
      );
    },
  });
};
