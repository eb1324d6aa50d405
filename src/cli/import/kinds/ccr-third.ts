/**
 * claude-code-router 3.x: one JSON in the table `app_config` of `~/.claude-code-router/config.sqlite`, or under `config` of the file that "Export data"
 * writes. Read from the package at 3.1.1 and its docs (configuration/{configuration-file,routing,profiles}): there are no routes by kind of turn any
 * more, but a model for each agent (`profile.profiles`), rules with a condition, and fallbacks.
 */
import type { Draft } from "../draft.ts";
import type { ProfileDraft } from "../draft-types.ts";
import { jsonIn } from "../importer.ts";
import type { Part } from "../report.ts";
import { rowOf } from "../texts.ts";
import { type TargetOf, targetsBy } from "./ccr-providers.ts";

const exportKind = "claude-code-router-data-export";

/** The row of the database that holds the configuration. */
const rowIn = (top: Part): Part | undefined =>
  top
    .at("app_config")
    ?.items()
    .find((row) => row.at("value_json")?.text?.includes('"Providers"') === true);

/** Where a file holds a configuration of 3.x; undefined of another file. */
export const thirdIn = (top: Part): Part | undefined =>
  rowIn(top) ?? (top.at("kind")?.text === exportKind ? top.at("config") : undefined);

/** The configuration in a database or an export; what lies around it is told. */
export const openThird = (top: Part): Part | undefined => {
  const found = thirdIn(top);
  if (found === undefined) return undefined;
  const row = rowIn(top);
  for (const [name, part] of top.entries())
    if (name === "api_keys")
      part.dropped("keys of clients are kept encrypted there; make new ones: switchyard keys");
    else if (row === undefined ? name !== "config" : name !== "app_config")
      part.dropped("a copy of its files, or a state of its application");
  for (const other of top.at("app_config")?.items() ?? [])
    for (const [column, part] of other.entries())
      if (column !== "value_json" || other.path.at(-1) !== row?.path.at(-1))
        part.dropped("a state of its application");
  const json = row?.at("value_json");
  return json === undefined ? found : jsonIn(json);
};

/** Whether a configuration is of 3.x: its Router has rules, and no routes. */
export const isThird = (top: Part): boolean =>
  top.at("Router", "rules") !== undefined || top.at("Router", "builtInRules") !== undefined;

/** @param names as `readProvider` fills it */
export const readThird = (top: Part, names: ReadonlyMap<string, string>, draft: Draft): void => {
  const [slash, comma] = [targetsBy("/", names), targetsBy(",", names)];
  const targetOf: TargetOf = (text) => comma(text) ?? slash(text);
  // Its clients and tags ask for Provider/model.
  let first: string | undefined;
  for (const provider of top.at("Providers")?.children() ?? [])
    for (const model of provider.at("models")?.items() ?? []) {
      const target = comma(`${provider.at("name")?.text ?? ""},${model.text ?? ""}`);
      if (target === undefined) continue;
      first ??= target;
      const asked = `${provider.at("name")?.text ?? ""}/${model.text ?? ""}`;
      // An alias is one word.
      draft.aliases[/\s/.test(asked) ? target.replace(",", "/") : asked] ??= target;
    }
  const behind = chainOf(top.at("Router", "fallback"), targetOf);
  for (const rule of top.at("Router", "rules")?.items() ?? []) readRule(rule, targetOf, behind, draft);
  for (const [name, part] of top.at("Router", "builtInRules")?.entries() ?? [])
    if (name === "claude-code") part.mapped("routes.default", "its model for the agent is the default route");
    else part.dropped("a rule for another client");
  readProfiles(top.at("profile", "profiles"), targetOf, behind, draft);
  if (draft.routes.default === undefined && first !== undefined) {
    draft.routes.default = { use: [first, ...behind] };
    top
      .at("Providers")
      ?.besides("routes.default", "no model is set for Claude Code: the first of the first provider");
  }
};

/** What stands behind a model where `mode` is `model-chain`. */
const chainOf = (fallback: Part | undefined, targetOf: TargetOf): string[] => {
  const isChain = fallback?.at("mode")?.text === "model-chain";
  fallback
    ?.at("mode")
    ?.changed(
      "routes",
      isChain
        ? "targets are tried in order, also after a failed connection"
        : "a call that fails for a moment is tried again (failures.tries)",
    );
  fallback?.at("retryCount")?.dropped("calls of one target are failures.tries of its provider");
  const models = fallback?.at("models");
  if (models?.items().length === 0) models.dropped("it is empty");
  return (models?.items() ?? []).flatMap((part) => {
    const target = part.text === undefined ? undefined : targetOf(part.text);
    if (part.text === undefined) part.dropped("it is empty");
    else if (target === undefined) part.dropped("it is no model of this configuration");
    else if (isChain) part.mapped("routes", "behind the target");
    else part.dropped("the mode is another");
    return isChain ? (target ?? []) : [];
  });
};

const operators: Readonly<Record<string, (value: string) => string>> = {
  "==": (value) => value,
  "starts-with": (value) => `${value}*`,
  contains: (value) => `*${value}*`,
};

/** `when` of our rule; undefined where a condition looks at something else than the model or a header, or otherwise. */
const whenOf = (condition: Part | undefined): Record<string, unknown> | undefined => {
  const [left, right] = [condition?.at("left")?.text, condition?.at("right")?.text];
  const pattern = rowOf(
    operators,
    condition?.at("operator")?.text ?? "",
  )?.(right?.replace(/^(["'])(.*)\1$/, "$2") ?? "");
  if (left === undefined || right === undefined || pattern === undefined) return undefined;
  if (left === "request.body.model") return { model: pattern };
  const header = /^request\.header\.(.+)$/.exec(left)?.[1]?.toLowerCase();
  const isSecret = header === undefined || /auth|key|cookie/.test(header);
  return isSecret ? undefined : { header: { [header]: pattern } };
};

const readRule = (rule: Part, targetOf: TargetOf, standard: readonly string[], draft: Draft): void => {
  if (rule.at("enabled")?.isFalse === true) return rule.dropped("it is switched off there");
  if (rule.at("type")?.text === "script")
    return rule.dropped("a script of its own form: see rulesScript (docs/rules.md)");
  const rewrites = rule.at("rewrites")?.items() ?? [rule.at("rewrite")].filter((part) => part !== undefined);
  const model = rewrites.find((part) => part.at("key")?.text === "request.body.model");
  const target = targetOf(model?.at("value")?.text ?? rule.at("target")?.text ?? "");
  const when = whenOf(rule.at("condition"));
  if (target === undefined) return rule.dropped("it sends nothing to a model of this configuration");
  if (when === undefined)
    return rule.dropped("it looks at something that rules here do not: see rulesScript");
  const own = rule.at("fallback");
  const behind = own === undefined ? standard : chainOf(own, targetOf);
  const name = draft.ruleName(rule.at("name")?.text ?? "rule");
  draft.rules.push({ name, when, use: [...new Set([target, ...behind])] });
  for (const part of [rule.at("condition"), ...rewrites]) {
    if (part === undefined) continue;
    if (part.at("key") !== undefined && part.path.at(-1) !== model?.path.at(-1))
      part.dropped("only the model is set; fields of a provider's requests are quirks.extraBody and headers");
    else part.mapped(`rules: ${name}`);
  }
  for (const [key, part] of rule.entries())
    if (!["condition", "rewrites", "rewrite", "fallback"].includes(key)) part.mapped(`rules: ${name}`);
};

/** Claude Code's models by its tiers, as the fields of an agent's configuration name them. */
const tiers: Readonly<Record<string, string>> = {
  opusModel: "opus",
  sonnetModel: "sonnet",
  haikuModel: "haiku",
  fableModel: "fable",
};

/** Each configuration of Claude Code is a profile; the first that holds everywhere serves requests without one. */
const readProfiles = (
  profiles: Part | undefined,
  targetOf: TargetOf,
  behind: readonly string[],
  draft: Draft,
): void => {
  for (const part of profiles?.items() ?? []) {
    const model = part.at("model");
    const target = targetOf(model?.text ?? "");
    if (part.at("agent")?.text !== "claude-code") {
      part.dropped("a configuration of another client");
      continue;
    }
    if (target === undefined) {
      part.dropped(
        model?.text === undefined ? "it names no model" : "its model is none of this configuration",
      );
      continue;
    }
    const models: Record<string, string> = {};
    for (const [field, tier] of Object.entries(tiers)) {
      const of = targetOf(part.at(field)?.text ?? "");
      if (of !== undefined) models[tier] = of;
    }
    const use = [...new Set([target, ...behind])];
    const profile: ProfileDraft = {
      description: `${part.at("name")?.text ?? "Claude Code"}, of claude-code-router`,
      models,
      routes: { default: use },
    };
    const name = draft.profile(part.at("name")?.text ?? "claude-code", profile);
    const isGlobal =
      part.at("enabled")?.isFalse !== true && !["ccr", "custom"].includes(part.at("scope")?.text ?? "");
    const serves = isGlobal && draft.routes.default === undefined;
    if (serves) {
      draft.routes.default = { use };
      draft.tierFirst = Object.keys(models).length > 0;
      for (const tier of ["opus", "sonnet", "haiku", "fable"] as const)
        if (models[tier] !== undefined) draft.routes[tier] = { use: [...new Set([models[tier], ...behind])] };
    }
    for (const [key, below] of part.entries())
      if (key === "model")
        below.mapped(serves ? `profiles.${name}, routes.default` : `profiles.${name}.routes.default`);
      else if (rowOf(tiers, key) !== undefined && below.text !== undefined)
        below.mapped(`profiles.${name}.models`);
      else if (key === "name" || key === "agent" || key === "enabled" || key === "scope")
        below.mapped(`profiles.${name}`);
      else below.dropped("a setting of the client itself, or of its application");
  }
};

/** Says of the sections of its application that they stay there; to be called when everything else is told. */
export const tellApplication = (top: Part): void => {
  for (const [name, part] of top.entries())
    if (!["Providers", "Router", "profile"].includes(name) && !part.isTold)
      part.dropped("a setting of its own application");
  for (const [name, part] of top.at("profile")?.entries() ?? [])
    if (name !== "profiles") part.dropped("an older form of the configurations in profiles");
  for (const provider of top.at("Providers")?.children() ?? [])
    for (const [name, part] of provider.entries())
      if (name === "credentials" && part.entries().length + part.items().length > 0)
        part.dropped("further keys: write them under `keys` of the provider");
      else if (name !== "transformer" && !part.isTold)
        part.dropped("what a model can do stands in config/models.yaml; the rest is of its application");
};
