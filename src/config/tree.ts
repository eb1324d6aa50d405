/** YAML as a tree in which every value knows where it stands, so that any later check can name file, line and column. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLError,
} from "yaml";
import type { Path, Position, Problems } from "./problems.ts";

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

/** What the parser found wrong, in words that quote nothing of the file: it may hold a key. */
const syntaxProblems: Partial<Record<YAMLError["code"], string>> = {
  BAD_ALIAS: "an alias (*name) without its anchor",
  BAD_DQ_ESCAPE:
    "an escape sequence that double quotes do not know; write a backslash as \\\\, or use single quotes",
  BAD_INDENT: "wrong indentation",
  BAD_SCALAR_START: "a plain value cannot begin with this character; put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a map or list begins where a value of one line was expected; check the indentation",
  BLOCK_IN_FLOW: "an indented block inside [ ] or { }",
  KEY_OVER_1024_CHARS: "a key of more than 1,024 characters",
  MISSING_CHAR: "a quote, colon, bracket or space is missing",
  MULTILINE_IMPLICIT_KEY: "a key that goes over more than one line; a quote or a colon may be missing",
  MULTIPLE_DOCS: "a second document (---) in one file",
  TAB_AS_INDENT: "a tab in the indentation; YAML takes only spaces there",
  UNEXPECTED_TOKEN: "something that does not belong here; check quotes, brackets and indentation",
};

const positionOf = (file: string, counter: LineCounter, offset: number | undefined): Position => {
  const { line, col } = counter.linePos(offset ?? 0);
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
};

/**
 * Parses a YAML (or JSON) text. What is wrong with it goes into `problems`; the tree is what could be read all the same.
 * @param file its name as the user is to read it
 */
export const parseTree = (text: string, file: string, problems: Problems): MapTree => {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: false,
  });
  const at = (node: Node | null | undefined): Position => positionOf(file, counter, node?.range?.[0]);
  for (const error of document.errors) {
    const at = positionOf(file, counter, error.pos[0]);
    const what = syntaxProblems[error.code] ?? "something that cannot be read";
    if (error.code === "DUPLICATE_KEY") {
      const key = /^[\w.-]{1,40}/.exec(text.slice(error.pos[0]))?.[0] ?? "";
      problems.add(at, [], `${key === "" ? "this key" : `the key "${key}"`} stands twice in the same map.`);
    } else problems.add(at, [], `not valid YAML: ${what}.`);
  }
  const empty: MapTree = { kind: "map", at: { file, line: 1, column: 1 }, entries: new Map() };
  if (document.contents === null) return empty;
  const tree = convert(document.contents, document, at, 0);
  if (tree?.kind === "map") return tree;
  const nothing = tree === undefined || (tree.kind === "scalar" && tree.value === null);
  if (!nothing && document.errors.length === 0) {
    problems.add(tree.at, [], `found ${describeKind(tree)}, expected a map (key: value)`);
  }
  return empty;
};

const maximalDepth = 64;

const convert = (
  node: Node,
  document: Document,
  at: (node: Node | null | undefined) => Position,
  depth: number,
): Tree | undefined => {
  // An alias may contain itself.
  if (depth > maximalDepth) return undefined;
  if (isAlias(node)) {
    const target = node.resolve(document);
    const tree = target === undefined ? undefined : convert(target, document, at, depth + 1);
    return tree && { ...tree, at: at(node) };
  }
  if (isMap(node)) {
    const entries: MapTree["entries"] = new Map();
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : "?";
      const keyAt = at(pair.key as Node);
      const value = pair.value === null ? undefined : convert(pair.value as Node, document, at, depth + 1);
      // The first of two equal keys counts; the second was reported by the parser.
      if (!entries.has(key))
        entries.set(key, { keyAt, value: value ?? { kind: "scalar", at: keyAt, value: null } });
    }
    return { kind: "map", at: at(node), entries };
  }
  if (isSeq(node)) {
    const items = node.items.map(
      (item) =>
        convert(item as Node, document, at, depth + 1) ??
        ({ kind: "scalar", at: at(node), value: null } as const),
    );
    return { kind: "list", at: at(node), items };
  }
  if (isScalar(node)) {
    const value = node.value;
    const plain =
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null;
    return { kind: "scalar", at: at(node), value: plain ? value : (node.source ?? null) };
  }
  return undefined;
};

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
