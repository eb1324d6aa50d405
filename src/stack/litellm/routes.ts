/** From the routes of the configuration to what LiteLLM can go by: the name of the model that was asked for, and lists. */
import { modelInfoOf } from "../../config/model-info.ts";
import {
  type Config,
  type ProviderConfig,
  type Route,
  type RouteName,
  routeNames,
  type Target,
  targetName,
} from "../../config/types.ts";
import { usedTargets } from "../../config/used-targets.ts";

/** Why LiteLLM cannot serve a provider; undefined where it can. `demo` is one that it cannot. */
export const unservable = (provider: ProviderConfig | undefined): string | undefined => {
  if (provider === undefined) return "there is no such provider";
  if (provider.disabled !== undefined) return provider.disabled;
  if (provider.auth === "passthrough") return "LiteLLM does not forward the client's own login";
  if (provider.dialect === "demo") return "it answers in the router alone";
  return undefined;
};

/** The targets of a list that LiteLLM can serve, in order, each once. */
export const servable = (targets: readonly Target[], config: Config): Target[] => {
  const found = new Map<string, Target>();
  for (const target of targets)
    if (unservable(config.providers.get(target.provider)) === undefined)
      found.set(targetName(target), found.get(targetName(target)) ?? target);
  return [...found.values()];
};

/** A name with `*` that clients ask for, and the route that serves it. */
export interface Pattern {
  readonly match: string;
  readonly route: Route;
}

/** Something of the route can answer: `demo` too, as a mock. */
const answers = (route: Route, config: Config): boolean =>
  servable(route.use, config).length > 0 ||
  route.use.some(({ provider }) => config.providers.get(provider)?.dialect === "demo");

/** The models that Claude Code asks for, by their ids; the most specific first. Every other name goes to `default`. */
export const patterns = (config: Config): Pattern[] => {
  const { routes, tierFirst } = config;
  const { background, haiku } = routes;
  const small = tierFirst ? (haiku ?? background) : (background ?? haiku);
  const byTier: readonly [string, Route | undefined][] = [
    ["haiku", small],
    ["sonnet", routes.sonnet],
    ["fable", routes.fable],
    ["opus", routes.opus],
  ];
  return [
    ...byTier.flatMap(([tier, route]) =>
      route !== undefined && answers(route, config) ? [{ match: `claude-*${tier}*`, route }] : [],
    ),
    { match: "*", route: routes.default },
  ];
};

/** Every target of routes and aliases, each once: what the client's own names lead to. */
export const namedTargets = ({ routes, aliases }: Config): Target[] =>
  usedTargets({ routes, aliases, custom: undefined, profiles: new Map(), budgets: [] }).map(
    ({ target }) => target,
  );

/** Every target that is configured anywhere, profiles included, each once: what may be asked for by its own name. */
export const everyTarget = (config: Config): Target[] => usedTargets(config).map(({ target }) => target);

/** What stands in for a target that was asked for by name: the others of the route that it stands in, as in the router. */
export const standIns = (target: Target, config: Config): Target[] => {
  const same = (other: Target): boolean => targetName(other) === targetName(target);
  const standsIn = (name: RouteName): boolean => config.routes[name]?.use.some(same) === true;
  const home = standsIn("default") ? "default" : routeNames.find(standsIn);
  const list = home === undefined ? [] : (config.routes[home]?.use ?? []);
  return servable(list, config).filter((other) => !same(other) && other.model !== "*");
};

/**
 * What serves a request that is too long for `first`: the others of its list, then those of longContext, without those
 * whose window is known not to be larger.
 */
export const largerWindows = (first: Target, others: readonly Target[], config: Config): Target[] => {
  const window = modelInfoOf(config, first)?.context;
  const long = servable(config.routes.longContext?.use ?? [], config);
  return servable([...others, ...long], config).filter((target) => {
    const its = modelInfoOf(config, target)?.context;
    return (
      targetName(target) !== targetName(first) && (window === undefined || its === undefined || its > window)
    );
  });
};

/** The routes that a client cannot reach by a name, and that would have served it otherwise than `default`. */
export const unreachableRoutes = (config: Config): RouteName[] => {
  const list = (route: Route | undefined): string =>
    servable(route?.use ?? [], config)
      .map(targetName)
      .join(" ");
  const usual = list(config.routes.default);
  return (["subagent", "webSearch", "image", "think", "longContext"] as const).filter((name) => {
    const own = list(config.routes[name]);
    return own !== "" && own !== usual;
  });
};
