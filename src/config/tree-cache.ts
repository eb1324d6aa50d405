/**
 * The parsed trees of the files that are in the repository, kept beside Node's compile cache: to parse them takes 25 ms, to read
 * them here one. The user's file is never kept, nor is anything that came out of a variable: either may hold a key.
 */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { parseTree } from "./parse.ts";
import type { Problems } from "./problems.ts";
import type { MapTree } from "./tree.ts";

/** A text, and its name as the user is to read it. */
export interface NamedText {
  readonly text: string;
  readonly file: string;
}

interface Kept {
  readonly key: string;
  readonly trees: readonly MapTree[];
}

/**
 * The trees of the tracked files, in their order. Kept only where nothing is wrong with them, so that every error is told again;
 * without a compile cache (as in a program that embeds this) they are always parsed.
 * @param root the checkout: each has one file of its own, so that nothing piles up
 */
export const parseTracked = (
  files: readonly NamedText[],
  root: string,
  problems: Problems,
): readonly MapTree[] => {
  const folder = getCompileCacheDir();
  const cache =
    folder === undefined ? undefined : join(dirname(folder), `trees-${sha256([root]).slice(0, 12)}`);
  const key = keyOf(files);
  const kept = cache === undefined ? undefined : read(cache);
  if (kept?.key === key) return kept.trees;
  const before = problems.count;
  const trees = files.map(({ text, file }) => parseTree(text, file, problems));
  if (cache !== undefined && problems.count === before) keep(cache, { key, trees });
  return trees;
};

/** Changes with the files, with the code that reads them, and with the parser's version, which package.json pins. */
const keyOf = (files: readonly NamedText[]): string =>
  sha256([
    ...["parse.ts", "tree.ts", "../../package.json"].map((name) =>
      readFileSync(new URL(name, import.meta.url), "utf8"),
    ),
    ...files.flatMap(({ file, text }) => [file, text]),
  ]);

const sha256 = (parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

const read = (file: string): Kept | undefined => {
  try {
    return deserialize(readFileSync(file)) as Kept;
  } catch {
    // Not there yet, or not a whole one.
    return undefined;
  }
};

/** Written beside and renamed: another process may be reading. A folder that cannot be written (an image's) is no error. */
const keep = (file: string, kept: Kept): void => {
  try {
    writeFileSync(`${file}.${process.pid}`, serialize(kept), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // The next start parses again.
    rmSync(`${file}.${process.pid}`, { force: true });
  }
};
