/** The targets that a client is offered by name: those of routes and aliases that can be asked, each once. */
import { targetName, type Config, type Target } from "./types.ts";

/** In the order of the routes; `provider,*` is no name. */
export const offeredTargets = (config: Pick<Config, "providers" | "routes" | "aliases">): Target[] => {
  const seen = new Map<string, Target>();
  const add = (target: Target): void => {
    const provider = config.providers.get(target.provider);
    if (target.model !== "*" && provider !== undefined && provider.disabled === undefined)
      seen.set(targetName(target), target);
  };
  for (const route of Object.values(config.routes)) for (const target of route?.use ?? []) add(target);
  for (const target of config.aliases.values()) add(target);
  return [...seen.values()];
};
