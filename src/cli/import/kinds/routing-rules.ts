/**
 * The JSON form of routers with `providers` by name, `routing_rules` and `cost_limits`, as guides to Claude Code of 2026-02 describe it:
 * `providers.<name>.models` maps short names to ids, a rule has a `pattern` (a regular expression over the prompt), and `.*` is the rest.
 */
import { budgetPeriods } from "../../../shared/client-keys.ts";
import type { DialectName } from "../../../config/types.ts";
import type { Draft } from "../draft.ts";
import { filesWith, type Importer } from "../importer.ts";
import type { Part } from "../report.ts";
import { interpolated, keyNote, rowOf, withoutVariables } from "../texts.ts";

/** `type`, or the name where there is none. */
const types: Readonly<Record<string, { preset?: string; url?: string; dialect: DialectName }>> = {
  anthropic: { preset: "anthropic", dialect: "anthropic" },
  openai: { preset: "openai", dialect: "openai-chat" },
  openrouter: { preset: "openrouter", dialect: "openai-chat" },
  "z-ai": { preset: "zai", dialect: "anthropic" },
  zai: { preset: "zai", dialect: "anthropic" },
  gemini: { preset: "gemini", dialect: "gemini" },
  google: { preset: "gemini", dialect: "gemini" },
  deepseek: { preset: "deepseek", dialect: "anthropic" },
  ollama: { preset: "ollama", dialect: "openai-chat" },
};

export const routingRules: Importer = {
  kind: "routing-rules",
  title: "a router with routing_rules",
  where: "its JSON file",
  detect: (files) => filesWith(files, "routing_rules", (part) => part.tree.kind === "list"),
  read: (files, draft) => {
    for (const { part } of files) readConfig(part, draft);
  },
};

/** Targets by `provider/short`, and by the short name alone. */
type Models = Map<string, string>;

const readConfig = (top: Part, draft: Draft): void => {
  const models: Models = new Map();
  for (const [name, part] of top.at("providers")?.entries() ?? []) readProvider(name, part, models, draft);
  for (const part of top.at("routing_rules")?.children() ?? []) readRule(part, models, draft);
  const standard = top.at("default_model");
  const target = findTarget(standard?.text, models);
  if (target !== undefined && draft.routes.default === undefined) {
    draft.routes.default = { use: [target] };
    standard?.mapped("routes.default");
  } else if (target === undefined) standard?.dropped("none of the providers has a model of that name");
  else standard?.dropped("the rule that holds for everything goes before");
  draft.routes.default ??= { use: [...new Set(models.values())].slice(0, 1) };
  readLimits(top.at("cost_limits"), draft);
  top.at("caching")?.dropped("answers are not cached; prompt caches of providers are");
};

const readProvider = (name: string, part: Part, models: Models, draft: Draft): void => {
  const type = part.at("type");
  const known = rowOf(types, (type?.text ?? name).toLowerCase());
  const url = part.at("baseURL") ?? part.at("baseUrl") ?? part.at("base_url");
  const key = part.at("apiKey") ?? part.at("api_key");
  const address = url?.text === undefined ? undefined : interpolated(url.text);
  const isOllama = known?.preset === "ollama" && address !== undefined && !/\/v1\/?$/.test(address);
  const ours = draft.provider({
    name,
    ...(known?.preset !== undefined && { preset: known.preset }),
    baseUrl: isOllama ? `${address.replace(/\/+$/, "")}/v1` : address,
    dialect: known?.dialect,
    keys: key?.text === undefined ? [] : [{ value: key.text }],
  });
  type?.mapped(`providers.${ours}`);
  if (isOllama)
    url?.changed(`providers.${ours}.baseUrl`, "Ollama's endpoint in OpenAI's form lies below /v1");
  else url?.mapped(`providers.${ours}.baseUrl`);
  key?.mapped(`providers.${ours}.keys`, keyNote(key.text));
  for (const [short, model] of part.at("models")?.entries() ?? []) {
    if (model.text === undefined) continue;
    const target = `${ours},${model.text}`;
    models.set(`${name}/${short}`, target);
    if (!models.has(short)) models.set(short, target);
    draft.aliases[`${name}/${short}`] = target;
    draft.aliases[short] ??= target;
    model.mapped(`aliases."${name}/${short}"`);
  }
};

const findTarget = (name: string | undefined, models: Models): string | undefined => {
  if (name === undefined) return undefined;
  const [provider = "", ...rest] = name.split(/[/,]/);
  return (
    models.get(name) ??
    models.get(`${provider}/${rest.join("/")}`) ??
    [...models.values()].find((target) => target.endsWith(`,${name}`))
  );
};

const isExpression = (text: string): boolean => {
  try {
    return new RegExp(text, "i").source !== "";
  } catch {
    return false;
  }
};

const readRule = (part: Part, models: Models, draft: Draft): void => {
  const [name, pattern, provider, model, chain] = [
    "name",
    "pattern",
    "provider",
    "model",
    "fallback_chain",
  ].map((key) => part.at(key));
  const first = findTarget(`${provider?.text ?? ""}/${model?.text ?? ""}`, models);
  if (first === undefined) return part.dropped("it names a provider or model that is not listed");
  const behind = chain?.items().flatMap(({ text }) => findTarget(text, models) ?? []) ?? [];
  const use = [...new Set([first, ...behind])];
  // The flag of Python; here it is always set.
  const expression = (pattern?.text ?? "").replace(/^\(\?i\)/, "");
  const isRest = /^\^?(?:\.\*)?\$?$/.test(expression);
  if (!isExpression(expression)) return part.dropped("its pattern is no regular expression here");
  const at = isRest ? "routes.default" : "rules";
  if (isRest) draft.routes.default ??= { use };
  else
    draft.rules.push({
      name: draft.ruleName(name?.text ?? "rule"),
      when: {
        lastUser: `/${withoutVariables(expression.replaceAll(/\\?\//g, String.raw`\/`))}/i`,
      },
      use,
    });
  name?.mapped(isRest ? at : "rules[].name");
  if (isRest) pattern?.mapped(at);
  else
    pattern?.changed(
      "rules[].when.lastUser",
      "it is looked for in what the user said last, not in the whole request",
    );
  provider?.mapped(`${at}.use`);
  model?.mapped(`${at}.use`);
  if (behind.length < (chain?.items().length ?? 0))
    chain?.changed(`${at}.use`, "without those that no provider has");
  else chain?.mapped(`${at}.use`);
  part.at("cost_priority")?.dropped("a route may go by price: { use: […], choose: cheapest }");
};

const readLimits = (limits: Part | undefined, draft: Draft): void => {
  const warnings =
    limits
      ?.at("warnings")
      ?.items()
      .flatMap(({ number }) => (number === undefined ? [] : [number])) ?? [];
  const periods = { daily: "day", weekly: "week", monthly: "month" } as const;
  let isWarned = false;
  for (const [name, per] of Object.entries(periods)) {
    const part = limits?.at(name);
    if (part?.number === undefined || part.number <= 0 || !budgetPeriods.some((each) => each === per))
      continue;
    const limit = part.number;
    // In dollars there; they belong to the shortest period.
    const shares = isWarned
      ? []
      : warnings.filter((each) => each > 0 && each <= limit).map((each) => each / limit);
    isWarned = true;
    draft.budgets.push({ name: `all-${per}`, limit, per, ...(shares.length > 0 && { warnAt: shares }) });
    part.mapped("budgets[].limit");
  }
  if (isWarned)
    limits?.at("warnings")?.changed("budgets[].warnAt", "as shares of the first limit, not in dollars");
};
