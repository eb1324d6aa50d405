/** The command-line plugins that images are built and services started with. */
import { runDocker } from "../../../engine/docker-cli.ts";
import { messageOf } from "../../../shared/errors.ts";
import { bad, type Check, ok } from "../check.ts";

const plugins = [
  ["compose", ["compose", "version", "--short"], "docker-compose-plugin"],
  ["buildx", ["buildx", "version"], "docker-buildx-plugin"],
] as const;

export const compose: Check = {
  name: "compose",
  about: "the plugins compose and buildx",
  run: ({ engine }) =>
    engine === undefined
      ? []
      : Promise.all(
          plugins.map(async ([name, words, pack]) => {
            const todo = `Install the plugin (Docker's package ${pack}; on Debian: make engine).`;
            try {
              const { status, output } = await runDocker(engine, words);
              const first = output.trim().split("\n")[0] ?? "";
              return status === 0
                ? ok(`${name} ${first}`)
                : bad(`docker ${name} does not run: ${first}`, todo);
            } catch (error) {
              return bad(`docker ${name} does not run: ${messageOf(error)}`, todo);
            }
          }),
        ),
};
