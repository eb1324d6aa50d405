/** Reads YAML into a tree with positions. */
import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import type { Document, LineCounter, Node, YAMLError } from "yaml";
import type { Position, Problems } from "./problems.ts";
import { describeKind, type MapTree, type Tree } from "./tree.ts";

const load = createRequire(import.meta.url);

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
 * @param options.mergeKeys `<<: *name` puts a map's entries in, as YAML 1.1 has it (yaml.org/type/merge.html): what is written beside it goes before
 */
export const parseTree = (
  text: string,
  file: string,
  problems: Problems,
  { mergeKeys = false }: { readonly mergeKeys?: boolean } = {},
): MapTree => {
  // Loaded when there is something to parse: with the tracked files alone, tree-cache.ts has what came out.
  const yaml = load("yaml") as typeof Yaml;
  const counter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
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
  const left = { repeated: maximalRepeated };
  const tree = convert(document.contents, { yaml, document, at, mergeKeys, left, isRepeated: false }, 0);
  if (left.repeated < 0)
    problems.add(empty.at, [], `aliases (*name) repeat more than ${maximalRepeated} values.`);
  if (tree?.kind === "map") return tree;
  const nothing = tree === undefined || (tree.kind === "scalar" && tree.value === null);
  if (!nothing && document.errors.length === 0) {
    problems.add(tree.at, [], `found ${describeKind(tree)}, expected a map (key: value)`);
  }
  return empty;
};

const maximalDepth = 64;
/** A few aliases of aliases are more values than any memory holds. */
const maximalRepeated = 100_000;

interface Parsed {
  readonly yaml: typeof Yaml;
  readonly document: Document;
  readonly at: (node: Node | null | undefined) => Position;
  readonly mergeKeys: boolean;
  /** How many values may still come by aliases. */
  readonly left: { repeated: number };
  /** Below an alias. */
  readonly isRepeated: boolean;
}

const convert = (node: Node, parsed: Parsed, depth: number): Tree | undefined => {
  const { yaml, document, at } = parsed;
  // An alias may contain itself.
  if (depth > maximalDepth || (parsed.isRepeated && --parsed.left.repeated < 0)) return undefined;
  if (yaml.isAlias(node)) {
    const target = node.resolve(document);
    const tree =
      target === undefined ? undefined : convert(target, { ...parsed, isRepeated: true }, depth + 1);
    return tree && { ...tree, at: at(node) };
  }
  if (yaml.isMap(node)) {
    const entries: MapTree["entries"] = new Map();
    for (const pair of node.items) {
      const key = yaml.isScalar(pair.key) ? String(pair.key.value) : "?";
      const keyAt = at(pair.key as Node);
      const value = pair.value === null ? undefined : convert(pair.value as Node, parsed, depth + 1);
      // The first of two equal keys counts; the second was reported by the parser.
      if (!entries.has(key))
        entries.set(key, { keyAt, value: value ?? { kind: "scalar", at: keyAt, value: null } });
    }
    if (parsed.mergeKeys) putMerged(entries);
    return { kind: "map", at: at(node), entries };
  }
  if (yaml.isSeq(node)) {
    const items = node.items.map(
      (item) =>
        convert(item as Node, parsed, depth + 1) ?? ({ kind: "scalar", at: at(node), value: null } as const),
    );
    return { kind: "list", at: at(node), items };
  }
  if (yaml.isScalar(node)) {
    const value = node.value;
    const plain =
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null;
    return { kind: "scalar", at: at(node), value: plain ? value : (node.source ?? null) };
  }
  return undefined;
};

/** Puts the maps behind `<<` in, the first of a list before the next; what is no map stays an entry like any other. */
const putMerged = (entries: MapTree["entries"]): void => {
  const merged = entries.get("<<")?.value;
  const maps = (merged?.kind === "list" ? merged.items : [merged]).filter((each) => each?.kind === "map");
  if (maps.length === 0) return;
  entries.delete("<<");
  for (const map of maps)
    for (const [key, entry] of map.entries) if (!entries.has(key)) entries.set(key, entry);
};
