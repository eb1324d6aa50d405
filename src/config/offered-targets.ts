/** The targets that a client is offered by name: those that can be asked, each once. */
import type { Config, Target } from "./types.ts";
import { usedTargets } from "./used-targets.ts";

/** `provider,*` is no name. */
const askable = (
  targets: readonly { readonly target: Target }[],
  { providers }: Pick<Config, "providers">,
): Target[] =>
  targets.flatMap(({ target }) => {
    const provider = providers.get(target.provider);
    const can = target.model !== "*" && provider !== undefined && provider.disabled === undefined;
    return can ? [target] : [];
  });

/** Of routes and aliases: of a configuration as it is under one profile. */
export const offeredTargets = (config: Pick<Config, "providers" | "routes" | "aliases">): Target[] =>
  askable(usedTargets({ ...config, custom: undefined, profiles: new Map(), budgets: [] }), config);

/** Of all that the configuration uses, profiles included: for a client that is told once. */
export const seededTargets = (config: Config): Target[] => askable(usedTargets(config), config);
