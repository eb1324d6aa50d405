/**
 * LiteLLM, `config.yaml` of its proxy: docs.litellm.ai/docs/proxy/{configs,reliability,load_balancing} of 2026-10, version 1.102. A request goes by the
 * name of its model alone there: each name becomes a rule here, and what fails over stands behind it.
 */
import type { Draft } from "../draft.ts";
import type { KeyWish } from "../draft-types.ts";
import { bodyValue, headerValue } from "../secret-values.ts";
import type { Importer } from "../importer.ts";
import type { Part } from "../report.ts";
import { isPlaceholder, keyNote, rowOf } from "../texts.ts";
import { readEnvironment, readSettings } from "./litellm-settings.ts";
import { litellmModel } from "./litellm-providers.ts";

export const litellm: Importer = {
  kind: "litellm",
  title: "LiteLLM",
  where: "config.yaml (litellm --config)",
  detect: (files) =>
    files.filter(({ part }) => {
      const list = part.at("model_list");
      return list !== undefined && (list.tree.kind === "list" || part.at("litellm_settings") !== undefined);
    }),
  read: (files, draft) => {
    for (const { part } of files) readConfig(part, draft);
  },
};

const readConfig = (top: Part, draft: Draft): void => {
  const groups = new Map<string, string[]>();
  readEnvironment(top.at("environment_variables"), draft);
  for (const part of top.at("model_list")?.children() ?? []) {
    const params = part.at("litellm_params");
    if (params?.at("api_key")?.text !== undefined) continue;
    const { variable } = litellmModel(params?.at("model")?.text ?? "", undefined).provider;
    if (variable !== undefined) draft.reserve(variable);
  }
  const standsIn = groupForTheRest(top);
  for (const part of top.at("model_list")?.children() ?? []) readDeployment(part, groups, standsIn, draft);
  const settings = readSettings(top, (name) => targetsOf(name, groups).length > 0, draft);
  const first = [...groups.entries()].find(([name]) => !name.includes("*")) ?? [...groups.entries()][0];
  // Whole names before those with `*`; of these the longer first, as LiteLLM sorts them.
  const names = [...groups.keys()].toSorted(
    (a, b) =>
      Number(a.includes("*")) - Number(b.includes("*")) || (a.includes("*") ? b.length - a.length : 0),
  );
  const usesOf = (group: string): string[] => {
    const behind = [...(settings.fallbacks.get(group) ?? []), ...settings.otherwise];
    return [...new Set([group, ...behind].flatMap((name) => targetsOf(name, groups)))];
  };
  // As there: other names go before names of groups.
  for (const [alias, group] of settings.aliases) {
    const use = usesOf(group);
    if (use.length > 0) draft.modelRule(alias, [alias], use);
  }
  for (const name of names) draft.modelRule(name === "*" ? "any" : name, [name], usesOf(name));
  if (first === undefined) return;
  const standard = settings.otherwise.flatMap((name) => targetsOf(name, groups));
  draft.routes.default = { use: standard.length > 0 ? standard : [...first[1]] };
};

/** The group whose targets serve names that no group has; undefined where its file says what becomes of those. */
const groupForTheRest = (top: Part): string | undefined => {
  const names = (top.at("model_list")?.children() ?? []).flatMap((part) => part.at("model_name")?.text ?? []);
  const says =
    names.includes("*") ||
    [top.at("router_settings"), top.at("litellm_settings")].some(
      (part) => part?.at("default_fallbacks") !== undefined,
    );
  return says ? undefined : (names.find((name) => !name.includes("*")) ?? names[0]);
};

/** The targets of a group; of a name that only a pattern serves, that pattern's with the id in it. */
const targetsOf = (name: string, groups: ReadonlyMap<string, readonly string[]>): string[] => {
  const whole = groups.get(name);
  if (whole !== undefined) return [...whole];
  for (const [pattern, targets] of groups) {
    const [before, after] = pattern.split("*");
    if (before === undefined || after === undefined || !name.startsWith(before) || !name.endsWith(after))
      continue;
    const id = before.endsWith("/") ? name.slice(before.length) : name;
    return targets.map((target) => target.replace(/,\*$/, `,${id}`));
  }
  return [];
};

const droppedParams: Readonly<Record<string, string>> = {
  max_tokens: "the client says how much it wants; a largest output is models.<target>.maxOutput",
  temperature: "the client's own value counts",
  api_version: "a version in the address is Azure's",
  order: "the order of the list is the order here",
};

/** @param standsIn the group that serves here what nothing serves there */
const readDeployment = (
  part: Part,
  groups: Map<string, string[]>,
  standsIn: string | undefined,
  draft: Draft,
): void => {
  const group = part.at("model_name");
  const params = part.at("litellm_params");
  const model = params?.at("model");
  if (group?.text === undefined || model?.text === undefined) {
    part.dropped("it names no model");
    return;
  }
  const found = litellmModel(model.text, params?.at("custom_llm_provider")?.text);
  const base = params?.at("api_base") ?? params?.at("base_url");
  if (
    found.provider.none !== undefined &&
    (base?.text === undefined || found.provider.none.includes("leave this model"))
  ) {
    part.dropped(found.provider.none);
    return;
  }
  const key = params?.at("api_key");
  const variable = found.provider.variable;
  // Without a key of its own LiteLLM takes the variable of the provider's kind.
  const value =
    key?.text ?? (variable === undefined || base?.text !== undefined ? undefined : `\${${variable}}`);
  const needsNone = value === undefined || (base?.text !== undefined && isPlaceholder(value));
  const provider = draft.provider({
    name: found.prefix === "" ? "provider" : found.prefix,
    ...(found.provider.preset !== undefined && { preset: found.provider.preset }),
    baseUrl: baseOf(base?.text ?? found.provider.baseUrl, found.prefix),
    dialect: found.provider.dialect ?? "openai-chat",
    keys: needsNone ? [] : [{ value, ...limitsOf(params) }],
    ...moreOf(part, draft, found.prefix),
  });
  const kept = keepsName(group.text, found.model);
  const target = `${provider},${found.model.includes("*") ? "*" : found.model}`;
  const before = groups.get(group.text);
  if (!kept) group.dropped(`what stands before the * would go on with the name: ask for ${provider},MODEL`);
  else if (before !== undefined)
    group.changed("rules", "it stands behind the one before it; there they take turns");
  else if (group.text === standsIn)
    group.changed("rules, routes.default", "also for names that nothing serves, which are errors there");
  else group.mapped("rules", "requests for this name");
  if (kept) groups.set(group.text, [...(before ?? []), target]);
  model.mapped(`rules[].use: ${target}`);
  key?.mapped(`providers.${provider}.keys`, keyNote(key.text));
  base?.mapped(`providers.${provider}.baseUrl`);
  params?.at("custom_llm_provider")?.mapped(`providers.${provider}`);
  for (const [name, param] of params?.entries() ?? []) {
    const why = rowOf(droppedParams, name);
    if (why !== undefined) param.dropped(why);
    else if (!readParams.has(name))
      param.dropped("no setting of a single model here; see quirks.extraBody of the provider");
  }
  for (const name of ["rpm", "tpm"] as const)
    for (const limit of [params?.at(name), part.at(name)])
      limit?.mapped(
        `providers.${provider}.keys[].${name === "rpm" ? "requestsPerMinute" : "tokensPerMinute"}`,
      );
  readInfo(part.at("model_info"), target, draft);
};

const readParams = new Set([
  "model",
  "api_key",
  "api_base",
  "base_url",
  "custom_llm_provider",
  "rpm",
  "tpm",
  "timeout",
  "stream_timeout",
  "extra_headers",
  "extra_body",
  "weight",
  "max_parallel_requests",
]);

/** Whether a wildcard's model keeps the name that was asked for: `*` of `openai/*`, not `anthropic/*`. */
const keepsName = (group: string, model: string): boolean =>
  !group.includes("*") || !model.includes("*") || !group.includes("/");

const baseOf = (url: string | undefined, prefix: string): string | undefined => {
  if (url === undefined) return undefined;
  const reference = /^os\.environ\/(\w+)$/.exec(url)?.[1];
  if (reference !== undefined) return `\${${reference}}`;
  // LiteLLM adds /v1 for Ollama by another way of asking; its form of OpenAI lies below it.
  return prefix.startsWith("ollama") && !/\/v1\/?$/.test(url) ? `${url.replace(/\/+$/, "")}/v1` : url;
};

const limitsOf = (params: Part | undefined): Pick<KeyWish, "terms"> => {
  const terms: Record<string, unknown> = {};
  const whole = (name: string): number | undefined => params?.at(name)?.number;
  for (const [name, ours] of [
    ["rpm", "requestsPerMinute"],
    ["tpm", "tokensPerMinute"],
    ["max_parallel_requests", "concurrent"],
    ["weight", "weight"],
  ] as const) {
    const value = whole(name);
    if (value !== undefined && value >= 1) terms[ours] = Math.round(value);
  }
  return Object.keys(terms).length > 0 ? { terms } : {};
};

const moreOf = (part: Part, draft: Draft, prefix: string): { more?: Record<string, unknown> } => {
  const params = part.at("litellm_params");
  const more: Record<string, unknown> = {};
  const timeout = params?.at("timeout") ?? params?.at("stream_timeout");
  if (timeout?.number !== undefined && timeout.number > 0) {
    more["timeouts"] = { firstByte: `${Math.ceil(timeout.number)}s` };
    timeout.changed(
      "providers.*.timeouts.firstByte",
      "until the answer begins; a stream that flows is not cut",
    );
  }
  const headers = params?.at("extra_headers");
  if (headers !== undefined && headers.entries().length > 0) {
    more["headers"] = Object.fromEntries(
      headers.entries().map(([name, { text }]) => [name, headerValue(draft, prefix, name, text ?? "")]),
    );
    headers.mapped("providers.*.headers");
  }
  const body = params?.at("extra_body");
  if (body !== undefined) {
    more["quirks"] = { extraBody: bodyValue(draft, prefix, "body", plain(body)) };
    body.mapped("providers.*.quirks.extraBody");
  }
  for (const [name, ours] of [
    ["weight", "weight"],
    ["max_parallel_requests", "concurrent"],
  ] as const)
    params?.at(name)?.mapped(`providers.*.keys[].${ours}`);
  return Object.keys(more).length > 0 ? { more } : {};
};

const plain = (part: Part): unknown => {
  if (part.tree.kind === "map")
    return Object.fromEntries(part.entries().map(([name, below]) => [name, plain(below)]));
  if (part.tree.kind === "list") return part.children().map(plain);
  return part.tree.value;
};

const readInfo = (info: Part | undefined, target: string, draft: Draft): void => {
  const figures: Record<string, unknown> = {};
  const take = (name: string, ours: string): void => {
    const part = info?.at(name);
    if (part?.number === undefined || part.number < 1) return;
    figures[ours] = part.number;
    part.mapped(`models."${target}".${ours}`);
  };
  take("max_input_tokens", "context");
  take("max_output_tokens", "maxOutput");
  const [input, output] = [info?.at("input_cost_per_token"), info?.at("output_cost_per_token")];
  const perMillion = (part: Part | undefined): number | undefined => {
    const cost = Number(part?.text ?? Number.NaN);
    return Number.isFinite(cost) && cost >= 0 ? Math.round(cost * 1e12) / 1e6 : undefined;
  };
  const price = { input: perMillion(input), output: perMillion(output) };
  if (price.input !== undefined && price.output !== undefined) {
    figures["price"] = price;
    for (const part of [input, output]) part?.mapped(`models."${target}".price`, "per million tokens");
  }
  if (Object.keys(figures).length > 0 && !target.endsWith(",*")) draft.models[target] = figures;
  for (const [name, part] of info?.entries() ?? [])
    if (name === "id" || name === "mode" || name.startsWith("supports_"))
      part.dropped("what a model can do stands in config/models.yaml");
};
