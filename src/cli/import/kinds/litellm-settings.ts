/** The settings of LiteLLM beside its models: `router_settings`, `litellm_settings`, `general_settings`, `environment_variables`. */
import type { Draft } from "../draft.ts";
import type { Part } from "../report.ts";
import { keyNote, rowOf, variableIn } from "../texts.ts";

export interface LiteLlmSettings {
  /** Names of groups behind a group. */
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
  /** `default_fallbacks`: behind every group. */
  readonly otherwise: readonly string[];
  readonly aliases: ReadonlyMap<string, string>;
}

const strategies: Readonly<Record<string, string>> = {
  "simple-shuffle": "weighted",
  "least-busy": "least-busy",
  "usage-based-routing": "least-used",
  "usage-based-routing-v2": "least-used",
};

const droppedSettings: Readonly<Record<string, string>> = {
  drop_params: "what a provider does not know is left out by its quirks",
  modify_params: "requests are put into each provider's form",
  set_verbose: "log.level debug, for a while",
  success_callback: "see docs/observability.md: metrics, OpenTelemetry, the ledger",
  failure_callback: "see docs/observability.md: metrics, OpenTelemetry, the ledger",
  callbacks: "see docs/observability.md, and rulesScript for routing of one's own",
  cache: "answers are not cached; prompt caches of providers are",
  cache_params: "answers are not cached; prompt caches of providers are",
  redis_host: "there is one router, and its state lies in its own folder",
  redis_port: "there is one router, and its state lies in its own folder",
  redis_password: "there is one router, and its state lies in its own folder",
  database_url: "the ledger is a file of the state folder",
  store_model_in_db: "the configuration is a file",
  enable_pre_call_checks: "a request that is too long for a model goes to one with a larger window",
  telemetry: "nothing is sent unless a collector is named",
  json_logs: "the log is JSON",
  ui_username: "the dashboard opens with the token of `switchyard admin token`",
  ui_password: "the dashboard opens with the token of `switchyard admin token`",
  max_budget: "write it as a budget: budgets[].limit",
  budget_duration: "write it as a budget: budgets[].per",
};

type IsServed = (name: string) => boolean;

const notServed = "no model of that name was taken over";

/** Names of groups; those that nothing serves are told. */
const groupsIn = (part: Part | undefined, isServed: IsServed): string[] =>
  (part?.items() ?? []).flatMap((item) => {
    if (item.text !== undefined && isServed(item.text)) return item.text;
    if (item.text !== undefined) item.dropped(notServed);
    return [];
  });

/** A list of maps, each of a group and the groups behind it. */
const listOf = (part: Part | undefined, isServed: IsServed): Map<string, string[]> => {
  const out = new Map<string, string[]>();
  for (const item of part?.items() ?? [])
    for (const [name, list] of item.entries()) out.set(name, groupsIn(list, isServed));
  return out;
};

/** `environment_variables`, which LiteLLM puts into its own environment. */
export const readEnvironment = (part: Part | undefined, draft: Draft): void => {
  for (const [name, below] of part?.entries() ?? [])
    if (below.text === undefined || !/(?:KEY|TOKEN|SECRET)$/.test(name))
      below.dropped("a variable of LiteLLM's process");
    else if (variableIn(below.text) === undefined)
      below.mapped(draft.variable(name, below.text), keyNote(below.text));
    else below.mapped(name, keyNote(below.text));
};

/** @param isServed whether a group has targets here */
export const readSettings = (top: Part, isServed: IsServed, draft: Draft): LiteLlmSettings => {
  const [router, lite, general] = ["router_settings", "litellm_settings", "general_settings"].map((name) =>
    top.at(name),
  );
  const both = [router, lite].filter((part) => part !== undefined);
  const fallbacks = new Map<string, string[]>();
  const otherwise: string[] = [];
  for (const part of both) {
    for (const [group, behind] of listOf(part.at("fallbacks"), isServed)) fallbacks.set(group, behind);
    part.at("fallbacks")?.mapped("rules[].use", "behind the targets of that name");
    otherwise.push(...groupsIn(part.at("default_fallbacks"), isServed));
    part.at("default_fallbacks")?.mapped("rules[].use, routes.default");
    const windows = part.at("context_window_fallbacks");
    for (const [group, behind] of listOf(windows, isServed))
      fallbacks.set(group, [...(fallbacks.get(group) ?? []), ...behind]);
    windows?.changed(
      "rules[].use",
      "one list for all failures: what is too long skips to the next target with a larger window",
    );
    part.at("content_policy_fallbacks")?.dropped("a refusal is an answer, and goes to the client");
  }
  const aliases = new Map<string, string>();
  for (const [name, part] of router?.at("model_group_alias")?.entries() ?? []) {
    const group = part.text ?? part.at("model")?.text;
    if (group === undefined || !isServed(group)) part.dropped(notServed);
    else {
      aliases.set(name, group);
      part.mapped("rules", "requests for this name");
    }
  }
  for (const part of both) readTuning(part, draft);
  readGeneral(general, draft);
  for (const part of [router, lite, general]) {
    for (const [name, below] of part?.entries() ?? []) {
      const why = rowOf(droppedSettings, name);
      if (why !== undefined) below.dropped(why);
    }
  }
  return { fallbacks, otherwise, aliases };
};

const readTuning = (part: Part, draft: Draft): void => {
  const retries = part.at("num_retries");
  const allowed = part.at("allowed_fails");
  const cooldown = part.at("cooldown_time");
  const failures: Record<string, unknown> = {};
  if (retries?.number !== undefined) {
    failures["tries"] = Math.min(20, Math.max(1, retries.number + 1));
    retries.mapped("providers.*.failures.tries", "calls, the first one counted");
  }
  if (allowed?.number !== undefined) {
    failures["breakAfter"] = Math.max(1, allowed.number + 1);
    allowed.changed("providers.*.failures.breakAfter", "failures in a row, not in a minute");
  }
  if (cooldown?.number !== undefined && cooldown.number > 0) {
    failures["rest"] = {
      first: `${Math.ceil(cooldown.number)}s`,
      longest: `${Math.max(600, Math.ceil(cooldown.number))}s`,
    };
    cooldown.changed(
      "providers.*.failures.rest.first",
      "it grows with every further failure, up to `longest`",
    );
  }
  if (Object.keys(failures).length > 0) draft.forEveryProvider("failures", failures);
  const timeout = part.at("request_timeout") ?? part.at("timeout");
  if (timeout?.number !== undefined && timeout.number > 0) {
    draft.forEveryProvider("timeouts", { firstByte: `${Math.ceil(timeout.number)}s` });
    timeout.changed(
      "providers.*.timeouts.firstByte",
      "until the answer begins; a stream that flows is not cut",
    );
  }
  const strategy = part.at("routing_strategy");
  const ours = rowOf(strategies, strategy?.text ?? "");
  if (ours !== undefined) {
    draft.forEveryProvider("keyStrategy", ours);
    strategy?.changed(
      "providers.*.keyStrategy",
      `${ours} among the keys of one provider; different providers of a list go by its order`,
    );
  } else if (strategy?.text === "latency-based-routing" || strategy?.text === "cost-based-routing")
    strategy.dropped(
      "a rule goes by its list's order; of a route: { use: […], choose: fastest } or cheapest",
    );
};

const readGeneral = (general: Part | undefined, draft: Draft): void => {
  const master = general?.at("master_key");
  const key = master?.text === undefined ? undefined : draft.clientKey(master.text);
  if (key !== undefined) {
    draft.sections["server"] = { clientKeys: [key] };
    master?.changed(
      "server.clientKeys",
      "it lets clients in; the dashboard has a token of its own (switchyard admin token)",
    );
  }
};
