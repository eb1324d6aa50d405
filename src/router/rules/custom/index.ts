/** The rules of a configuration's own, in its order, then its script. Imported by the first request of a configuration that has any. */
import { type Config, type CustomRule, type Pattern, targetName } from "../../../config/types.ts";
import { no, type Rule, type Verdict } from "../rule.ts";
import { judge, type Surroundings } from "./conditions.ts";
import { type Matcher, matcherOf } from "./match.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { scriptRule } from "./script-rule.ts";
import { isUsable } from "./usable.ts";

/** How custom rules are named: `custom:night`. */
export const customName = (name: string): string => `custom:${name}`;

/** @param warn told of patterns that take too long, once a minute each at most */
const ruleOf = (rule: CustomRule, warn: (text: string) => void): Rule => {
  const name = customName(rule.name);
  const made = new Map<Pattern, Matcher>();
  const around: Surroundings = {
    matcher: (pattern) => {
      const matcher =
        made.get(pattern) ??
        matcherOf(pattern, ({ shown }) =>
          warn(`rule ${name}: the pattern ${shown} took too long, and is left out for a minute`),
        );
      made.set(pattern, matcher);
      return matcher;
    },
  };
  return {
    name,
    async decide(facts): Promise<Verdict> {
      const failed = await judge(rule.when, facts, around, facts.explain);
      if (failed.length > 0) return no(failed.join("; "));
      if (!isUsable(rule.use, facts.config))
        return no(
          `its conditions hold, but no provider of ${rule.use.map(targetName).join(", ")} is enabled`,
        );
      return { matched: true, reason: "all of its conditions hold", targets: rule.use };
    },
  };
};

/** Made once for each configuration: patterns remember that they were too slow. */
const known = new WeakMap<Config, readonly Rule[]>();

export const customRules = (
  config: Config,
  script: ScriptRunner | undefined,
  warn: (text: string) => void,
): readonly Rule[] => {
  const rules = known.get(config) ?? (config.custom?.rules ?? []).map((rule) => ruleOf(rule, warn));
  known.set(config, rules);
  return script === undefined ? rules : [...rules, scriptRule(script)];
};
