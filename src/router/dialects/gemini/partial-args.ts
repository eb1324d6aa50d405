/**
 * Arguments that are streamed as values by JSON path (`partialArgs`; cloud.google.com/vertex-ai, streaming function call arguments): numbers,
 * booleans and nulls whole, strings in pieces.
 */
import type { GeminiPartialArg } from "../../../protocol/gemini.ts";

/** Without a prototype, so that a member of any name is a member. */
type Tree = Record<string, unknown>;

export const newTree = (): Tree => Object.create(null) as Tree;

/** A longer array than this is no argument but a broken path. */
const mostItems = 100_000;

const token = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/gy;

/** Names and indexes of a path; undefined where it is of another form. */
export const parsePath = (path: string): (string | number)[] | undefined => {
  if (!path.startsWith("$")) return undefined;
  const out: (string | number)[] = [];
  let at = 1;
  while (at < path.length) {
    token.lastIndex = at;
    const match = token.exec(path);
    if (match === null) return undefined;
    const [whole, name, index, single, double] = match;
    if (index === undefined) out.push(name ?? (single ?? double ?? "").replaceAll(/\\(.)/g, "$1"));
    else out.push(Number(index));
    at += whole.length;
  }
  return out.length === 0 ? undefined : out;
};

/** Puts a value into its place. Text is added to the text that stands there, as long as more of it was announced. */
export class PartialArgs {
  readonly tree: Tree;
  /** Path of the string that goes on. */
  #open: string | undefined;

  constructor(tree: Tree = newTree()) {
    this.tree = tree;
  }

  take(piece: GeminiPartialArg): void {
    const { jsonPath } = piece;
    if (typeof jsonPath !== "string") return;
    const path = parsePath(jsonPath);
    if (path === undefined) return;
    const holder = this.#holderOf(path);
    const last = path.at(-1)!;
    if (holder === undefined || !fits(holder, last)) return;
    const place = holder as Record<string | number, unknown>;
    if (typeof piece.stringValue === "string") {
      const before = place[last];
      const more = this.#open === jsonPath && typeof before === "string";
      place[last] = more ? before + piece.stringValue : piece.stringValue;
    } else if (typeof piece.numberValue === "number") place[last] = piece.numberValue;
    else if (typeof piece.boolValue === "boolean") place[last] = piece.boolValue;
    else if ("nullValue" in piece) place[last] = null;
    this.#open = piece.willContinue === true ? jsonPath : undefined;
  }

  /** The object or array in which the last step of a path stands; made where it is not there yet. */
  #holderOf(path: readonly (string | number)[]): Tree | unknown[] | undefined {
    let at: Tree | unknown[] = this.tree;
    for (let i = 0; i + 1 < path.length; i++) {
      const step = path[i]!;
      if (!fits(at, step)) return undefined;
      const place = at as Record<string | number, unknown>;
      const next = place[step];
      if (typeof next === "object" && next !== null) at = next as Tree | unknown[];
      else {
        const made: Tree | unknown[] = typeof path[i + 1] === "number" ? [] : newTree();
        place[step] = made;
        at = made;
      }
    }
    return at;
  }
}

const fits = (holder: Tree | unknown[], step: string | number): boolean =>
  Array.isArray(holder) ? typeof step === "number" && step < mostItems : typeof step === "string";
