/** What `up` wants, against what is there: everything that its plan is made from. Changes nothing. */
import { join } from "node:path";
import { publicBase } from "../../engine/base.ts";
import type { Engine } from "../../engine/connect.ts";
import { findImage, hasImage, imageName, type ImageRequest } from "../../engine/images.ts";
import { portOwner } from "../../engine/ports.ts";
import { filesAre, readStateFile } from "../../engine/stack/atomic.ts";
import { inCandidate } from "../../engine/stack/candidate.ts";
import { type ComposeProject, serviceHashes } from "../../engine/stack/compose-cli.ts";
import { readConnections } from "../../engine/stack/connections.ts";
import type { StackFiles } from "../../engine/stack/files.ts";
import { observeProject, type ProjectOnEngine } from "../../engine/stack/observe.ts";
import { settingsOutOfSight } from "../../engine/stack/probe.ts";
import { stackClientNames, targetOfShellFile } from "../../fuse/stack-client.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { renderStack, retarget } from "../../stack/compose.ts";
import { literal, type StackPlacement } from "../../stack/placement.ts";
import type { Observed, PortConflict, SeenService, Wanted } from "../../stack/plan/types.ts";
import { clientService } from "../../stack/services/claude-code.ts";
import { servicesOf, servicesStack, stackService, stackServices } from "../../stack/services/services.ts";
import type { StackImage } from "../../stack/services/stack-service.ts";
import { defaultTarget, parseRecord, type Target, targetText } from "../../stack/target.ts";
import type { Loaded } from "../configuration.ts";
import { version } from "../version.ts";
import { clientOf, urlOf } from "./client.ts";
import { imageRequestOf } from "./image-request.ts";
import { stackSecrets, type StackSecrets } from "./secrets.ts";

export interface Prepared {
  /** What the user should know, one line each. */
  readonly notices: readonly string[];
  readonly observed: Observed;
  readonly wanted: Wanted;
  readonly secrets: StackSecrets;
  /** Text of the compose document. */
  readonly document: string;
  readonly request: ImageRequest;
  readonly client: ReturnType<typeof clientOf>;
  readonly onEngine: ProjectOnEngine;
}

const conflictsOf = async (
  engine: Engine,
  loaded: Loaded,
  services: readonly string[],
): Promise<PortConflict[]> => {
  const { config, project } = loaded;
  const found = await Promise.all(
    stackServices.map(async ({ name, port }) => {
      const number = port?.number(config) ?? 0;
      if (port === undefined || number === 0 || !services.includes(name)) return [];
      const owner = await portOwner(engine, number, { host: port.address(config), project });
      return owner === undefined
        ? []
        : [{ service: name, port: number, setting: port.setting, owner: owner.owner }];
    }),
  );
  return found.flat();
};

/** Where the client's container was told to ask when it was made. */
const targetInside = async (engine: Engine, seen: ProjectOnEngine): Promise<string | undefined> => {
  const client = seen.services.find(({ service }) => service === clientService);
  if (client === undefined) return undefined;
  const { Config } = await engine.docker.getContainer(client.id).inspect();
  return Config.Env.find((entry) => entry.startsWith("ANTHROPIC_BASE_URL="))?.slice(
    "ANTHROPIC_BASE_URL=".length,
  );
};

/** The services, with whether the client sees the settings that are written for it. */
const withSight = async (
  engine: Engine,
  { services }: ProjectOnEngine,
  files: StackFiles,
): Promise<SeenService[]> => {
  const there = await readStateFile(join(files.managed, stackClientNames.shell));
  return Promise.all(
    services.map(async (each) =>
      each.service === clientService && each.state === "running"
        ? { ...each, settingsOutOfSight: await settingsOutOfSight(engine, each.id, there) }
        : each,
    ),
  );
};

/** What to say of a service that is not there: the optional ones are there when they are wanted. */
const hintOfUnknown = (name: string, all: readonly string[]): string => {
  const wish = stackService(name)?.wish;
  return wish === undefined ? `Services: ${all.join(", ")}.` : `Set ${wish}: true.`;
};

/** Compose's hashes of a document that is not in its place yet. */
const hashesOf = (engine: Engine, compose: ComposeProject, text: string): Promise<Map<string, string>> =>
  inCandidate(text, (document) => serviceHashes(engine, { ...compose, document }));

/**
 * @param options.services those that are to run; empty: all, and with them what the user's overrides add
 * @throws SwitchyardError engine.failed where compose refuses the document; config.*; usage.invalid for an unknown service
 */
export const prepareUp = async (
  engine: Engine,
  loaded: Loaded,
  compose: ComposeProject,
  files: StackFiles,
  options: {
    readonly workspace: string;
    readonly services: readonly string[];
    readonly env: NodeJS.ProcessEnv;
  },
): Promise<Prepared> => {
  const { config, project, root } = loaded;
  const { env } = options;
  const request = imageRequestOf(engine, loaded);
  const { uid, gid } = request;
  const onEngine = await observeProject(engine, project);
  if (onEngine.foreign.length > 0) {
    throw new SwitchyardError("usage.invalid", {
      detail: `the compose project ${project} is somebody else's: ${onEngine.foreign.join(", ")}`,
      hint: "Give this one another name: stack.project.",
    });
  }
  const record = parseRecord(await readStateFile(files.record));
  const target = record?.target ?? defaultTarget;
  const secrets = stackSecrets(loaded, await readConnections(files.connections), env);
  const client = clientOf(loaded, secrets.connections);
  const imageFor = async (name: StackImage): Promise<string> =>
    (await findImage(engine, name, request, env)) ?? imageName(name, request, env["SWITCHYARD_BASE"]);
  const images = {
    router: await imageFor("router"),
    litellm: await imageFor("litellm"),
    client: await imageFor("client"),
    cliproxyapi: await imageFor("cliproxyapi"),
  };
  const placement: StackPlacement = {
    project,
    owner: project,
    workspace: literal(options.workspace),
    secrets: literal(files.secrets),
    uid: String(uid),
    gid: String(gid),
    context: literal(root),
    base: env["SWITCHYARD_BASE"] || publicBase,
    images,
    ports: {
      router: String(config.server.port),
      litellm: String(config.stack.litellm.port),
      cliproxyapi: String(config.stack.cliproxyapi.port),
    },
    configHashes: secrets.hashes,
    versions: { router: version() },
    routerState: literal(files.routerState),
    prometheusData: literal(files.prometheusData),
    accounts: literal(files.accounts),
    managed: literal(files.managed),
    targetUrl: literal(urlOf(target)),
    clientEnvironment: uid === 0 ? { IS_SANDBOX: "1" } : {},
    maxCpus: engine.cpus,
  };
  const document = renderStack(servicesStack, config, placement);
  const inside = (await targetInside(engine, onEngine)) ?? urlOf(target);
  const [hashes, butTarget] = await Promise.all(
    [document, retarget(document, inside)].map((text) => hashesOf(engine, compose, text)),
  );
  const wanted = servicesOf(config);
  const own = wanted.map(({ name }) => name);
  const all = [...own, ...[...(hashes?.keys() ?? [])].filter((name) => !own.includes(name))];
  const unknown = options.services.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new SwitchyardError("usage.invalid", {
      detail: `there is no service ${unknown}`,
      hint: hintOfUnknown(unknown, all),
    });
  }
  const services = all.filter((name) => options.services.length === 0 || options.services.includes(name));
  const missing = await Promise.all(
    wanted.map(async ({ image }) => ((await hasImage(engine, images[image])) ? [] : [images[image]])),
  );
  const current = await settingsCurrent(files, target, client);
  return {
    notices: [...secrets.notices, ...current.notices],
    secrets,
    document,
    request,
    client,
    onEngine,
    wanted: {
      target,
      services: services.map((service) => ({
        service,
        image: imageOfService(service, images),
        hash: hashes?.get(service) ?? "",
        ...(service === clientService && {
          hashButTarget: butTarget?.get(service) ?? "",
          workspace: options.workspace,
        }),
        after: (stackService(service)?.after ?? []).filter((name) => services.includes(name)),
        checked: own.includes(service),
      })),
    },
    observed: {
      services: await withSight(engine, onEngine, files),
      fused: onEngine.fused,
      missingImages: missing.flat(),
      conflicts: await conflictsOf(engine, loaded, services),
      networks: onEngine.networks,
      volumes: onEngine.volumes,
      target: record?.target,
      settingsCurrent: current.is,
      files: [],
    },
  };
};

/**
 * Whether the client's settings are those of the target. Where the variable of its token is not set any more, those that are
 * there hold the token still, and stay.
 */
const settingsCurrent = async (
  files: StackFiles,
  target: Target,
  client: ReturnType<typeof clientOf>,
): Promise<{ is: boolean; notices: readonly string[] }> => {
  let wanted: ReadonlyMap<string, string>;
  try {
    wanted = client.settingsOf(target);
  } catch (error) {
    const named = targetOfShellFile(await readStateFile(join(files.managed, stackClientNames.shell)));
    if (!(error instanceof SwitchyardError) || named !== targetText(target)) throw error;
    return {
      is: true,
      notices: [`${error.detail ?? error.message}: the client keeps the token that it has`],
    };
  }
  return { is: await filesAre(files.managed, wanted), notices: [] };
};

/** Full name of a service's image; empty for one that the user's override brings. */
const imageOfService = (service: string, images: StackPlacement["images"]): string => {
  const own = stackService(service);
  return own === undefined ? "" : images[own.image];
};
