/** `switchyard use NAME`: the profile that serves, from now on, what is asked without one. */
import type { Command } from "commander";
import { usableProfile } from "../../config/known-profile.ts";
import { noProfileNames } from "../../config/resolve-profiles.ts";
import { accessDir } from "../../shared/access-files.ts";
import { writeDefaultProfile } from "../../shared/default-profile.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { answerOf, runningRouters } from "../routers/doors.ts";
import { engineIfAny } from "../running.ts";
import { print, say } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command)
    .argument("[name]", `a profile (switchyard profiles), or ${noProfileNames.join(" or ")}: none`)
    .option("--none", "no profile: the routes of the configuration")
    .addHelpText(
      "after",
      "\nSessions that run follow with their next message. Those that were started on a profile of their own keep it.",
    )
    .action(run);
};

/** The name, or null for none. @throws SwitchyardError usage.invalid */
const chosen = (name: string | undefined, none: boolean): string | null => {
  if (none === (name !== undefined))
    throw new SwitchyardError("usage.invalid", {
      detail: none ? `${name ?? ""} and --none` : "no profile is named",
      hint: "Name one of `switchyard profiles`, or say --none.",
    });
  return name === undefined || noProfileNames.includes(name.toLowerCase()) ? null : name;
};

const run = async (
  named: string | undefined,
  options: { config?: string; none?: boolean },
): Promise<void> => {
  const name = chosen(named, options.none === true);
  const loaded = loadForCommand(options);
  if (name !== null) usableProfile(name, loaded.config);
  const { host, port } = loaded.config.server;
  const doors = await runningRouters(loaded, await engineIfAny(), { host, port });
  const failed: string[] = [];
  for (const door of doors) {
    const answer = await answerOf(door.ask("PUT", "/api/profile", JSON.stringify({ name })));
    if (typeof answer === "string") failed.push(`${door.name}: ${answer}`);
    else print(`${door.name}: ${name ?? "no profile"}`);
  }
  if (failed.length > 0) throw new SwitchyardError("router.refused", { detail: failed.join("\n  ") });
  // A fused container keeps a file of its own; all others of the project have this one.
  if (doors.some(({ kind }) => kind !== "fused")) return;
  writeDefaultProfile(accessDir(loaded.stateDir), name ?? undefined);
  if (doors.length > 0) return;
  print(name ?? "no profile");
  say("no router runs: it counts for those that are started on this machine and by make up");
};
