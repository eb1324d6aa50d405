/** `switchyard status`: what runs of this project, in containers and on the host. */
import type { Command } from "commander";
import { hostShells } from "../../fuse/host.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { containersOf, engineIfAny } from "../running.ts";
import { print } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command).option("--json", "print it as JSON").action(run);
};

const run = async (options: { config?: string; json?: boolean }): Promise<void> => {
  const { project, stateDir } = loadForCommand(options);
  const engine = await engineIfAny();
  const containers = engine === undefined ? [] : await containersOf(engine, project);
  const shells = hostShells(stateDir);
  if (options.json === true) {
    print(
      JSON.stringify(
        { project, stateDir, engine: engine?.version ?? null, containers, hostShells: shells },
        null,
        2,
      ),
    );
    return;
  }
  const lines = [
    `project     ${project}`,
    `state       ${stateDir}`,
    `engine      ${engine === undefined ? "none answers" : engine.version}`,
    ...containers.map((each) => `container   ${each.name}  ${each.state}  ${each.workspace}`),
    ...shells.map((each) => `host shell  process ${each.pid}  ${each.workspace}`),
  ];
  if (containers.length + shells.length === 0) lines.push("nothing runs");
  print(lines.join("\n"));
};
