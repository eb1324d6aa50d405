/** `switchyard cooldown clear`: what rests is asked again at once. */
import type { Command } from "commander";
import { SwitchyardError } from "../../shared/errors.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { answerOf, runningRouters } from "../routers/doors.ts";
import { engineIfAny } from "../running.ts";
import { print } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command.command("clear"))
    .summary("end the rests of all, of a provider, or of one model")
    .description("End the rests of all, of a provider (PROVIDER), or of one model (PROVIDER,MODEL).")
    .argument("[target]", "PROVIDER or PROVIDER,MODEL (default: all)")
    .action(clear);
};

const clear = async (target: string | undefined, options: { config?: string }): Promise<void> => {
  const loaded = loadForCommand(options);
  const comma = target?.indexOf(",") ?? -1;
  const provider = target === undefined || comma < 0 ? target : target.slice(0, comma);
  const model = target === undefined || comma < 0 ? undefined : target.slice(comma + 1);
  if (provider !== undefined && !loaded.config.providers.has(provider)) {
    throw new SwitchyardError("route.unknownProvider", {
      detail: provider,
      hint: `Name one of these: ${[...loaded.config.providers.keys()].join(", ")}.`,
    });
  }
  const { host, port } = loaded.config.server;
  const doors = await runningRouters(loaded, await engineIfAny(), { host, port });
  if (doors.length === 0) throw new SwitchyardError("router.none", { detail: loaded.project });
  const failed: string[] = [];
  for (const door of doors) {
    const body = JSON.stringify({ ...(provider && { provider }), ...(model && { model }) });
    const answer = await answerOf(door.ask("POST", "/api/cooldowns/clear", body));
    if (typeof answer === "string") failed.push(`${door.name}: ${answer}`);
    else print(`${door.name}: ${Number(answer["cleared"])} cleared`);
  }
  if (failed.length > 0) throw new SwitchyardError("router.refused", { detail: failed.join("\n  ") });
};
