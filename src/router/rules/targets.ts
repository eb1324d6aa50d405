/** From what a rule said to the targets that are really tried. */
import { targetName, type Config, type RouteName, type Target } from "../../config/types.ts";
import { routeNames } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";

const sameTarget = (a: Target, b: Target): boolean => a.provider === b.provider && a.model === b.model;

/**
 * A target that was asked for by name, and behind it the other targets of the route that it stands in: of the default route
 * where that is one, else of the first.
 */
export const withFallbacks = (target: Target, config: Config): Target[] => {
  // Asked for by name it is an answer, not what is left when nothing else is on; and it never fails.
  if (config.providers.get(target.provider)?.dialect === "demo") return [target];
  const standsIn = (name: RouteName): boolean =>
    config.routes[name]?.use.some((each) => sameTarget(each, target)) === true;
  const home = standsIn("default") ? "default" : routeNames.find(standsIn);
  const others =
    home === undefined ? [] : config.routes[home]!.use.filter((each) => !sameTarget(each, target));
  return [target, ...others];
};

/**
 * The targets that can be tried, in order, each once. `demo` answers only where every other one is switched off: a target
 * that fails must not be covered up by it.
 * @throws SwitchyardError route.noTarget, with the reason of each
 */
export const usable = (targets: readonly Target[], config: Config, rule: string): Target[] => {
  const seen = new Set<string>();
  const on = targets.filter((target) => {
    const name = targetName(target);
    if (seen.has(name) || config.providers.get(target.provider)?.disabled !== undefined) return false;
    seen.add(name);
    return config.providers.has(target.provider);
  });
  const real = on.filter((target) => config.providers.get(target.provider)?.dialect !== "demo");
  if (real.length > 0) return real;
  if (on.length > 0) return on;
  const why = targets.map((target) => {
    const reason = config.providers.get(target.provider)?.disabled ?? "there is no such provider";
    return `${targetName(target)} (${reason})`;
  });
  throw new SwitchyardError("route.noTarget", {
    detail: `rule ${rule}: ${why.join(", ")}`,
    // Only the user can change that; the client would repeat a 503 in silence for minutes.
    headers: { "x-should-retry": "false" },
  });
};
