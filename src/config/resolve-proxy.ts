/** The URL of a proxy. Its value is never shown: a password may be in it. */
import { type Path, showPath } from "./problems.ts";
import type { ProviderSurroundings } from "./resolve-providers.ts";
import { positionAt } from "./tree.ts";

/** The URL without a trailing slash; undefined where there is none, or where it is wrong, which is told. */
export const readProxy = (
  raw: string | undefined,
  path: Path,
  { tree, problems, filled }: ProviderSurroundings,
): string | undefined => {
  if (raw === undefined || filled.failed.has(showPath(path))) return undefined;
  const url = URL.parse(raw.trim());
  const right =
    (url?.protocol === "http:" || url?.protocol === "https:") &&
    (url.pathname === "/" || url.pathname === "") &&
    url.search === "" &&
    url.hash === "";
  if (right) return raw.trim().replace(/\/+$/, "");
  return problems.add(
    positionAt(tree, path),
    path,
    "found a text that is no address of a proxy, expected http://host:port or https://host:port.",
  ) as undefined;
};
