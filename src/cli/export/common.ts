/** What is lost in every export, and what a configuration sets at all. */
import { type Tree, treeAt } from "../../config/tree.ts";
import { type ConfigSource, withPresets } from "../../config/source.ts";
import { resolveVariables } from "../../config/variables.ts";
import { type Config, type Target, targetName } from "../../config/types.ts";
import type { Note } from "./exporter.ts";

/** Sections without a counterpart anywhere, with the reason. */
const sections: Readonly<Record<string, string>> = {
  ledger: "the other tool counts in its own way",
  capture: "the other tool logs in its own way",
  search: "web search for models without one is the router's",
  telemetry: "the other tool reports in its own way",
  stack: "how Switchyard itself runs",
  admin: "access to Switchyard's dashboard",
  rulesScript: "a script of Switchyard's rules",
  rulesScriptTimeout: "a script of Switchyard's rules",
  budgets: "budgets are counted by Switchyard's ledger",
  models: "figures of models are Switchyard's own",
};

/** Whether the user's own files say something of a path; config/default.yaml does not count. */
export const isOwn = (source: ConfigSource, path: readonly string[]): boolean => {
  const node = treeAt(source.tree, path);
  return node !== undefined && node.at.file !== treeAt(source.defaults, path)?.at.file;
};

/** The notes on sections that no tool has. @param kept sections that this one has */
export const lostSections = (source: ConfigSource, kept: readonly string[]): Note[] =>
  Object.entries(sections).flatMap(([key, why]) =>
    !kept.includes(key) && isOwn(source, [key]) ? [{ key, outcome: "dropped", to: "", why } as const] : [],
  );

/** The variables that keys are taken from: of providers, and of clients. */
export const keyVariables = (source: ConfigSource): string[] => {
  const providers = treeAt(withPresets(source.tree, source.presets), ["providers"]);
  const lists = [
    treeAt(source.tree, ["server", "clientKeys"]),
    ...(providers?.kind === "map"
      ? [...providers.entries.values()].map(({ value }) => treeAt(value, ["keys"]))
      : []),
  ];
  return lists.flatMap((list) => (list?.kind === "list" ? list.items.flatMap(variablesIn) : []));
};

/** Of a key, or of a map with `key`. */
const variablesIn = (item: Tree): string[] => {
  const key = item.kind === "map" ? treeAt(item, ["key"]) : item;
  if (key?.kind !== "scalar" || typeof key.value !== "string") return [];
  return resolveVariables(key.value, () => undefined).references.map(({ name }) => name);
};

/** What keys and providers say that no other tool has. */
export const lostOfProviders = (config: Config, source: ConfigSource, used: ReadonlySet<string>): Note[] =>
  [...config.providers.values()].flatMap((provider): Note[] => {
    if (!used.has(provider.name)) return [];
    const at = `providers.${provider.name}`;
    const timed = provider.keys.some(
      ({ schedule, startsAt, activate }) =>
        schedule.hours.length > 0 || startsAt !== undefined || activate.length > 0,
    );
    const dropped = (key: string, why: string): Note => ({
      key: `${at}.${key}`,
      outcome: "dropped",
      to: "",
      why,
    });
    return [
      ...(timed ? [dropped("keys[].hours", "keys are in use at all times there")] : []),
      ...(provider.keys.some(({ priority }) => priority !== 0)
        ? [dropped("keys[].priority", "keys have no order there")]
        : []),
      ...(isOwn(source, ["providers", provider.name, "quirks"])
        ? [dropped("quirks", "what is odd about a provider is the other tool's own knowledge")]
        : []),
    ];
  });

/** Every target that routes, rules and aliases name, each once. */
export const namedTargets = (config: Config): Target[] => {
  const all = [
    ...Object.values(config.routes).flatMap(({ use }) => use),
    ...(config.custom?.rules ?? []).flatMap(({ use }) => use),
    ...config.aliases.values(),
  ];
  return [...new Map(all.map((target) => [targetName(target), target])).values()];
};

/** Profiles of the user's own: those of config/profiles/ are samples. */
export const lostProfiles = (config: Config, why: string): Note[] =>
  [...config.profiles.values()].flatMap(({ name, file }) =>
    file.startsWith("config/profiles/")
      ? []
      : [{ key: `profiles.${name}`, outcome: "dropped", to: "", why } as const],
  );
