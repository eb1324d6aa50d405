/** The fused container of a workspace: found where it runs, started where it does not. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConfigSource } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import { renderStack } from "../stack/compose.ts";
import { literal, type Placement } from "../stack/placement.ts";
import { fusedProjectOf } from "../stack/services/fused.ts";
import { stacks } from "../stack/services/index.ts";
import type { Backend } from "../shared/backends.ts";
import { accessDir, accessFiles, readAccessFile } from "../shared/access-files.ts";
import { parseAdminFile } from "../shared/admin-token.ts";
import { labels, startFailed } from "../shared/container-layout.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { tellWaiting } from "../shared/waiting.ts";
import { publicBase } from "./base.ts";
import type { Engine } from "./connect.ts";
import { findContainers, type Found, lastWords } from "./containers.ts";
import { requireDocker, tailOf } from "./docker-cli.ts";
import { secretsFor } from "./handover.ts";
import { sweepContainers } from "./housekeeping.ts";
import { imageRequest } from "./image-request.ts";
import { ensureImage, imageName, type ImageRequest } from "./images.ts";
import { withLock } from "./lock.ts";
import { overridesFor } from "./overrides.ts";
import { writeDocument, writeSecrets } from "./state-files.ts";
import { reloadInContainer } from "./fused-router.ts";
import { reserve } from "./reserve.ts";

export interface FusedContainerOptions {
  readonly backend: Backend;
  readonly config: Config;
  /** What `config` was made from: the container gets it with its variables, and their values apart. */
  readonly source: ConfigSource;
  /** The checkout, from which the image is built. */
  readonly root: string;
  /** Name of the Switchyard project (shared/paths.ts, projectName). */
  readonly project: string;
  /** The state folder (shared/paths.ts, stateDir). */
  readonly stateDir: string;
  /** Real path of a folder that is there. */
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  /** User and group of the shells. Default: the caller's. */
  readonly uid?: number;
  readonly gid?: number;
  /** One line for the user. */
  readonly say: (line: string) => void;
  /** Output of a build. */
  readonly onBuildOutput: (text: string) => void;
}

/** How long another shell may take to start the same container, beside the backend's own start; in milliseconds. */
const lockPatience = 120_000;

/** Each workspace has a container, and a compose project, of its own: six digits of its path tell them apart. */
export const fusedProject = (project: string, workspace: string): string =>
  `${project}-${createHash("sha256").update(workspace).digest("hex").slice(0, 6)}`;

/** Name of the compose project, and of its files in the state folder. */
const composeProject = ({ backend, project, workspace }: FusedContainerOptions): string =>
  fusedProjectOf(backend, fusedProject(project, workspace));

interface Written {
  readonly files: readonly string[];
  readonly configHash: string;
}

/** SHA-256 of the token that opens every router of the project; undefined where none was made. */
const adminHashOf = ({ stateDir }: FusedContainerOptions): string | undefined => {
  const file = join(accessDir(stateDir), accessFiles.admin);
  return parseAdminFile(readAccessFile(file), file);
};

/** Writes what `docker compose` will read. */
const writeFiles = async (
  engine: Engine,
  options: FusedContainerOptions,
  image: string,
  request: ImageRequest,
): Promise<Written> => {
  const { backend } = options;
  const { fusedService } = backend;
  const project = composeProject(options);
  const secrets = join(options.stateDir, "secrets", project);
  const given = secretsFor(options.config, options.source, options.env, backend, adminHashOf(options));
  for (const notice of given.notices) options.say(notice);
  const configHash = await writeSecrets(secrets, given);
  const base = options.env["SWITCHYARD_BASE"];
  const placement: Placement = {
    project: fusedProject(options.project, options.workspace),
    owner: options.project,
    workspace: literal(options.workspace),
    secrets: literal(secrets),
    uid: String(request.uid),
    gid: String(request.gid),
    port: "0",
    context: literal(options.root),
    base: base || publicBase,
    images: {
      client: imageName("client", request, base),
      router: imageName("router", request, base),
      litellm: imageName("litellm", request, base),
    },
    tag: image.slice(image.lastIndexOf(":") + 1),
    configHash,
    maxCpus: engine.cpus,
  };
  const folder = join(options.stateDir, "compose");
  const file = join(folder, `${project}.yaml`);
  const stack = stacks.find(({ name }) => name === fusedService);
  if (stack === undefined) throw new SwitchyardError("internal", { detail: `no stack ${fusedService}` });
  await writeDocument(file, renderStack(stack, options.config, placement));
  return { files: [file, ...overridesFor(folder, fusedService, [fusedService])], configHash };
};

const up = async (
  engine: Engine,
  options: FusedContainerOptions,
  files: readonly string[],
): Promise<void> => {
  const args = [
    "compose",
    "--project-name",
    composeProject(options),
    "--project-directory",
    options.root,
    ...files.flatMap((file) => ["--file", file]),
    "up",
    "--detach",
    "--no-build",
    "--pull",
    "never",
    options.backend.fusedService,
  ];
  await requireDocker(engine, args, "engine.failed", { quietDetail: true });
};

const find = (engine: Engine, options: FusedContainerOptions): Promise<Found[]> =>
  findContainers(engine, {
    [labels.project]: options.project,
    [labels.service]: options.backend.fusedService,
    [labels.workspace]: options.workspace,
  });

const running = async (engine: Engine, options: FusedContainerOptions): Promise<Found | undefined> =>
  (await find(engine, options)).find(({ state }) => state === "running");

/** The running container has an earlier configuration: its router takes the new one, of another backend the user is told. */
const bringUpToDate = async (engine: Engine, id: string, options: FusedContainerOptions): Promise<void> => {
  const { backend, config, source, env, say } = options;
  const joining = "joining the running container";
  if (backend.name !== "router")
    return say(`${joining}, which has an earlier configuration; leave all its shells to change it`);
  const { status, body } = await reloadInContainer(engine, id, secretsFor(config, source, env, backend));
  if (status !== 200) say(`${joining}, which keeps its earlier configuration: ${body}`);
};

/** @returns the running container with a place kept in it, or undefined where none runs, or it is just ending */
const joinRunning = async (
  engine: Engine,
  options: FusedContainerOptions,
  configHash: string,
): Promise<string | undefined> => {
  const found = await running(engine, options);
  if (found === undefined || (await reserve(engine, found.id, options.say)).status !== 0) return undefined;
  if (found.labels[labels.config] !== configHash) await bringUpToDate(engine, found.id, options);
  return found.id;
};

/** Starts the container and waits until it is ready. @throws SwitchyardError `backend.failed` with its last words */
const start = async (
  engine: Engine,
  options: FusedContainerOptions,
  files: readonly string[],
): Promise<string> => {
  const { failed } = options.backend;
  // One that is just ending would be taken for a running one.
  for (let i = 0; i < 100 && (await running(engine, options)) !== undefined; i++) await sleep(100);
  await sweepContainers(engine, options.project);
  await up(engine, options, files);
  const [container] = await find(engine, options);
  if (container === undefined) throw new SwitchyardError(failed, { detail: "its container is gone" });
  const { status, output } = await reserve(engine, container.id, options.say);
  if (status === 0) return container.id;
  const words = status === startFailed ? output.trim() : await lastWords(engine, container.id);
  throw new SwitchyardError(failed, { detail: words || tailOf(output, 5) });
};

/**
 * The container to work in, ready, with a place kept for one shell.
 * @returns its id
 * @throws SwitchyardError engine.failed, engine.buildFailed, engine.noSpace, fuse.routerFailed, fuse.litellmFailed
 */
export const fusedContainer = async (engine: Engine, options: FusedContainerOptions): Promise<string> => {
  // Under a rootless engine root inside is the caller outside, and any other id would be a stranger.
  const user = engine.rootless
    ? { uid: 0, gid: 0 }
    : { uid: options.uid ?? process.getuid?.() ?? 1000, gid: options.gid ?? process.getgid?.() ?? 1000 };
  const { backend, root, config, env, say, onBuildOutput } = options;
  const request = imageRequest(config, { root, ...user });
  const image = await ensureImage(engine, backend.fusedService, request, {
    env,
    say,
    onOutput: onBuildOutput,
  });
  const lock = join(options.stateDir, "compose", `${composeProject(options)}.lock`);
  const stopTelling = tellWaiting("another shell is starting this container", say);
  return withLock(lock, lockPatience + backend.patience, async () => {
    stopTelling();
    const { files, configHash } = await writeFiles(engine, options, image, request);
    return (await joinRunning(engine, options, configHash)) ?? start(engine, options, files);
  }).finally(stopTelling);
};
