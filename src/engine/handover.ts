/** What the host hands to a fused container: the backend's configuration, the keys it names, and how to reach the network. */
import { readFileSync } from "node:fs";
import { containerConfig, referencedVariables } from "../config/container.ts";
import { hostGateway } from "../config/loopback-url.ts";
import type { ConfigSource } from "../config/source.ts";
import { seededTargets } from "../config/offered-targets.ts";
import { type Config, targetName } from "../config/types.ts";
import { type Backend, type BackendName, backends } from "../shared/backends.ts";
import { clientKeyVariable, type Handover, routerPort } from "../shared/container-layout.ts";
import type { Environment } from "../shared/paths.ts";
import { caBundle, proxySettings } from "./build-inputs.ts";
import { litellmFiles } from "./litellm-files.ts";
import type { Secrets } from "./state-files.ts";

/**
 * True where the client's own login may be forwarded: a target that can be reached names a provider with `auth: passthrough`.
 * @param profile that requests go by; undefined, or one that is no more: the configuration's own routes
 */
export const usesPassthrough = (config: Config, profile?: string): boolean => {
  const { routes } = (profile === undefined ? undefined : config.profiles.get(profile)) ?? config;
  const targets = [...Object.values(routes).flatMap((route) => route.use), ...config.aliases.values()];
  return targets.some(({ provider }) => {
    const found = config.providers.get(provider);
    return found !== undefined && found.auth === "passthrough" && found.disabled === undefined;
  });
};

/** A proxy on this machine's loopback is reached through the gateway; the gateway itself and loopback need none. */
const proxiesInside = (env: Environment): Record<string, string> => {
  const settings = proxySettings(env);
  if (Object.keys(settings).length === 0) return settings;
  const direct = [...(settings["NO_PROXY"] ?? "").split(","), hostGateway, "127.0.0.1", "localhost"];
  const noProxy = [...new Set(direct.filter((name) => name !== ""))].join(",");
  return {
    ...Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        name,
        value.replace(/(?<=^|\/\/|@)(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)/i, hostGateway),
      ]),
    ),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
};

interface Configured extends Pick<Handover, "keys"> {
  readonly config: string;
  readonly clientKey?: string | undefined;
  readonly notices: readonly string[];
}

/** What each backend is configured with. A key that is empty is made by the supervisor, anew for each container. */
const configured: Readonly<Record<BackendName, (config: Config, source: ConfigSource) => Configured>> = {
  router: (_config, source) => ({
    config: containerConfig(source, { port: routerPort }),
    keys: Object.fromEntries(
      referencedVariables(source).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    ),
    notices: [],
  }),
  litellm: (config, source) =>
    litellmFiles(config, source, {
      clientKey: source.lookup(clientKeyVariable) ?? "",
      masterKey: "",
      place: "container",
    }),
};

/**
 * What a fused container of that backend gets.
 * @param adminHash of the administrator's token, where there is one
 * @returns the secrets, and what the user should know, one line each
 * @throws SwitchyardError as `litellmFiles`
 */
export const secretsFor = (
  config: Config,
  source: ConfigSource,
  env: Environment,
  backend: Backend = backends.router,
  adminHash?: string,
): Secrets & { readonly notices: readonly string[] } => {
  const ca = caBundle(env);
  const { config: text, keys, clientKey, notices } = configured[backend.name](config, source);
  return {
    configName: backend.configSecret,
    config: text,
    handover: {
      keys,
      ...(clientKey !== undefined && { clientKey }),
      proxy: proxiesInside(env),
      ...(backend.name === "router" && { models: seededTargets(config).map(targetName) }),
      passthrough: backend.forwardsLogin && usesPassthrough(config),
      ...(backend.keepsState && adminHash !== undefined && { adminHash }),
      ...(ca !== undefined && { ca: readFileSync(ca, "utf8") }),
    },
    notices,
  };
};
