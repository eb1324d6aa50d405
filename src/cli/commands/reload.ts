/** `switchyard reload`: the changed configuration reaches whatever router of this project runs. */
import type { Command } from "commander";
import { SwitchyardError } from "../../shared/errors.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { runningRouters } from "../routers/doors.ts";
import { reloadRouters } from "../routers/reload.ts";
import { engineIfAny } from "../running.ts";
import { print, say } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command)
    .addHelpText(
      "after",
      "\nChecked here first: with an error in it nothing changes anywhere. Answers under way keep the configuration that they began with.",
    )
    .action(run);
};

const run = async (options: { config?: string }): Promise<void> => {
  const loaded = loadForCommand(options);
  const { host, port } = loaded.config.server;
  const engine = await engineIfAny();
  const doors = await runningRouters(loaded, engine, { host, port });
  if (doors.length === 0) {
    throw new SwitchyardError("router.none", { detail: loaded.project });
  }
  const results = await reloadRouters(loaded, engine, doors);
  for (const { name, outcome, needsRestart } of results) {
    if (outcome === undefined) continue;
    print(`${name}: ${outcome}`);
    if (needsRestart.length > 0) say(`${name}: counts from its next start: ${needsRestart.join(", ")}`);
  }
  if (doors.some(({ kind }) => kind === "stack"))
    say("LiteLLM keeps what it was started with: switchyard up brings it up to date");
  const failed = results.filter(({ problem }) => problem !== undefined);
  if (failed.length > 0) {
    throw new SwitchyardError("reload.refused", {
      detail: failed.map(({ name, problem }) => `${name}: ${problem ?? ""}`).join("\n  "),
    });
  }
};
