/** Ports of this machine: which are free, and who holds one that is not. */
import { createServer, type AddressInfo } from "node:net";
import { labels } from "../shared/container-layout.ts";
import { systemCodeOf } from "../shared/errors.ts";
import type { Engine } from "./connect.ts";
import { type Listener, listenersOn } from "./listeners.ts";

export interface PortOwner {
  readonly port: number;
  /** In words, for a message: "the container 'web' (image nginx, compose project 'shop')". */
  readonly owner: string;
}

const loopback = "127.0.0.1";

/** Labels that compose gives to what it starts. */
const composeProject = "com.docker.compose.project";
const composeFolder = "com.docker.compose.project.working_dir";

const isV6 = (address: string): boolean => address.includes(":");

/** True where what an engine has published on `address` keeps another from `host`: of `::` it holds IPv6 alone, IPv4 has an entry of its own. */
const publishedOver = (address: string, host: string): boolean =>
  isV6(address) === isV6(host) &&
  (address === host || [address, host].some((each) => each === "0.0.0.0" || each === "::"));

/** The same of a process that listens on `address`: its `::` mostly stands for both families. */
export const collides = (address: string, host: string): boolean =>
  address === "::" || publishedOver(address, host);

/** Listens for a moment. @returns the port, or the code of the system's refusal */
const tryPort = (port: number, host: string): Promise<{ port: number } | { refusal: string | undefined }> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve({ refusal: systemCodeOf(error) }));
    server.listen({ port, host, exclusive: true, ipv6Only: isV6(host) }, () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve({ port: taken }));
    });
  });

/** A port that is free at this moment. */
export const freePort = async (host: string = loopback): Promise<number> => {
  const tried = await tryPort(0, host);
  if ("port" in tried) return tried.port;
  throw new Error(`no free port on ${host}: ${tried.refusal}`);
};

interface Holder {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A shell of ours has a compose project of its own: only what belongs to the stack itself is ours to take over. */
const isOwn = (holder: Holder, project: string): boolean =>
  holder.labels[labels.project] === project && (holder.labels[composeProject] ?? project) === project;

const describeContainer = (holder: Holder, project: string): string => {
  const of = (label: string): string | undefined => holder.labels[label] || undefined;
  const owner = of(labels.project);
  if (owner === undefined) {
    const compose = of(composeProject);
    return `the container '${holder.name}' (image ${holder.image}${compose === undefined ? "" : `, compose project '${compose}'`})`;
  }
  const details = [
    `container ${holder.name}`,
    ...(of(composeFolder) === undefined ? [] : [`checkout ${of(composeFolder)}`]),
    ...(of(labels.workspace) === undefined ? [] : [`workspace ${of(labels.workspace)}`]),
  ].join(", ");
  const whose = owner === project ? "a shell of this project" : `the Switchyard project '${owner}'`;
  return `${whose} (${details})`;
};

const describeProcess = (listener: Listener): string => {
  if (listener.pid === undefined)
    return `a process of another user${listener.uid === undefined ? "" : ` (user id ${listener.uid})`}`;
  if (listener.command === "docker-proxy")
    return "a container of another engine on this machine (docker-proxy)";
  return `the process ${listener.pid} (${listener.command})`;
};

const publisher = async (engine: Engine, port: number, host: string): Promise<Holder | undefined> => {
  for (const each of await engine.docker.listContainers()) {
    const holds = each.Ports.some(
      ({ IP, PublicPort, Type }) =>
        PublicPort === port && Type === "tcp" && publishedOver(IP || "0.0.0.0", host),
    );
    if (holds)
      return { name: (each.Names[0] ?? each.Id).replace(/^\//, ""), image: each.Image, labels: each.Labels };
  }
  return undefined;
};

/** The container that a listening process runs in; undefined where it is none of this engine's. */
const containerOf = async (engine: Engine, { containerId }: Listener): Promise<Holder | undefined> => {
  if (containerId === undefined) return undefined;
  try {
    const { Name, Config } = await engine.docker.getContainer(containerId).inspect();
    return { name: Name.replace(/^\//, ""), image: Config.Image, labels: Config.Labels };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
};

/** Who on this machine keeps us from listening: undefined where nobody does. */
const localListener = async (port: number, host: string): Promise<Listener | undefined> => {
  const tried = await tryPort(port, host);
  const free = "port" in tried;
  // macOS lets two listen, one on every address and one on 127.0.0.1: there a free port may have a listener all the same.
  if (free && process.platform !== "darwin") return undefined;
  const all = (await listenersOn(port)).filter(({ address }) => collides(address, host));
  const [found] = all.toSorted((a, b) => Number(b.address === host) - Number(a.address === host));
  if (found !== undefined || free) return found;
  // What we may not bind (EACCES, below 1024) the engine may.
  return tried.refusal === "EADDRINUSE" ? { address: host } : undefined;
};

/** The process that holds a TCP port of this machine, in words; undefined where it is free. For where no engine answers. */
export const processOn = async (port: number, host: string): Promise<string | undefined> => {
  const listener = await localListener(port, host === "localhost" ? loopback : host);
  return listener === undefined ? undefined : describeProcess(listener);
};

/**
 * Who holds a TCP port that is to be published.
 * @param options.host address that it is to be published on, by default 127.0.0.1
 * @param options.project the Switchyard project that asks: what its own stack holds is not held
 * @returns undefined where the port is free, or the project's own
 */
export const portOwner = async (
  engine: Engine,
  port: number,
  options: { host?: string; project: string },
): Promise<PortOwner | undefined> => {
  const host = options.host === undefined || options.host === "localhost" ? loopback : options.host;
  const told = (holder: Holder): PortOwner | undefined =>
    isOwn(holder, options.project) ? undefined : { port, owner: describeContainer(holder, options.project) };
  const holder = await publisher(engine, port, host);
  if (holder !== undefined) return told(holder);
  // The ports of an engine elsewhere are not this machine's.
  if (!engine.address.host.startsWith("unix://")) return undefined;
  const listener = await localListener(port, host);
  if (listener === undefined) return undefined;
  const inside = await containerOf(engine, listener);
  return inside === undefined ? { port, owner: describeProcess(listener) } : told(inside);
};
