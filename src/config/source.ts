/** Reads the files of the configuration. The only place of this folder, with secrets.ts, that touches the disk. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { checkoutRoot, type Environment, keysFile } from "../shared/paths.ts";
import { readText } from "../shared/text-file.ts";
import { withImplicitProviders } from "./implicit-providers.ts";
import { findPriceList, type PriceList, priceListFile } from "./price-list.ts";
import { Problems } from "./problems.ts";
import { profileFilesIn, profileFolders, profilesTree } from "./profile-files.ts";
import { readDotEnv, readKeysFile } from "./secrets.ts";
import { parseTree } from "./parse.ts";
import { readTierVariables } from "./tier-variables.ts";
import { readRulesScript, type ScriptSource } from "./rules-script.ts";
import { parseTracked } from "./tree-cache.ts";
import { type MapTree, mergeTrees, type Tree } from "./tree.ts";

export interface LoadOptions {
  /** The user's file. Default: config/switchyard.yaml of the checkout, where there is one. */
  readonly file?: string;
  /** Instead of what stands in the user's file: an edit that is to be judged before it is saved. */
  readonly fileText?: string;
  readonly env: Environment;
  /** The checkout, with config/default.yaml, providers.yaml and models.yaml. Default: where this program runs from. */
  readonly root?: string;
  /** False: `env` alone is asked, neither keys.env nor a `.env` (the router in the container, tests). Default true. */
  readonly keyFiles?: boolean;
  /** Instead of server.host and server.port (`--host`, `--port`). */
  readonly host?: string;
  readonly port?: number;
}

/** Everything that was read, before variables are resolved. */
export interface ConfigSource {
  /** config/default.yaml, the files of profiles under `profiles`, and the user's file over it. */
  readonly tree: MapTree;
  readonly defaults: MapTree;
  /** config/providers.yaml and config/models.yaml. */
  readonly presets: MapTree;
  readonly models: MapTree;
  /** The user's own price list, where there is one. */
  readonly prices: PriceList | undefined;
  /** The value of a variable: the environment, then keys.env, then the checkout's `.env`. */
  readonly lookup: (name: string) => string | undefined;
  /** The script of custom rules, or why there is none though one was named. */
  readonly script: ScriptSource | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly problems: Problems;
  readonly notices: readonly string[];
  readonly files: readonly string[];
}

/**
 * @throws SwitchyardError config.unreadable; config.invalid where a file is not YAML; secrets.insecure, secrets.invalid
 */
export const readConfigSource = (options: LoadOptions): ConfigSource => {
  const root = options.root ?? checkoutRoot();
  const problems = new Problems();
  const files: string[] = [];
  const shown = (file: string): string => {
    const inside = relative(root, file);
    return inside.startsWith("..") ? file : inside;
  };
  const read = (file: string): { text: string; file: string } => {
    try {
      const text = readText(file);
      files.push(file);
      return { text, file: shown(file) };
    } catch (error) {
      throw new SwitchyardError("config.unreadable", {
        detail: `${file} (${systemCodeOf(error) ?? "unknown"})`,
        cause: error,
      });
    }
  };

  const readOwn = (file: string | undefined): { text: string; file: string } | undefined => {
    if (file === undefined) return undefined;
    if (options.fileText === undefined) return read(file);
    files.push(file);
    return { text: options.fileText, file: shown(file) };
  };
  const folder = join(root, "config");
  const usual = join(folder, "switchyard.yaml");
  const file = options.file === undefined ? (existsSync(usual) ? usual : undefined) : resolve(options.file);
  const notices: string[] = [];
  const [sampleProfiles = [], ownProfiles = []] = profileFolders(root, file).map((each) => {
    const found = listProfiles(each);
    notices.push(...found.notices);
    return found.files;
  });
  const named = ["default.yaml", "providers.yaml", "models.yaml"].map((name) => join(folder, name));
  const shipped = [...named, ...sampleProfiles].map((name) => read(name));
  const [defaults, presets, models, ...samples] = parseTracked(shipped, root, problems) as [
    MapTree,
    MapTree,
    MapTree,
    ...MapTree[],
  ];
  const profiles = ownProfiles.map((name) => {
    const { text, file: shownName } = read(name);
    return parseTree(text, shownName, problems);
  });
  const own = readOwn(file ?? (options.fileText === undefined ? undefined : usual));
  const user = own && parseTree(own.text, own.file, problems);
  // Of a broken file only a part was read: to judge that part would add errors that are none.
  problems.throwIfAny();

  const layers: ReadonlyMap<string, string>[] = [];
  if (options.keyFiles !== false) {
    layers.push(readKeysFile(keysFile(options.env)));
    const dotEnv = readDotEnv(join(root, ".env"));
    if (dotEnv && dotEnv.size > 0) {
      layers.push(dotEnv);
      files.push(join(root, ".env"));
      notices.push(
        `Keys are read from ${join(root, ".env")}: a checkout is no safe place for them. Move each: switchyard secrets set NAME`,
      );
    }
  }
  const prices = readPrices(options.env, files, notices);
  const lookup = (name: string): string | undefined =>
    options.env[name] ?? layers.find((layer) => layer.has(name))?.get(name);
  const tiers = readTierVariables(presets, lookup);
  notices.push(...tiers.notices);
  const tracked = mergeTrees(mergeTrees(defaults, profilesTree(samples)), profilesTree(profiles)) as MapTree;
  const base = tiers.tree === undefined ? tracked : mergeConfig(tracked, tiers.tree);
  const merged = user === undefined ? base : mergeConfig(base, user);
  const tree = withImplicitProviders(merged, presets, lookup);
  const script = readRulesScript(tree, lookup, root, options.env["HOME"]);
  if (script?.kind === "script" && script.file !== undefined) files.push(script.file);
  return {
    tree,
    defaults,
    presets,
    models,
    prices,
    lookup,
    script,
    host: options.host,
    port: options.port,
    problems,
    notices,
    files,
  };
};

/** @throws SwitchyardError config.unreadable */
const listProfiles = (folder: string): ReturnType<typeof profileFilesIn> => {
  try {
    return profileFilesIn(folder);
  } catch (error) {
    throw new SwitchyardError("config.unreadable", {
      detail: `${folder} (${systemCodeOf(error) ?? "unknown"})`,
      cause: error,
    });
  }
};

/** Figures alone: a list that cannot be read keeps nothing from starting. */
const readPrices = (env: Environment, files: string[], notices: string[]): PriceList | undefined => {
  // An environment without a home is one that was made up.
  if (env["HOME"] === undefined && env["XDG_CONFIG_HOME"] === undefined) return undefined;
  const file = priceListFile(env);
  const again = "Read one again: switchyard models update FILE";
  try {
    const found = findPriceList(file);
    if (found.kind !== "none") files.push(file);
    if (found.kind === "damaged")
      notices.push(`The price list ${file} is damaged and was left out. ${again}`);
    return found.kind === "list" ? found.list : undefined;
  } catch (error) {
    notices.push(
      `The price list ${file} cannot be read (${systemCodeOf(error) ?? "unknown"}) and was left out. ${again}`,
    );
    return undefined;
  }
};

/** The user's file over the default: key by key, lists replaced, and a route as one thing where its forms differ. */
const mergeConfig = (base: MapTree, over: MapTree): MapTree => {
  const merged = mergeTrees(base, over) as MapTree;
  const routes = merged.entries.get("routes");
  const baseRoutes = base.entries.get("routes")?.value;
  const overRoutes = over.entries.get("routes")?.value;
  if (routes?.value.kind !== "map" || baseRoutes?.kind !== "map" || overRoutes?.kind !== "map") return merged;
  const entries: MapTree["entries"] = new Map(routes.value.entries);
  for (const [name, entry] of overRoutes.entries) {
    const below = baseRoutes.entries.get(name)?.value;
    // `think:` with nothing behind it takes the route away, whatever form it had.
    if (entry.value.kind === "scalar" && entry.value.value === null) entries.set(name, entry);
    // `longContext: { threshold: 30000 }` keeps the targets that were there.
    else if (below && below.kind !== "map" && entry.value.kind === "map" && !entry.value.entries.has("use")) {
      const use = { keyAt: below.at, value: below };
      entries.set(name, {
        ...entry,
        value: { ...entry.value, entries: new Map([...entry.value.entries, ["use", use]]) },
      });
    }
  }
  const value: MapTree = { ...routes.value, entries };
  return { ...merged, entries: new Map(merged.entries).set("routes", { ...routes, value }) };
};

/** Every provider with its preset under it: what the user wrote wins, field by field. */
export const withPresets = (tree: MapTree, presets: MapTree): MapTree => {
  const providers = tree.entries.get("providers");
  if (providers?.value.kind !== "map") return tree;
  const entries: MapTree["entries"] = new Map();
  for (const [name, entry] of providers.value.entries) {
    const preset = presets.entries.get(presetOf(entry.value) ?? "")?.value;
    const value = preset?.kind === "map" ? mergeTrees(preset, entry.value) : entry.value;
    entries.set(name, { ...entry, value: withoutForeignKeys(value, entry.value) });
  }
  const value: MapTree = { ...providers.value, entries };
  return { ...tree, entries: new Map(tree.entries).set("providers", { ...providers, value }) };
};

/** Where no key is sent, those of the preset or of the file below do not count: nobody meant them for this. */
const withoutForeignKeys = (merged: Tree, own: Tree): Tree => {
  if (merged.kind !== "map") return merged;
  const auth = merged.entries.get("auth")?.value;
  const keys = merged.entries.get("keys")?.value;
  if (auth?.kind !== "scalar" || (auth.value !== "passthrough" && auth.value !== "none")) return merged;
  if (!keys || keys.at.file === own.at.file) return merged;
  const entries: MapTree["entries"] = new Map(merged.entries);
  entries.delete("keys");
  return { ...merged, entries };
};

/** The name of the preset that a provider asks for, or undefined. */
export const presetOf = (provider: Tree): string | undefined => {
  const preset = provider.kind === "map" ? provider.entries.get("preset")?.value : undefined;
  return preset?.kind === "scalar" && typeof preset.value === "string" ? preset.value : undefined;
};
