/** The project's containers, found by label: which there are, their last words, and their removal. */
import type Docker from "dockerode";
import { labels } from "../shared/container-layout.ts";
import type { Engine } from "./connect.ts";
import { tailOf } from "./docker-cli.ts";
import { isGone } from "./engine-status.ts";
import { containerLog } from "./logs.ts";

export interface Found {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Containers whose labels have all of `wanted`, newest first. */
export const findContainers = async (
  engine: Engine,
  wanted: Readonly<Record<string, string>>,
): Promise<Found[]> => {
  const list = await engine.docker.listContainers({
    all: true,
    filters: { label: Object.entries(wanted).map(([name, value]) => `${name}=${value}`) },
  });
  return list
    .toSorted((a, b) => b.Created - a.Created)
    .map((each) => ({
      id: each.Id,
      name: (each.Names[0] ?? each.Id).replace(/^\//, ""),
      state: each.State,
      labels: each.Labels,
    }));
};

/** Why a container that ended did so: what it printed since its last start, or what the engine knows of its end. */
export const lastWords = async (engine: Engine, id: string): Promise<string> => {
  const { State } = await engine.docker.getContainer(id).inspect();
  const started = Math.floor(Date.parse(State.StartedAt) / 1000);
  const words = tailOf(await containerLog(engine, id, 10, started), 10).replaceAll(/^switchyard: /gm, "");
  if (State.OOMKilled) return "it ran out of memory; raise stack.fused.memory";
  if (words !== "") return words;
  return State.Running ? "it says nothing" : `its container ended with status ${State.ExitCode}`;
};

/** Stops and removes a container with its anonymous volumes; one that is gone already is no error. */
export const removeContainer = async (container: Docker.Container): Promise<void> => {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
};

/**
 * Removes what the project has on the engine: containers and networks always, volumes (the client's sessions and login) and
 * images where they are asked for.
 * @returns what was removed, one line each
 */
export const removeProject = async (
  engine: Engine,
  project: string,
  options: { volumes: boolean; images: boolean },
): Promise<string[]> => {
  const removed: string[] = [];
  const filters = { label: [`${labels.project}=${project}`] };
  const found = await findContainers(engine, { [labels.project]: project });
  for (const each of found) {
    await removeContainer(engine.docker.getContainer(each.id));
    removed.push(`container ${each.name}`);
  }
  for (const network of await engine.docker.listNetworks({ filters })) {
    await engine.docker.getNetwork(network.Id).remove();
    removed.push(`network ${network.Name}`);
  }
  if (options.volumes) {
    const { Volumes } = await engine.docker.listVolumes({ filters });
    for (const volume of Volumes) {
      await engine.docker.getVolume(volume.Name).remove();
      removed.push(`volume ${volume.Name}`);
    }
  }
  if (options.images) {
    const images = await engine.docker.listImages({ filters: { label: [labels.image] } });
    for (const image of images) {
      await engine.docker.getImage(image.Id).remove({ force: true });
      removed.push(`image ${image.RepoTags?.[0] ?? image.Id}`);
    }
  }
  return removed;
};
