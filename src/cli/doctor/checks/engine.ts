/** A Docker Engine answers. */
import { messageOf } from "../../../shared/errors.ts";
import { bad, type Check, note, ok } from "../check.ts";

export const engine: Check = {
  name: "engine",
  about: "the Docker Engine",
  run: ({ engine: found, engineProblem, loaded }) => {
    if (found !== undefined) return [ok(`Docker Engine ${found.version} (${found.address.host})`)];
    const isRequired = loaded?.config.stack.runtime === "docker";
    const words = messageOf(engineProblem);
    const todo = "Start it (on Debian: make engine). Without one, shells run on the host, without isolation.";
    return [isRequired ? bad(words, todo) : note(words, todo)];
  },
};
