/** A target that the request names itself: `provider,model`, `claude-via/provider,model`, an alias, or an id that one target bears. */
import { didYouMean } from "../../config/problems.ts";
import { targetName, type Config, type Target } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { viaPrefix } from "../../shared/via-prefix.ts";
import { parseNamed } from "./named.ts";
import { no, type Rule, type Verdict } from "./rule.ts";
import { withFallbacks } from "./targets.ts";

export const explicit: Rule = {
  name: "explicit",
  decide({ model, config }): Verdict {
    const match = (target: Target, reason: string): Verdict => ({
      matched: true,
      reason,
      targets: targetsFor(target, config),
    });
    const asked = model.toLowerCase().startsWith(viaPrefix) ? model.slice(viaPrefix.length) : model;

    const alias = config.aliases.get(asked);
    if (alias !== undefined) return match(alias, `${asked} is an alias`);

    const named = parseNamed(asked, config);
    if (named.kind === "target") return match(named.target, "the model names its provider");
    if (named.kind === "unknown-provider") {
      const known = [...config.providers.keys()];
      throw new SwitchyardError("route.unknownProvider", {
        detail: `${asked}: there is no provider ${named.provider}; configured are ${known.join(", ")}.${didYouMean(named.provider, known)}`,
      });
    }
    if (named.kind === "no-model") throw noModel(asked, named.provider);

    if (asked.toLowerCase().includes("claude")) return no("an id of Claude's is decided by the rules below");
    const bearers = targetsWithModel(asked, config);
    if (bearers.length === 1) return match(bearers[0]!, "exactly one target has this model id");
    return no(
      bearers.length === 0 ? "no target has this model id" : `${bearers.length} providers have this model id`,
    );
  },
};

const noModel = (asked: string, provider: string): SwitchyardError =>
  new SwitchyardError("request.malformed", {
    detail: `model: ${asked} names no model of ${provider}`,
    hint: `Name one: ${provider},MODEL.`,
  });

/**
 * The target and its fallbacks. `*` keeps the id that was asked for, and here that is the name of another provider's model:
 * such a fallback cannot answer.
 * @throws SwitchyardError route.noTarget, as a fault of the request: a client repeats what it believes to pass by itself
 */
const targetsFor = (target: Target, config: Config): Target[] => {
  if (target.model === "*") throw noModel(targetName(target), target.provider);
  const targets = withFallbacks(target, config).filter((each) => each.model !== "*");
  const off = config.providers.get(target.provider)?.disabled;
  if (
    off === undefined ||
    targets.some((each) => config.providers.get(each.provider)?.disabled === undefined)
  )
    return targets;
  throw new SwitchyardError("route.noTarget", {
    detail: `${targetName(target)}: ${off}`,
    hint: "Set its key, or choose another model with /model.",
    http: 400,
    type: "invalid_request_error",
  });
};

/** The configured targets of that model id, one a provider. */
const targetsWithModel = (model: string, config: Config): Target[] => {
  const found = new Map<string, Target>();
  const look = (target: Target): void => {
    if (target.model === model) found.set(target.provider, target);
  };
  for (const route of Object.values(config.routes)) for (const target of route?.use ?? []) look(target);
  for (const target of config.aliases.values()) look(target);
  return [...found.values()];
};
