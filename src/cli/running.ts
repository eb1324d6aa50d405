/** What runs of this project: containers, and shells on the host. */
import type { Engine } from "../engine/connect.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { labels } from "../shared/container-layout.ts";

export interface RunningContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly workspace: string;
  readonly state: string;
}

/** The engine, or undefined where none answers. */
export const engineIfAny = async (): Promise<Engine | undefined> => {
  const { connect } = await import("../engine/connect.ts");
  try {
    return await connect(process.env);
  } catch (error) {
    if (error instanceof SwitchyardError && error.code === "engine.none") return undefined;
    throw error;
  }
};

/** The project's containers, newest first, and those that the user's overrides add. */
export const containersOf = async (engine: Engine, project: string): Promise<RunningContainer[]> => {
  const [{ findContainers }, { observeProject }] = await Promise.all([
    import("../engine/containers.ts"),
    import("../engine/stack/observe.ts"),
  ]);
  const [marked, { services }] = await Promise.all([
    findContainers(engine, { [labels.project]: project }),
    observeProject(engine, project),
  ]);
  const ids = new Set(marked.map(({ id }) => id));
  return [
    ...marked.map((each) => ({
      id: each.id,
      name: each.name,
      service: each.labels[labels.service] ?? services.find(({ id }) => id === each.id)?.service ?? "",
      workspace: each.labels[labels.workspace] ?? "",
      state: each.state,
    })),
    ...services
      .filter(({ id }) => !ids.has(id))
      .map(({ id, container, service, workspace, state }) => ({
        id,
        name: container,
        service,
        workspace,
        state,
      })),
  ];
};
