/** Names under which a target can be asked for: what the hooks in LiteLLM look a request's model up by. Pure. */
import type { Config, Target } from "../../config/types.ts";
import { viaPrefix } from "../../shared/via-prefix.ts";
import { targetName } from "../../config/types.ts";
import { everyTarget, namedTargets, servable, unservable } from "./routes.ts";

/** A target's name without a comma, at which LiteLLM parts a name on /v1/chat/completions. */
export const slashName = ({ provider, model }: Target): string => `${provider}/${model}`;

/** Other names of groups of `model_list`: `claude-via/…`, `provider/model`, aliases, and bare ids that exactly one target bears. */
export const otherNames = (config: Config): Map<string, string> => {
  const named = (targets: readonly Target[]): Target[] =>
    servable(targets, config).filter(({ model }) => model !== "*");
  const names = new Map<string, string>();
  for (const target of named(everyTarget(config))) {
    names.set(viaPrefix + targetName(target), targetName(target));
    names.set(slashName(target), targetName(target));
  }
  for (const [alias, target] of config.aliases)
    if (unservable(config.providers.get(target.provider)) === undefined) names.set(alias, targetName(target));
  for (const [id, bearers] of byModel(named(namedTargets(config)))) {
    const [only] = bearers;
    if (bearers.length === 1 && only !== undefined && !id.toLowerCase().includes("claude") && !names.has(id))
      names.set(id, targetName(only));
  }
  return names;
};

const byModel = (targets: readonly Target[]): Map<string, Target[]> => Map.groupBy(targets, (t) => t.model);

/** Why a target of a provider is refused, by the provider's name; an answer of another model would not be what was asked for. */
export const refusedProviders = (config: Config): Record<string, string> =>
  Object.fromEntries(
    [...config.providers.values()].flatMap((provider) => {
      const why = provider.dialect === "demo" ? undefined : unservable(provider);
      return why === undefined ? [] : [[provider.name, why]];
    }),
  );
