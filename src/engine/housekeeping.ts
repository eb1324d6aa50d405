/**
 * What earlier shells left on the engine and nobody needs: the ended containers of other workspaces with their networks (an
 * engine has addresses for about thirty), and images of earlier versions. Volumes are never touched: sessions and logins live there.
 */
import { labels } from "../shared/container-layout.ts";
import type { Engine } from "./connect.ts";
import { findContainers, removeContainer } from "./containers.ts";
import { engineStatusOf } from "./engine-status.ts";

/** Ended containers that are kept for their logs, and images that are kept for other checkouts and users. */
const kept = 5;

/** Runs a removal; what is in use, or gone already, stays as it is. */
const ifFree = async (removal: () => Promise<unknown>): Promise<void> => {
  try {
    await removal();
  } catch (error) {
    if (![403, 404, 409].includes(engineStatusOf(error) ?? 0)) throw error;
  }
};

/** Removes the ended containers of the project but the newest, and the networks that were theirs alone. */
export const sweepContainers = async (engine: Engine, project: string): Promise<void> => {
  const ended = (await findContainers(engine, { [labels.project]: project })).filter(
    ({ state }) => state === "exited",
  );
  for (const { id, labels: given } of ended.slice(kept)) {
    await removeContainer(engine.docker.getContainer(id));
    const network = `${given["com.docker.compose.project"]}_default`;
    await ifFree(() => engine.docker.getNetwork(network).remove());
  }
};

/**
 * Removes the images of a service but the newest and `current`, which may look old: made of layers that were there, it bears
 * their date. One that a container uses stays.
 */
export const sweepImages = async (engine: Engine, service: string, current: string): Promise<void> => {
  const images = await engine.docker.listImages({ filters: { label: [`${labels.image}=${service}`] } });
  const others = images.filter(({ RepoTags }) => RepoTags?.includes(current) !== true);
  for (const image of others.toSorted((a, b) => b.Created - a.Created).slice(kept)) {
    await ifFree(() => engine.docker.getImage(image.Id).remove());
  }
};
