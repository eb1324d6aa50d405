/** What the tracked files offer to a tool that writes a configuration: presets, and the names that config/default.yaml takes. */
import { readConfigSource } from "./source.ts";
import { treeAt, type MapTree } from "./tree.ts";
import type { DialectName } from "./types.ts";
import { dialectNames } from "./schema.ts";

export interface Preset {
  readonly name: string;
  readonly dialect: DialectName;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The variable of its key; undefined where it needs none. */
  readonly variable: string | undefined;
}

export interface Tracked {
  readonly presets: readonly Preset[];
  /** Providers of config/default.yaml: what a user's file says of one of them is laid over it. */
  readonly providers: readonly string[];
  /** Routes that config/default.yaml sets. */
  readonly routes: readonly string[];
  /** Profiles of config/profiles/. */
  readonly profiles: readonly string[];
}

const textAt = (tree: MapTree, path: readonly (string | number)[]): string | undefined => {
  const node = treeAt(tree, path);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
};

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
    presets: [...presets.entries.keys()].flatMap((name): Preset[] => {
      const dialect = dialectNames.find((each) => each === textAt(presets, [name, "dialect"]));
      const baseUrl = textAt(presets, [name, "baseUrl"]);
      if (dialect === undefined || baseUrl === undefined) return [];
      const variable = /^\$\{(\w+)\}$/.exec(textAt(presets, [name, "keys", 0]) ?? "")?.[1];
      return [{ name, dialect, baseUrl, variable }];
    }),
    providers: namesAt(defaults, "providers"),
    routes: namesAt(defaults, "routes").filter((name) => name !== "tierFirst"),
    profiles: namesAt(tree, "profiles"),
  };
};
