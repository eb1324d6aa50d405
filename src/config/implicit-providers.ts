/**
 * Providers that profiles name and the configuration does not: a preset of that name is one, with the preset's own keys. So a profile works
 * as soon as its key is set, and costs nothing before.
 */
import { splitTarget } from "./targets.ts";
import { type MapTree, type Tree, treeAt } from "./tree.ts";
import { resolveVariables } from "./variables.ts";

type Lookup = (name: string) => string | undefined;

/** The configuration with the presets that its profiles name and whose keys are set (or that need none) among its providers. */
export const withImplicitProviders = (tree: MapTree, presets: MapTree, lookup: Lookup): MapTree => {
  const providers = tree.entries.get("providers");
  if (providers?.value.kind !== "map") return tree;
  const known = new Set([...providers.value.entries.keys()].map((name) => name.toLowerCase()));
  const entries: MapTree["entries"] = new Map(providers.value.entries);
  for (const [name, preset] of presets.entries) {
    if (known.has(name.toLowerCase()) || !hasKeys(preset.value, lookup)) continue;
    const at = placeNaming(name, tree, lookup);
    if (at === undefined) continue;
    const own: MapTree["entries"] = new Map([
      ["preset", { keyAt: at.at, value: { kind: "scalar", at: at.at, value: name } }],
    ]);
    entries.set(name, { keyAt: at.at, value: { kind: "map", at: at.at, entries: own } });
  }
  if (entries.size === providers.value.entries.size) return tree;
  const value: MapTree = { ...providers.value, entries };
  return { ...tree, entries: new Map(tree.entries).set("providers", { ...providers, value }) };
};

/** The first target of a profile that names a provider. */
const placeNaming = (provider: string, tree: MapTree, lookup: Lookup): Tree | undefined => {
  const profiles = treeAt(tree, ["profiles"]);
  if (profiles?.kind !== "map") return undefined;
  for (const { value } of profiles.entries.values())
    for (const part of ["models", "routes"]) {
      const found = findIn(treeAt(value, [part]), provider, lookup);
      if (found !== undefined) return found;
    }
  return undefined;
};

const findIn = (node: Tree | undefined, provider: string, lookup: Lookup): Tree | undefined => {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") {
    const text = typeof node.value === "string" ? resolveVariables(node.value, lookup).text : "";
    return splitTarget(text)?.provider.toLowerCase() === provider.toLowerCase() ? node : undefined;
  }
  const inner = node.kind === "list" ? node.items : [...node.entries.values()].map(({ value }) => value);
  for (const each of inner) {
    const found = findIn(each, provider, lookup);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Whether a preset needs no key, or one of its own is set. */
const hasKeys = (preset: Tree, lookup: Lookup): boolean => {
  const keys = treeAt(preset, ["keys"]);
  if (keys?.kind !== "list" || keys.items.length === 0) return keys?.kind === "list";
  return keys.items.some(
    (key) =>
      key.kind === "scalar" &&
      typeof key.value === "string" &&
      resolveVariables(key.value, lookup).text.trim() !== "",
  );
};
