/** Routes by which one target answers everything, as a profile would that names it alone. */
import { nearest } from "./problems.ts";
import { splitTarget } from "./targets.ts";
import type { Config, Route, RouteName, Target } from "./types.ts";

export type TargetRoutes = Readonly<Partial<Record<RouteName, Route>>> & { readonly default: Route };

/** What a request may need that a model may not be able to do: these routes stay, where somebody other than `demo` answers there. */
const abilities = ["webSearch", "image"] as const satisfies readonly RouteName[];

export type FoundTarget =
  | { readonly target: Target }
  | { readonly problem: string; readonly disabled?: true };

/** The target of that name, as `provider,model` or as an alias; else what is wrong with it, without a full stop. */
export const findTarget = (name: string, { providers, aliases }: Config): FoundTarget | undefined => {
  const named = aliases.get(name) ?? splitTarget(name);
  if (named === undefined) return undefined;
  const asked = named.provider.toLowerCase();
  const provider = [...providers.values()].find((each) => each.name.toLowerCase() === asked);
  if (provider === undefined) {
    const meant = nearest(named.provider, providers.keys());
    return {
      problem: `${name.slice(0, 80)}: there is no provider of that name.${meant === undefined ? "" : ` Did you mean "${meant}"?`} There are: ${[...providers.keys()].join(", ")}`,
    };
  }
  if (named.model === "") return { problem: `${name.slice(0, 80)}: there is no model behind the comma` };
  if (provider.disabled !== undefined)
    return { problem: `${name.slice(0, 80)}: ${provider.disabled}`, disabled: true };
  return { target: { provider: provider.name, model: named.model } };
};

/** All that is asked goes to the target, but for what it may not be able to do. */
export const routesTo = (target: Target, { routes, providers }: Config): TargetRoutes => {
  const kept = abilities.flatMap((name) => {
    const route = routes[name];
    const answers = route?.use.some((each) => {
      const provider = providers.get(each.provider);
      return provider !== undefined && provider.disabled === undefined && provider.dialect !== "demo";
    });
    return route !== undefined && answers === true ? [[name, route] as const] : [];
  });
  return { ...Object.fromEntries(kept), default: { use: [target], choose: "order" } };
};
