/** What the host hands to a fused container: the configuration, the keys it names, and how to reach the network. */
import { readFileSync } from "node:fs";
import { containerConfig, hostGateway, referencedVariables } from "../config/container.ts";
import type { ConfigSource } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import { routerPort } from "../shared/container-layout.ts";
import type { Environment } from "../shared/paths.ts";
import { caBundle, proxySettings } from "./build-inputs.ts";
import type { Secrets } from "./state-files.ts";

/** True where the client's own login may be forwarded: a target that can be reached names a provider with `auth: passthrough`. */
export const usesPassthrough = (config: Config): boolean => {
  const targets = [...Object.values(config.routes).flatMap((route) => route.use), ...config.aliases.values()];
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

export const secretsFor = (config: Config, source: ConfigSource, env: Environment): Secrets => {
  const ca = caBundle(env);
  const set = referencedVariables(source).filter(({ value }) => value !== undefined);
  return {
    config: containerConfig(source, { port: routerPort }),
    handover: {
      keys: Object.fromEntries(set.map(({ name, value }) => [name, value ?? ""])),
      proxy: proxiesInside(env),
      passthrough: usesPassthrough(config),
      ...(ca !== undefined && { ca: readFileSync(ca, "utf8") }),
    },
  };
};
