/** Routes and aliases of a checked configuration. */
import { type Path, type Problems, showPath } from "./problems.ts";
import type { RawConfig, RawRoute } from "./schema.ts";
import { type Names, readTarget, type TargetPlace } from "./targets.ts";
import { keyPositionAt, positionAt, treeAt, type MapTree } from "./tree.ts";
import {
  type Effort,
  type Route,
  type RouteChoice,
  type RouteName,
  routeNames,
  type Target,
} from "./types.ts";
import { quoted } from "./validate.ts";

/** Above this many tokens the longContext route is taken, where nothing else is said. */
export const defaultThreshold = 60_000;
/** The client sends `high` for every id that it does not know and `medium` on every turn: see the rule. */
export const defaultMinEffort: Effort = "high";

export type Routes = Partial<Record<(typeof routeNames)[number], Route>>;

export interface RouteSurroundings {
  readonly tree: MapTree;
  /** Paths whose text came out of variables. */
  readonly filled: ReadonlySet<string>;
  readonly names: Names;
  readonly problems: Problems;
}

const placeOf = (path: Path, { tree, filled }: RouteSurroundings): TargetPlace => ({
  at: positionAt(tree, path),
  path,
  filled: filled.has(showPath(path)),
});

/** One route. What is wrong is told. @param path where it stands */
export const resolveRoute = (
  route: RawRoute,
  name: RouteName,
  path: Path,
  around: RouteSurroundings,
): Route => {
  const use = readTargets(route, path, around);
  const extra =
    typeof route === "object" && !Array.isArray(route)
      ? (route as { choose?: RouteChoice; threshold?: number; minEffort?: Effort })
      : {};
  return {
    use,
    choose: extra.choose ?? "order",
    ...(name === "longContext" && { threshold: extra.threshold ?? defaultThreshold }),
    ...(name === "think" && { minEffort: extra.minEffort ?? defaultMinEffort }),
  };
};

/** The routes that are set in one place. What is wrong is told. @param path of the map that they stand in */
export const resolveRoutesAt = (raw: RawConfig["routes"], path: Path, around: RouteSurroundings): Routes => {
  const out: Routes = {};
  for (const name of routeNames) {
    const route = raw?.[name];
    if (route !== undefined) out[name] = resolveRoute(route, name, [...path, name], around);
  }
  return out;
};

/** The routes of the configuration. What is wrong is told. */
export const resolveRoutes = (raw: RawConfig["routes"], around: RouteSurroundings): Routes => {
  const { tree, problems } = around;
  const out = resolveRoutesAt(raw, ["routes"], around);
  if (out.default === undefined && !isThere(tree, ["routes", "default"])) {
    problems.add(
      keyPositionAt(tree, ["routes", "default"]),
      ["routes"],
      "`default` is missing: a target, or a list of targets.",
    );
  }
  return out;
};

/** Whether anything stands at a path. */
export const isThere = (tree: MapTree, path: Path): boolean => {
  const node = treeAt(tree, path);
  return node !== undefined && !(node.kind === "scalar" && node.value === null);
};

const readTargets = (route: RawRoute, path: Path, around: RouteSurroundings): Target[] => {
  const { tree, problems } = around;
  const isMap = typeof route === "object" && !Array.isArray(route);
  const usePath = isMap ? [...path, "use"] : path;
  const use = isMap ? (route as { use?: string | string[] }).use : route;
  if (use === undefined) {
    if (!isThere(tree, usePath))
      problems.add(positionAt(tree, path), path, "`use` is missing: a target, or a list of targets.");
    return [];
  }
  return readUse(
    use,
    usePath,
    around,
    `to unset the route write \`${String(path.at(-1))}:\` and nothing behind it.`,
  );
};

/** A target, or a list of targets. What is wrong is told. @param remedy for an empty list */
export const readUse = (
  use: string | readonly string[],
  path: Path,
  around: RouteSurroundings,
  remedy: string,
): Target[] => {
  const { tree, names, problems } = around;
  const texts = typeof use === "string" ? [use] : use;
  if (texts.length === 0)
    problems.add(positionAt(tree, path), path, `found an empty list, expected a target; ${remedy}`);
  return texts.flatMap((text, i) => {
    const at = typeof use === "string" ? path : [...path, i];
    const node = treeAt(tree, at);
    // An empty text stands where something wrong was taken out; it was told already.
    if (text === "" && !(node?.kind === "scalar" && node.value === "")) return [];
    return readTarget(text, placeOf(at, around), names, problems) ?? [];
  });
};

/** The aliases. A name is one word that could not be read as a target. */
export const resolveAliases = (raw: RawConfig["aliases"], around: RouteSurroundings): Map<string, Target> => {
  const { tree, names, problems } = around;
  const out = new Map<string, Target>();
  for (const [name, text] of Object.entries(raw ?? {})) {
    const path = ["aliases", name];
    if (name === "" || /[,\s]/.test(name)) {
      problems.add(
        keyPositionAt(tree, path),
        ["aliases"],
        `found the name ${quoted(name)}, expected one word without a comma.`,
      );
      continue;
    }
    // An alias of an alias is said to be none, by its own words.
    const target = readTarget(text, placeOf(path, around), names, problems);
    if (target) out.set(name, target);
  }
  return out;
};
