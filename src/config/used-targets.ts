/** Every target that the configuration sends requests to, with where it stands: in routes, aliases, rules, profiles and budgets. */
import { type Config, type ProfileConfig, type Route, type Target, targetName } from "./types.ts";

export interface UsedTarget {
  readonly target: Target;
  /** Paths of keys, never empty: `routes.default`, `profiles.glm.models.sonnet`, `aliases.quick`, `rules.night`, `budgets.all`. */
  readonly where: readonly string[];
  /** It stands in nothing of the user's own: in tracked profiles alone, which are there for whoever has the keys. */
  readonly sample: boolean;
}

/** One of config/profiles/ of the checkout. */
export const isSample = ({ file }: Pick<ProfileConfig, "file">): boolean =>
  file.startsWith("config/profiles/");

type Named = Pick<Config, "routes" | "aliases" | "custom" | "profiles" | "budgets">;

/** The routes that a profile sets itself: not those that it takes over from the configuration, nor the one that stands in for its `default`. */
const ownRoutes = ({
  routes,
  profiles,
}: Named): (readonly [where: string, route: Route, sample: boolean])[] =>
  [...profiles.values()].flatMap((profile) => {
    const base = new Set<Route | undefined>(Object.values(routes));
    const own = Object.entries(profile.routes).filter(([, route]) => !base.has(route));
    return own.flatMap(([name, route]) => {
      const isStandIn = name === "default" && own.some(([other, each]) => other !== name && each === route);
      const kind = Object.hasOwn(profile.models, name) ? "models" : "routes";
      return isStandIn
        ? []
        : [[`profiles.${profile.name}.${kind}.${name}`, route, isSample(profile)] as const];
    });
  });

/** Each once, in the order in which they stand: those of the configuration's own routes first. `provider,*` is among them. */
export const usedTargets = (config: Named): UsedTarget[] => {
  const found = new Map<string, { target: Target; where: string[]; sample: boolean }>();
  const add = (target: Target, where: string, sample = false): void => {
    const name = targetName(target);
    const known = found.get(name) ?? { target, where: [], sample };
    if (!known.where.includes(where)) known.where.push(where);
    found.set(name, { ...known, sample: known.sample && sample });
  };
  for (const [name, { use }] of Object.entries(config.routes))
    for (const target of use) add(target, `routes.${name}`);
  for (const [name, target] of config.aliases) add(target, `aliases.${name}`);
  for (const { name, use } of config.custom?.rules ?? [])
    for (const target of use) add(target, `rules.${name}`);
  for (const [where, { use }, sample] of ownRoutes(config))
    for (const target of use) add(target, where, sample);
  for (const { name, use } of config.budgets) for (const target of use) add(target, `budgets.${name}`);
  return [...found.values()];
};
