/** What runs of this project: containers, and shells on the host. */
import type { Engine } from "../engine/connect.ts";
import { SwitchyardError } from "../shared/errors.ts";

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

/** The project's containers, those that the user's overrides add among them. */
export const containersOf = async (engine: Engine, project: string): Promise<RunningContainer[]> => {
  const { observeProject } = await import("../engine/stack/observe.ts");
  const { services, fused } = await observeProject(engine, project);
  return [
    ...services.map(({ id, container, service, workspace, state }) => ({
      id,
      name: container,
      service,
      workspace,
      state,
    })),
    ...fused.map(({ id, container, service, workspace, running }) => ({
      id,
      name: container,
      service,
      workspace,
      state: running ? "running" : "exited",
    })),
  ];
};
