/** The secret files of the stack's services, and what a later switch has to know of them. */
import { createHmac, randomBytes } from "node:crypto";
import type { StackConnections } from "../../engine/stack/connections.ts";
import { secretsFor, usesPassthrough } from "../../engine/handover.ts";
import { litellmFiles } from "../../engine/litellm-files.ts";
import { networkEnvironment } from "../../fuse/container-identity.ts";
import { quoteWord } from "../../fuse/shell-start.ts";
import { accessDir } from "../../shared/access-files.ts";
import { clientKeyVariable, configSecret, secretsDir } from "../../shared/container-layout.ts";
import { backends } from "../../shared/backends.ts";
import { readDefaultProfile } from "../../shared/default-profile.ts";
import { metricsKey } from "../../stack/services/prometheus.ts";
import { routerSecrets } from "../../stack/services/router.ts";
import { cliproxyapiConfig, cliproxyapiConfigFile } from "../../stack/services/cliproxyapi.ts";
import { withServices } from "../../stack/services/services.ts";
import type { StackPlacement } from "../../stack/placement.ts";
import type { Loaded } from "../configuration.ts";
import { cliproxyapiKeyVariable } from "./cliproxyapi-key.ts";

export interface StackSecrets {
  /** File name -> text, for the folder of the stack's secrets. */
  readonly files: ReadonlyMap<string, string>;
  readonly connections: StackConnections;
  /** For labels: they change with what a service is configured with, and tell nothing of it. */
  readonly hashes: StackPlacement["configHashes"];
  /** One line each. */
  readonly notices: readonly string[];
}

const random = (): string => `sy-${randomBytes(24).toString("hex")}`;

/** Proxies and where the CA certificates lie, as lines of a shell. */
const networkLines = (proxy: Readonly<Record<string, string>>, ca: string | undefined): string =>
  Object.entries(networkEnvironment(proxy, ca === undefined ? undefined : `${secretsDir}/ca.pem`))
    .map(([name, value]) => `${name}=${quoteWord(value)}\n`)
    .join("");

/**
 * @param before what the stack was started with last: its keys stay, so that what runs need not change
 * @throws SwitchyardError config.unreadable, config.invalid for the user's own LiteLLM configuration
 */
export const stackSecrets = (
  { config, source, stateDir }: Loaded,
  before: StackConnections | undefined,
  env: NodeJS.ProcessEnv,
): StackSecrets => {
  const { config: plainConfig, handover } = secretsFor(config, source, env, backends.router);
  const routerConfig = withServices(config, plainConfig);
  const clientKey = handover.keys[clientKeyVariable] ?? before?.clientKey ?? random();
  const masterKey = before?.masterKey ?? random();
  const litellmSetup = litellmFiles(config, source, { clientKey, masterKey, place: "container" });
  // The user's own file runs as it is.
  const own = config.stack.litellm.config !== "";
  const litellm = own ? litellmSetup : { ...litellmSetup, config: withServices(config, litellmSetup.config) };
  const cliproxyapiKey = config.stack.cliproxyapi.enabled ? source.lookup(cliproxyapiKeyVariable) : undefined;
  const cliproxyapi = cliproxyapiKey === undefined ? "" : cliproxyapiConfig(cliproxyapiKey.trim());
  const { proxy, ca } = handover;
  const connections: StackConnections = {
    clientKey,
    masterKey,
    salt: before?.salt ?? randomBytes(32).toString("hex"),
    passthrough: usesPassthrough(config, readDefaultProfile(accessDir(stateDir))),
    proxy,
    ...(cliproxyapiKey !== undefined && { cliproxyapiKey: cliproxyapiKey.trim() }),
    ...(litellm.clientKey !== undefined && { litellmKey: litellm.clientKey }),
    ...(ca !== undefined && { ca }),
  };
  const routerKeys = JSON.stringify({ ...handover.keys, [clientKeyVariable]: clientKey });
  // As they are: the user's own configuration may have no master key, and LiteLLM would take one that it is given.
  const litellmKeys = JSON.stringify(litellm.keys);
  const network = networkLines(proxy, ca);
  const hashOf = (...texts: string[]): string => {
    const hash = createHmac("sha256", connections.salt);
    for (const text of [...texts, network, ca ?? ""]) hash.update(`${text.length}:`).update(text);
    return hash.digest("hex").slice(0, 12);
  };
  return {
    files: new Map([
      [`${routerSecrets}/${configSecret}`, routerConfig],
      [`${routerSecrets}/router-keys.json`, `${routerKeys}\n`],
      [`${routerSecrets}/network.env`, network],
      [`${routerSecrets}/ca.pem`, ca ?? ""],
      ...(config.stack.observability.enabled ? [[metricsKey, clientKey] as const] : []),
      ["litellm.yaml", litellm.config],
      ["litellm-keys.json", `${litellmKeys}\n`],
      ...(cliproxyapi === "" ? [] : [[cliproxyapiConfigFile, cliproxyapi] as const]),
      ["network.env", network],
      ["ca.pem", ca ?? ""],
      ["connections.json", `${JSON.stringify(connections)}\n`],
    ]),
    connections,
    hashes: {
      router: hashOf(routerConfig, routerKeys),
      litellm: hashOf(litellm.config, litellmKeys),
      cliproxyapi: hashOf(cliproxyapi),
    },
    notices: litellm.notices,
  };
};
