/** A tree with its variables put in, held against a schema: every deviation becomes a problem with its place. */
import type { z } from "zod";
import { nameHere } from "./legacy.ts";
import { didYouMean, type Path, type Problems, showPath } from "./problems.ts";
import { describeKind, keyPositionAt, positionAt, treeAt, type Tree } from "./tree.ts";
import { hasReference, resolveVariables } from "./variables.ts";

export type Lookup = (name: string) => string | undefined;

export interface Filled {
  readonly value: unknown;
  /** Paths whose text came out of variables: their values are never shown. */
  readonly filled: ReadonlySet<string>;
  /** Paths of which a problem was told already. */
  readonly failed: ReadonlySet<string>;
}

/** Whether a path holds a key: there an unset variable drops the entry, and nothing found is ever shown. */
export const isKeyPath = (path: Path): boolean =>
  (path[0] === "search" && path[1] === "key") || isProviderKeyPath(path);

/** `providers.x.keys[0]`, or the `key` of a map in that place. What else such a map says is no secret. */
export const isProviderKeyPath = (path: Path): boolean =>
  path[0] === "providers" && path[2] === "keys" && (path.length < 5 || path[4] === "key");

/** Whether a path holds a proxy, whose URL may have a password in it. */
export const isProxyPath = (path: Path): boolean => path[0] === "providers" && path.at(-1) === "proxy";

const isSecretPath = (path: Path): boolean =>
  isKeyPath(path) ||
  isProxyPath(path) ||
  (path.includes("keys") && path[0] !== "providers") ||
  path.includes("clientKeys") ||
  path.includes("headers");

/** The tree as plain values, variables resolved. Empty values (null) are left out. */
export const fillVariables = (tree: Tree, lookup: Lookup, problems: Problems): Filled => {
  const filled = new Set<string>();
  const failed = new Set<string>();
  const fill = (node: Tree, path: Path): unknown => {
    if (node.kind === "map") {
      const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
      for (const [key, entry] of node.entries) {
        const value = fill(entry.value, [...path, key]);
        if (value !== undefined) out[key] = value;
      }
      return out;
    }
    if (node.kind === "list") return node.items.map((item, i) => fill(item, [...path, i]) ?? null);
    if (node.value === null) return undefined;
    if (typeof node.value !== "string" || !hasReference(node.value)) return node.value;
    const resolved = resolveVariables(node.value, lookup);
    filled.add(showPath(path));
    if (resolved.malformed) {
      failed.add(showPath(path));
      problems.add(
        node.at,
        path,
        "found a reference that is not complete, expected ${NAME} or ${NAME:-default} ($${ is a literal ${)",
      );
    }
    if (resolved.unset.length > 0 && !isKeyPath(path)) {
      failed.add(showPath(path));
      for (const name of resolved.unset) {
        problems.add(
          node.at,
          path,
          `the variable ${name} is not set; set it, or give a default: \${${name}:-value}`,
        );
      }
    }
    return resolved.unset.length > 0 ? "" : resolved.text;
  };
  return { value: fill(tree, []), filled, failed };
};

/** The value found at a path in the words of a message. Never a key, a header, or what came out of a variable. */
const found = (tree: Tree, path: Path): string => {
  const node = treeAt(tree, path);
  if (node?.kind !== "scalar" || isSecretPath(path)) return describeKind(node);
  if (typeof node.value !== "string") return node.value === null ? "nothing" : String(node.value);
  // Someone may have put a key where it does not belong.
  return looksSecret(node.value) ? "a text" : JSON.stringify(node.value);
};

/** A long run of letters and digits, or the beginning of a known kind of key. */
export const looksSecret = (value: string): boolean =>
  /(?:^|[^a-z])(?:sk|pk|gsk|xai|AIza|key|tok)[-_a-z0-9]{12,}/i.test(value) ||
  /[A-Za-z0-9+=]{28,}/.test(value) ||
  /\/\/[^/@\s]*@/.test(value);

/** A text for a message, or only its kind where it may be a key. */
export const quoted = (value: string): string => (looksSecret(value) ? "a text" : JSON.stringify(value));

/**
 * Checks against a schema whose fields are all optional. Whatever is wrong is told and left out, so that the rest can be
 * checked further.
 */
export const validate = <Schema extends z.ZodType>(
  schema: Schema,
  tree: Tree,
  input: Filled,
  problems: Problems,
  knownKeys: (path: Path) => readonly string[],
): z.infer<Schema> => {
  let value = input.value;
  // A variable always gives a text: where a number or a boolean is expected it is read as one. Then what is wrong is taken out.
  for (let round = 0; ; round++) {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    if (round > 20) throw new Error("the configuration cannot be reduced to a valid one");
    const wrong: Path[] = [];
    for (const issue of result.error.issues) {
      const path = plainPath(issue.path);
      for (const leaf of leavesOf(issue, path)) {
        if (coerce(value, leaf.path, input.filled, leaf.message)) continue;
        wrong.push(leaf.path);
        if (leaf.unknownKey) tellUnknownKey(tree, leaf.path, problems, knownKeys(leaf.path.slice(0, -1)));
        else if (!input.failed.has(showPath(leaf.path))) tellWrongValue(tree, leaf, input.filled, problems);
      }
    }
    value = without(value, wrong);
  }
};

const tellUnknownKey = (tree: Tree, path: Path, problems: Problems, known: readonly string[]): void => {
  const key = String(path.at(-1));
  const here = nameHere(key, path.length === 1);
  const shown = looksSecret(key) ? "" : ` ${JSON.stringify(key)}`;
  const hint =
    here === undefined ? didYouMean(key, known) : ` ${here[0]?.toUpperCase() ?? ""}${here.slice(1)}.`;
  const list = known.length === 0 ? "" : ` Known here: ${known.join(", ")}.`;
  problems.add(keyPositionAt(tree, path), path.slice(0, -1), `unknown key${shown}.${hint}${list}`);
};

const tellWrongValue = (tree: Tree, leaf: Leaf, filled: ReadonlySet<string>, problems: Problems): void => {
  const note = filled.has(showPath(leaf.path)) ? " (with its variables filled in)" : "";
  const names = leaf.message.startsWith("one of ") ? leaf.message.slice("one of ".length).split(", ") : [];
  const node = treeAt(tree, leaf.path);
  const hint = node?.kind === "scalar" && typeof node.value === "string" ? didYouMean(node.value, names) : "";
  problems.add(
    positionAt(tree, leaf.path),
    leaf.path,
    `found ${found(tree, leaf.path)}${note}, expected ${leaf.message}.${hint}`,
  );
};

interface Leaf {
  readonly path: Path;
  /** What is allowed there. */
  readonly message: string;
  readonly unknownKey: boolean;
}

/** The single deviations behind an issue; of a union, those from the form that fits the kind of the value. */
const leavesOf = (issue: z.core.$ZodIssue, path: Path): readonly Leaf[] => {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], message: "", unknownKey: true }));
  }
  if (issue.code === "invalid_union") {
    const fitting = issue.errors.find((branch) =>
      branch.every((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"),
    );
    if (fitting) return fitting.flatMap((inner) => leavesOf(inner, [...path, ...plainPath(inner.path)]));
  }
  return [{ path, message: issue.message, unknownKey: false }];
};

const plainPath = (path: readonly PropertyKey[]): (string | number)[] =>
  path.filter((part) => typeof part !== "symbol");

/** Turns a text that came out of a variable into the number or boolean that the schema wants. True where it did. */
const coerce = (value: unknown, path: Path, filled: ReadonlySet<string>, message: string): boolean => {
  if (!filled.has(showPath(path))) return false;
  const holder = valueAt(value, path.slice(0, -1)) as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  const text = holder[last];
  if (typeof text !== "string") return false;
  const read =
    message === "true or false" ? truthOf(text) : /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (read === undefined) return false;
  holder[last] = read;
  return true;
};

const truthOf = (text: string): boolean | undefined =>
  text === "true" ? true : text === "false" ? false : undefined;

/** A copy of plain values without what stands at the given paths; in a list an empty text takes its place. */
const without = (value: unknown, paths: readonly Path[]): unknown => {
  // What is missing cannot be taken out: what it is missing from goes. So does a list that does not take the empty text either.
  const gone = new Set(
    paths.map((path) => {
      const there = valueAt(value, path);
      const whole = there === undefined || (there === "" && typeof path.at(-1) === "number");
      return showPath(whole ? path.slice(0, -1) : path);
    }),
  );
  const copy = (part: unknown, path: Path): unknown => {
    if (gone.has(showPath(path))) return typeof path.at(-1) === "number" ? "" : undefined;
    if (Array.isArray(part)) return part.map((item: unknown, i) => copy(item, [...path, i]));
    if (typeof part !== "object" || part === null) return part;
    const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, inner] of Object.entries(part)) {
      const kept = copy(inner, [...path, key]);
      if (kept !== undefined) out[key] = kept;
    }
    return out;
  };
  return copy(value, []) ?? {};
};

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, part) => (at as Record<string | number, unknown> | undefined)?.[part], value);
