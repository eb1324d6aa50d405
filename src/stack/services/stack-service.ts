/** What a service of the stack (`switchyard up`) is. One file each; `services.ts` lists them. */
import { isIP } from "node:net";
import type { Config } from "../../config/types.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";

/** Images that services run, by their folders under images/. */
export type StackImage = keyof StackPlacement["images"];

/** Where a service is reached from this machine. */
export interface ServicePort {
  /** Number that the configuration asks for; 0 takes a free one. */
  readonly number: (config: Config) => number;
  /** IPv4 or IPv6 address that it is published on. */
  readonly address: (config: Config) => string;
  /** Key of the configuration, for messages. */
  readonly setting: string;
}

export interface StackService {
  /** Its name in the compose project and in the stack's network. */
  readonly name: string;
  readonly image: StackImage;
  /** Not always there: only where the configuration wants it. */
  readonly wanted?: (config: Config) => boolean;
  /** Key of the configuration that does, for messages. */
  readonly wish?: string;
  /** Where the client reaches it: what makes it a target of `switchyard switch`. */
  readonly url?: string;
  readonly port?: ServicePort;
  /** Ports of this machine's loopback that, in the configuration, mean this service. */
  readonly loopbackPorts?: (config: Config) => readonly number[];
  /** Services that must be healthy before it starts. */
  readonly after: readonly string[];
  /** How long it may take to become healthy, in milliseconds. */
  readonly patience: number;
  /** Pure: the same configuration and placement give the same service. */
  readonly service: (config: Config, placement: StackPlacement) => ComposeService;
  /** The secret files that it reads, as `secrets` of the document has them. */
  readonly secrets: (placement: StackPlacement) => Record<string, { file: string }>;
}

/**
 * A service that is there only where the configuration wants it, of an image that others publish. Like a service of the user's overrides it is started and kept as
 * compose has it: it is no target of a switch, and nothing waits for it.
 */
export interface ExtraService extends Pick<StackService, "name" | "service" | "secrets"> {
  readonly wanted: (config: Config) => boolean;
  /** As those of `StackService`: where other services reach it, and what means it in the configuration. */
  readonly url?: string;
  readonly loopbackPorts?: (config: Config) => readonly number[];
  /** Names of the volumes that it keeps things in. */
  readonly volumes?: readonly string[];
}

/** Proxies and CA certificates of the machine. */
export const networkSecrets = ["network.env", "ca.pem"] as const;

/** An entry of the document's `secrets`. */
export const secretOf = (name: string, placement: StackPlacement): [string, { file: string }] => [
  name,
  { file: `${placement.secrets}/${name}` },
];

/** The address on which the router is published: a name is loopback's, for names are not published on. */
export const hostAddress = (config: Config): string =>
  isIP(config.server.host) === 0 ? "127.0.0.1" : config.server.host;
