/** What a service of the stack (`switchyard up`) is. One file each; `services.ts` lists them. */
import { isIP } from "node:net";
import type { Config } from "../../config/types.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";

export interface StackService {
  /** Its name in the compose project and in the stack's network. */
  readonly name: string;
  /** Pure: the same configuration and placement give the same service. */
  readonly service: (config: Config, placement: StackPlacement) => ComposeService;
  /** The secret files that it reads, as `secrets` of the document has them. */
  readonly secrets: (placement: StackPlacement) => Record<string, { file: string }>;
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
