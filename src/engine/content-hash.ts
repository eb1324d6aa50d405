/** A name for what an image is made of: the same contents give the same tag, so that nothing is built twice. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const filesBelow = (root: string, path: string): string[] => {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesBelow(root, `${path}/${name}`));
};

/**
 * Twelve hex digits over the names, modes and contents of `paths` (files or folders below `root`) and over `args`.
 * @param ignore names of files that are not copied into the image
 */
export const contentHash = (
  root: string,
  paths: readonly string[],
  args: Readonly<Record<string, string>>,
  ignore: (path: string) => boolean = () => false,
): string => {
  const hash = createHash("sha256");
  // Lengths keep two fields from running into each other.
  const add = (text: string | Buffer): void => void hash.update(`${text.length}:`).update(text);
  for (const file of paths
    .flatMap((path) => filesBelow(root, path))
    .filter((file) => !ignore(file))
    .toSorted()) {
    add(file);
    add((statSync(join(root, file)).mode & 0o111) === 0 ? "file" : "executable");
    add(readFileSync(join(root, file)));
  }
  for (const [name, value] of Object.entries(args).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    add(name);
    add(value);
  }
  return hash.digest("hex").slice(0, 12);
};
