/** What is there of a project: the engine's side of `Observed`. */
import type Docker from "dockerode";
import { labels } from "../../shared/container-layout.ts";
import type { ContainerState, Health, SeenFused, SeenService } from "../../stack/plan/types.ts";
import { clientService } from "../../stack/services/claude-code.ts";
import { stackTargets } from "../../stack/services/services.ts";
import type { Engine } from "../connect.ts";

/** Compose's own labels. */
const composeLabels = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  hash: "com.docker.compose.config-hash",
  oneOff: "com.docker.compose.oneoff",
} as const;

/** A service with what `status` shows beyond what a plan needs. */
export interface ServiceOnEngine extends SeenService {
  readonly id: string;
  /** Version of what it runs, where its label says so. */
  readonly version: string;
  readonly workspace: string;
  /** Addresses on this machine, as `127.0.0.1:3000`. */
  readonly published: readonly string[];
  /** As `Up 3 minutes (healthy)`: the engine's words. */
  readonly words: string;
  /** Compose project that it belongs to. */
  readonly project: string;
}

export interface ProjectOnEngine {
  readonly services: readonly ServiceOnEngine[];
  readonly fused: readonly (SeenFused & {
    readonly id: string;
    readonly service: string;
    readonly words: string;
  })[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Names of what another compose project of the same name has; then nothing of ours is in it, and none of the above is of it. */
  readonly foreign: readonly string[];
}

const healthOf = (words: string): Health => {
  if (/\(healthy\)/.test(words)) return "healthy";
  if (/\(unhealthy\)/.test(words)) return "unhealthy";
  return /\(health: starting\)/.test(words) ? "starting" : "none";
};

const nameOf = (info: Docker.ContainerInfo): string => (info.Names[0] ?? info.Id).replace(/^\//, "");

/** A service of the user's own that has one port can be asked there. */
const urlOf = (info: Docker.ContainerInfo, service: string): string | undefined => {
  const named = info.Labels[labels.url];
  if (named !== undefined) return named;
  if (info.Labels[labels.service] === service) return undefined;
  const ports = [
    ...new Set(info.Ports.filter(({ Type }) => Type === "tcp").map(({ PrivatePort }) => PrivatePort)),
  ];
  return ports.length === 1 ? `http://${service}:${ports[0]}` : undefined;
};

const isOf = (info: Docker.ContainerInfo, project: string): boolean =>
  info.Labels[composeLabels.project] === project && info.Labels[composeLabels.oneOff] !== "True";

const publishedOf = (info: Docker.ContainerInfo): string[] => [
  ...new Set(
    info.Ports.flatMap(({ IP, PublicPort }) => (PublicPort === undefined ? [] : [`${IP}:${PublicPort}`])),
  ),
];

const serviceOf = (info: Docker.ContainerInfo): ServiceOnEngine => {
  const service = info.Labels[composeLabels.service] ?? "";
  const url = urlOf(info, service);
  return {
    id: info.Id,
    service,
    container: nameOf(info),
    state: info.State as ContainerState,
    health: healthOf(info.Status),
    hash: info.Labels[composeLabels.hash] ?? "",
    image: info.Image,
    version: info.Labels[labels.version] ?? "",
    workspace: info.Labels[labels.workspace] ?? "",
    published: publishedOf(info),
    words: info.Status,
    project: info.Labels[composeLabels.project] ?? "",
    ...(url !== undefined && { url }),
  };
};

const isFused = (info: Docker.ContainerInfo, project: string): boolean =>
  info.Labels[labels.project] === project && (info.Labels[labels.service] ?? "").startsWith("fused-");

/** What serves comes first, then what the user added, the client last. */
const place = ({ service }: { readonly service: string }): number => {
  const at = stackTargets.indexOf(service);
  if (at >= 0) return at;
  return service === clientService ? stackTargets.length + 1 : stackTargets.length;
};

type Labelled = { readonly Labels?: Readonly<Record<string, string>> | null };
const composeProject = ({ Labels }: Labelled): string => Labels?.[composeLabels.project] ?? "";

/**
 * Looks at everything that carries this project's label, and at what stands with it in a compose project: what a user's override
 * adds carries no label of ours. A compose project in which nothing carries it is somebody else's, whatever its name.
 */
export const observeProject = async (engine: Engine, project: string): Promise<ProjectOnEngine> => {
  const all = await engine.docker.listContainers({ all: true });
  const allNetworks = await engine.docker.listNetworks();
  const allVolumes = (await engine.docker.listVolumes()).Volumes ?? [];
  const everything: readonly Labelled[] = [...all, ...(allNetworks as Labelled[]), ...allVolumes];
  const ours = new Set(
    everything.filter(({ Labels }) => Labels?.[labels.project] === project).map(composeProject),
  );
  ours.delete("");
  const isOurs = (of: Labelled): boolean =>
    of.Labels?.[labels.project] === project || ours.has(composeProject(of));
  const isForeign = (of: Labelled): boolean => composeProject(of) === project && !isOurs(of);

  const containers = all.filter(isOurs);
  const fused = containers.filter((info) => isFused(info, project));
  // What a user's override adds to a fused container ends with it.
  const besides = containers.filter((info) => !fused.includes(info) && !isOf(info, project));
  return {
    services: containers
      .filter((info) => isOf(info, project))
      .map(serviceOf)
      .toSorted((a, b) => place(a) - place(b)),
    fused: [...fused, ...besides].map((info) => ({
      id: info.Id,
      container: nameOf(info),
      workspace: info.Labels[labels.workspace] ?? "",
      running: info.State === "running",
      service: info.Labels[composeLabels.service] ?? "",
      words: info.Status,
    })),
    networks: allNetworks
      .filter((network) => isOurs(network as Labelled))
      .map(({ Name }) => Name)
      .toSorted(),
    // The engine lists them in no order; a plan is to read the same each time.
    volumes: allVolumes
      .filter(isOurs)
      .map(({ Name }) => Name)
      .toSorted(),
    foreign: [
      ...all.filter(isForeign).map((info) => `container ${nameOf(info)}`),
      ...allVolumes.filter(isForeign).map(({ Name }) => `volume ${Name}`),
    ],
  };
};

/** Health of one container at this moment. */
export const healthNow = async (
  engine: Engine,
  container: string,
): Promise<{ readonly state: ContainerState; readonly health: Health; readonly restarts: number }> => {
  const { State, RestartCount } = await engine.docker.getContainer(container).inspect();
  return {
    state: State.Status as ContainerState,
    health: (State.Health?.Status ?? "none") as Health,
    restarts: RestartCount,
  };
};
