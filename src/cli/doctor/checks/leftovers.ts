/** Containers of this project that nobody comes back to: never started, dead, or of a workspace that is gone. */
import { existsSync } from "node:fs";
import { removeContainer } from "../../../engine/containers.ts";
import { containersOf } from "../../running.ts";
import { type Check, note } from "../check.ts";

export const leftovers: Check = {
  name: "leftovers",
  about: "containers that nobody comes back to",
  run: async ({ engine, loaded }) => {
    if (engine === undefined || loaded === undefined) return [];
    const left = (await containersOf(engine, loaded.project)).filter(
      ({ state, workspace }) =>
        ["created", "dead"].includes(state) ||
        (state === "exited" && workspace !== "" && !existsSync(workspace)),
    );
    return left.map(({ id, name, state, workspace }) =>
      note(
        `the container ${name} is ${state}${workspace === "" || existsSync(workspace) ? "" : `, and its workspace ${workspace} is gone`}`,
        `docker rm ${name}`,
        { what: `remove the container ${name}`, run: () => removeContainer(engine.docker.getContainer(id)) },
      ),
    );
  },
};
