/** A text with structure (YAML), as a tree in which every value knows where it stands: any later check can name file, line and column. */
import type { Path, Position } from "./problems.ts";

export type Scalar = string | number | boolean | null;

export type Tree = MapTree | ListTree | ScalarTree;
export interface MapTree {
  readonly kind: "map";
  readonly at: Position;
  readonly entries: Map<string, { readonly keyAt: Position; readonly value: Tree }>;
}
export interface ListTree {
  readonly kind: "list";
  readonly at: Position;
  readonly items: readonly Tree[];
}
export interface ScalarTree {
  readonly kind: "scalar";
  readonly at: Position;
  readonly value: Scalar;
}

/** "a map", "a list", "nothing", "a text", "a number": the kind alone, for places where a value must not be shown. */
export const describeKind = (tree: Tree | undefined): string => {
  if (tree === undefined) return "nothing";
  if (tree.kind !== "scalar") return tree.kind === "map" ? "a map" : "a list";
  if (tree.value === null) return "nothing";
  if (typeof tree.value === "boolean") return "true or false";
  return typeof tree.value === "number" ? "a number" : "a text";
};

/** The value at a path, or undefined. */
export const treeAt = (root: Tree, path: Path): Tree | undefined => {
  let here: Tree | undefined = root;
  for (const part of path) {
    if (here?.kind === "map") here = here.entries.get(String(part))?.value;
    else if (here?.kind === "list" && typeof part === "number") here = here.items[part];
    else return undefined;
  }
  return here;
};

/** Where a path stands: its value, else the nearest thing around it that exists. */
export const positionAt = (root: Tree, path: Path): Position => {
  for (let length = path.length; length > 0; length--) {
    const found = treeAt(root, path.slice(0, length));
    if (found) return found.at;
  }
  return root.at;
};

/** Where the last key of a path stands. */
export const keyPositionAt = (root: Tree, path: Path): Position => {
  const parent = treeAt(root, path.slice(0, -1));
  const entry = parent?.kind === "map" ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyAt ?? positionAt(root, path);
};

/**
 * `over` laid over `base`, key by key; lists and single values are replaced. An empty value (`key:` and nothing else)
 * leaves a map as it is, and elsewhere removes what the base says.
 */
export const mergeTrees = (base: Tree, over: Tree): Tree => {
  if (base.kind === "map" && over.kind === "scalar" && over.value === null) return base;
  if (base.kind !== "map" || over.kind !== "map") return over;
  const entries: MapTree["entries"] = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? { keyAt: entry.keyAt, value: mergeTrees(below.value, entry.value) } : entry);
  }
  return { kind: "map", at: over.at, entries };
};
