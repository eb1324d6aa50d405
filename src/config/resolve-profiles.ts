/** Profiles of a checked configuration: the routes that each is served with, and what its client is told. */
import { clientSwitches, type ClientSwitchName, windowVariables } from "./client-switches.ts";
import { type Path, showPath } from "./problems.ts";
import { whyDisabled } from "./resolve-keys.ts";
import { resolveRoute, resolveRoutesAt, type RouteSurroundings, type Routes } from "./resolve-routes.ts";
import type { RawConfig } from "./schema.ts";
import type { RawProfile } from "./schema-profiles.ts";
import { keyPositionAt, type MapTree, treeAt } from "./tree.ts";
import { type ProfileModel, profileModels } from "./types-profiles.ts";
import {
  type ProfileConfig,
  type ProviderConfig,
  type Route,
  type RouteName,
  routeNames,
  type Target,
} from "./types.ts";
import { quoted } from "./validate.ts";

export interface ProfileSurroundings extends RouteSurroundings {
  readonly base: Routes;
  readonly tierFirst: boolean;
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly presets: MapTree;
}

/** Names that `switchyard use` takes for "no profile". */
export const noProfileNames: readonly string[] = ["default", "none"];

const namePattern = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** What a request may need that a model may not be able to do: these routes are taken over from the configuration even by a profile that stands for itself. */
const abilities: ReadonlySet<RouteName> = new Set<RouteName>(["webSearch", "image"]);

/** In which order the models of a profile stand in for `default`. */
const standIns: readonly ProfileModel[] = ["sonnet", "opus", "fable", "haiku"];

/** The profiles, by name. What is wrong is told. */
export const resolveProfiles = (
  raw: RawConfig["profiles"],
  around: ProfileSurroundings,
): Map<string, ProfileConfig> => {
  const { problems, tree } = around;
  // A preset that is no provider yet is known all the same: what it lacks is its key.
  const providers = new Map([
    ...[...around.presets.entries.keys()].map((name) => [name.toLowerCase(), name] as const),
    ...around.names.providers,
  ]);
  const within = { ...around, names: { ...around.names, providers } };
  const out = new Map<string, ProfileConfig>();
  const node = treeAt(tree, ["profiles"]);
  // The tree's names: `__proto__` is none of the object's.
  for (const name of node?.kind === "map" ? node.entries.keys() : []) {
    const path = ["profiles", name];
    if (!namePattern.test(name) || noProfileNames.includes(name.toLowerCase()))
      problems.add(
        keyPositionAt(tree, path),
        ["profiles"],
        `found the name ${quoted(name)}, expected letters, digits, \`.\`, \`-\` and \`_\`, and not ${noProfileNames.join(" or ")}, which mean no profile.`,
      );
    const profile = raw !== undefined && Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (profile !== undefined) out.set(name, resolveProfile(name, profile, path, within));
  }
  return out;
};

const resolveProfile = (
  name: string,
  raw: RawProfile,
  path: Path,
  around: ProfileSurroundings,
): ProfileConfig => {
  const { tree } = around;
  const named = resolveModels(raw.models, [...path, "models"], around);
  const own = resolveRoutesAt(raw.routes, [...path, "routes"], around);
  for (const model of profileModels)
    if (named[model] !== undefined && own[model] !== undefined)
      around.problems.add(
        keyPositionAt(tree, [...path, "routes", model]),
        [...path, "routes", model],
        `is set as ${showPath([...path, "models", model])}, too; write it in one of the two.`,
      );
  const set: Routes = { ...own, ...named };
  const { contextWindow, maxOutputTokens, effort } = raw;
  const client = Object.entries(raw.client ?? {}).flatMap(([key, on]) =>
    on ? [key as ClientSwitchName] : [],
  );
  const node = treeAt(tree, path);
  return {
    name,
    description: raw.description ?? "",
    models: Object.fromEntries(Object.entries(named).map(([model, { use }]) => [model, use])),
    routes: wholeRoutes(set, path, around),
    tierFirst: raw.routes?.tierFirst ?? (Object.keys(named).length > 0 || around.tierFirst),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(effort !== undefined && { effort }),
    client,
    clientEnv: {
      ...windowVariables(contextWindow),
      ...(maxOutputTokens !== undefined && { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutputTokens) }),
      ...(effort !== undefined && { CLAUDE_CODE_EFFORT_LEVEL: effort }),
      ...Object.assign({}, ...client.map((key) => clientSwitches[key].env)),
    },
    disabled: whyNoneAnswers(set, around),
    file: node?.at.file ?? "",
  };
};

type Models = Partial<Record<ProfileModel, Route>>;

const resolveModels = (raw: RawProfile["models"], path: Path, around: RouteSurroundings): Models => {
  const out: Models = {};
  for (const model of profileModels) {
    const route = raw?.[model];
    if (route !== undefined) out[model] = resolveRoute(route, model, [...path, model], around);
  }
  return out;
};

const allTargets = (routes: Routes): readonly Target[] => Object.values(routes).flatMap(({ use }) => use);

/** Why a target cannot be asked, or undefined. */
const whyNot = ({ provider }: Target, { providers, presets }: ProfileSurroundings): string | undefined => {
  const configured = providers.get(provider);
  if (configured !== undefined) return configured.disabled;
  const preset = presets.entries.get(provider)?.value;
  return whyDisabled(preset && treeAt(preset, ["keys"]));
};

/** Why none of the targets that a profile names can be asked; undefined where one can, or where it names none. */
const whyNoneAnswers = (set: Routes, around: ProfileSurroundings): string | undefined => {
  const reasons = allTargets(set).map((target) => whyNot(target, around));
  if (reasons.length === 0 || reasons.includes(undefined)) return undefined;
  return [...new Set(reasons)].join("; ");
};

/**
 * What a profile sets, and what it takes over. One that says where sonnet's or all other requests go stands for itself: sizes, kinds and tiers that the
 * configuration sends elsewhere were meant for the configuration's own models. What a model may not be able to do is taken over, where somebody other
 * than `demo` answers there.
 */
const wholeRoutes = (set: Routes, path: Path, around: ProfileSurroundings): ProfileConfig["routes"] => {
  const { base, tree, providers } = around;
  const isWhole = set.default !== undefined || set.sonnet !== undefined;
  const out: Routes = {};
  for (const name of routeNames) {
    const own = set[name] && configured(set[name], around);
    if (own !== undefined) out[name] = own;
    const node = treeAt(tree, [...path, "routes", name]);
    const isTakenAway = node?.kind === "scalar" && node.value === null;
    const below = base[name];
    if (set[name] !== undefined || below === undefined || isTakenAway) continue;
    const answers = below.use.some((target) => {
      const provider = providers.get(target.provider);
      return provider !== undefined && provider.disabled === undefined && provider.dialect !== "demo";
    });
    if (!isWhole || (abilities.has(name) && answers)) out[name] = below;
  }
  const standIn = standIns.find((model) => out[model] !== undefined);
  const ownDefault = isWhole && standIn !== undefined ? out[standIn] : undefined;
  return { ...out, default: out.default ?? ownDefault ?? base.default ?? { use: [], choose: "order" } };
};

/** A route without targets whose provider is a preset without a key; undefined where nothing is left. */
const configured = (route: Route, { providers }: ProfileSurroundings): Route | undefined => {
  const use = route.use.filter(({ provider }) => providers.has(provider));
  return use.length === 0 ? undefined : { ...route, use };
};
