/** The providers that requests may really go to. */
import type { ProviderConfig } from "../../config/types.ts";
import { usedTargets } from "../../config/used-targets.ts";
import type { Loaded } from "../configuration.ts";

/**
 * Those that routes, aliases, rules, profiles and budgets name, each once. Of the tracked profiles alone those that a key was set for: without one, nothing says that
 * anybody wants them.
 */
export const usedProviders = ({ config }: Pick<Loaded, "config">): ProviderConfig[] => {
  const used = usedTargets(config).flatMap(({ target, sample }) => {
    const provider = config.providers.get(target.provider);
    const isWanted = !sample || (provider?.auth === "key" && provider.disabled === undefined);
    return provider !== undefined && isWanted ? [provider] : [];
  });
  return [...new Set(used)];
};

/** Base URLs of those that are asked over the network and not on this machine. */
export const remoteUrls = (loaded: Pick<Loaded, "config">): { name: string; url: URL }[] =>
  usedProviders(loaded).flatMap(({ name, baseUrl, disabled }) =>
    baseUrl === "" || disabled !== undefined ? [] : [{ name, url: new URL(baseUrl) }],
  );
