/** The providers that requests may really go to. */
import type { ProviderConfig } from "../../config/types.ts";
import type { Loaded } from "../configuration.ts";

/** Those that a route or an alias names, each once. */
export const usedProviders = ({ config }: Pick<Loaded, "config">): ProviderConfig[] => {
  const names = new Set(
    [...Object.values(config.routes).flatMap((route) => route.use), ...config.aliases.values()].map(
      ({ provider }) => provider,
    ),
  );
  return [...names].flatMap((name) => config.providers.get(name) ?? []);
};

/** Base URLs of those that are asked over the network and not on this machine. */
export const remoteUrls = (loaded: Pick<Loaded, "config">): { name: string; url: URL }[] =>
  usedProviders(loaded).flatMap(({ name, baseUrl, disabled }) =>
    baseUrl === "" || disabled !== undefined ? [] : [{ name, url: new URL(baseUrl) }],
  );
