/** The user's other projects, which use the same images, installed clients and price list. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine } from "../../engine/connect.ts";
import { labels } from "../../shared/container-layout.ts";
import { type Environment, stateDir } from "../../shared/paths.ts";
import type { Place } from "../configuration.ts";
import { stateFolder } from "./state-folder.ts";

export interface OtherProject {
  readonly name: string;
  /** Undefined: it is known by what it has on the engine alone. */
  readonly stateDir: string | undefined;
}

const foldersIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
};

/** Those whose state lies beside each other, where SWITCHYARD_STATE_DIR names no other place. */
const byState = (place: Place, env: Environment): OtherProject[] => {
  const root = dirname(stateDir({ ...env, SWITCHYARD_STATE_DIR: undefined }, place.project));
  return foldersIn(root)
    .map((name) => ({ name, stateDir: join(root, name) }))
    .filter((each) => each.stateDir !== place.stateDir && (stateFolder(each.stateDir)?.ours.length ?? 0) > 0);
};

const onEngine = async ({ docker }: Engine): Promise<string[]> => {
  const filters = { label: [labels.project] };
  const containers = await docker.listContainers({ all: true, filters });
  const { Volumes } = await docker.listVolumes({ filters });
  return [...containers, ...(Volumes ?? [])].map((each) => each.Labels?.[labels.project] ?? "");
};

/** By name. @param engine undefined: none answers */
export const otherProjects = async (
  place: Place,
  engine: Engine | undefined,
  env: Environment,
): Promise<OtherProject[]> => {
  const found = new Map<string, OtherProject>();
  for (const name of engine === undefined ? [] : await onEngine(engine))
    found.set(name, { name, stateDir: undefined });
  found.delete(place.project);
  found.delete("");
  for (const each of byState(place, env)) found.set(each.name, each);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
};
