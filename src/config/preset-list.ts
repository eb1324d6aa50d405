/** What the tracked files offer to a tool that writes a configuration: presets, and the names that config/default.yaml takes. */
import { type Preset, presetsIn } from "./preset-tree.ts";
import { readConfigSource } from "./source.ts";
import { treeAt, type MapTree } from "./tree.ts";

export interface Tracked {
  readonly presets: readonly Preset[];
  /** Providers of config/default.yaml: what a user's file says of one of them is laid over it. */
  readonly providers: readonly string[];
  /** Routes that config/default.yaml sets. */
  readonly routes: readonly string[];
  /** Profiles of config/profiles/. */
  readonly profiles: readonly string[];
}

const namesAt = (tree: MapTree, key: string): string[] => {
  const node = treeAt(tree, [key]);
  return node?.kind === "map" ? [...node.entries.keys()] : [];
};

/** Reads config/providers.yaml and config/default.yaml of the checkout. */
export const readTracked = (root?: string): Tracked => {
  const { presets, defaults, tree } = readConfigSource({
    env: {},
    keyFiles: false,
    fileText: "",
    ...(root !== undefined && { root }),
  });
  return {
    presets: presetsIn(presets),
    providers: namesAt(defaults, "providers"),
    routes: namesAt(defaults, "routes").filter((name) => name !== "tierFirst"),
    profiles: namesAt(tree, "profiles"),
  };
};
