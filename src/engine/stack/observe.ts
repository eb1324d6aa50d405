/** What is there of a project: the engine's side of `Observed`. */
import type Docker from "dockerode";
import { labels } from "../../shared/container-layout.ts";
import type { ContainerState, Health, SeenFused, SeenService } from "../../stack/plan/types.ts";
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

const startOrder = ["router", "litellm", "claude-code"];
const place = ({ service }: { readonly service: string }): number => {
  const at = startOrder.indexOf(service);
  return at < 0 ? 1.5 : at;
};

/** Looks at everything that carries this project's labels, or compose's of its projects. */
export const observeProject = async (engine: Engine, project: string): Promise<ProjectOnEngine> => {
  const all = await engine.docker.listContainers({ all: true });
  const fused = all.filter((info) => isFused(info, project));
  const ours = new Set([project, ...fused.flatMap((info) => info.Labels[composeLabels.project] ?? [])]);
  // What a user's override adds to a fused container ends with it.
  const besides = all.filter(
    (info) =>
      !fused.includes(info) && !isOf(info, project) && ours.has(info.Labels[composeLabels.project] ?? ""),
  );
  const isOurs = (of: { Labels?: Readonly<Record<string, string>> | null }): boolean =>
    of.Labels?.[labels.project] === project || ours.has(of.Labels?.[composeLabels.project] ?? "");
  const networks = (await engine.docker.listNetworks()).filter((network) =>
    isOurs(network as { Labels?: Record<string, string> }),
  );
  const { Volumes } = await engine.docker.listVolumes();
  return {
    services: all
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
    networks: networks.map(({ Name }) => Name),
    volumes: (Volumes ?? []).filter(isOurs).map(({ Name }) => Name),
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
