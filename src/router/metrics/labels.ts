/**
 * Labels of metrics. A series is never forgotten, so there must be a bound to them: what a client may choose (a model id, and with it a target) is a label only
 * where the configuration names it.
 */
import { type Config, routeNames, splitTargetName, type Target, targetName } from "../../config/types.ts";
import { usedTargets } from "../../config/used-targets.ts";
import { failureKinds } from "../../shared/failure-names.ts";

/** For whatever the configuration does not name. */
export const other = "other";

/** The targets that a configuration names, `provider,*` among them. */
export const configuredTargets = (config: Config): readonly Target[] =>
  usedTargets(config).map(({ target }) => target);

/** What a configuration allows as labels. */
export interface Bounds {
  readonly targets: ReadonlySet<string>;
  readonly rules: ReadonlySet<string>;
  readonly config: Config;
}

export const boundsOf = (config: Config): Bounds => ({
  config,
  targets: new Set(configuredTargets(config).map(targetName)),
  rules: new Set([
    "explicit",
    ...routeNames,
    ...(config.custom?.rules ?? []).map(({ name }) => `custom:${name}`),
    "custom:script",
  ]),
});

/**
 * Provider and model of `provider,model`. Behind a target `provider,*` every model may be asked for: those of which figures are known
 * (config/models.yaml, the user's) keep their names.
 */
export const targetLabels = (
  target: string,
  { targets, config }: Bounds,
): { readonly provider: string; readonly model: string } => {
  const { provider, model } = splitTargetName(target);
  if (!config.providers.has(provider)) return { provider: other, model: other };
  if (targets.has(target)) return { provider, model };
  const isKnown = targets.has(`${provider},*`) && (config.models.has(target) || config.models.has(model));
  return { provider, model: isKnown ? model : other };
};

/**
 * The same of a target of a turn. A record may have `provider,*` for what was asked by its own name: then that name, where it is known.
 * @param asked the model that the client asked for
 */
export const turnLabels = (
  target: string,
  asked: string,
  bounds: Bounds,
): ReturnType<typeof targetLabels> => {
  const labels = targetLabels(target, bounds);
  if (labels.model !== "*") return labels;
  const named = targetLabels(`${labels.provider},${asked}`, bounds);
  return named.model === other ? labels : named;
};

export const ruleLabel = (rule: string, { rules }: Bounds): string => (rules.has(rule) ? rule : other);

const results: ReadonlySet<string> = new Set([...failureKinds, "served", "cut", "aborted"]);
export const resultLabel = (result: string): string => (results.has(result) ? result : other);
