/** The presets of config/providers.yaml as a tool that looks for one needs them. */
import { dialectNames } from "./schema.ts";
import { type MapTree, treeAt } from "./tree.ts";
import type { DialectName } from "./types.ts";

export interface Preset {
  readonly name: string;
  readonly dialect: DialectName;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The variable of its key; undefined where it needs none. */
  readonly variable: string | undefined;
}

const textAt = (tree: MapTree, path: readonly (string | number)[]): string | undefined => {
  const node = treeAt(tree, path);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
};

/** Every preset that has a protocol and an address. @param presets config/providers.yaml, parsed */
export const presetsIn = (presets: MapTree): Preset[] =>
  [...presets.entries.keys()].flatMap((name): Preset[] => {
    const dialect = dialectNames.find((each) => each === textAt(presets, [name, "dialect"]));
    const baseUrl = textAt(presets, [name, "baseUrl"]);
    if (dialect === undefined || baseUrl === undefined) return [];
    const variable = /^\$\{(\w+)\}$/.exec(textAt(presets, [name, "keys", 0]) ?? "")?.[1];
    return [{ name, dialect, baseUrl, variable }];
  });
