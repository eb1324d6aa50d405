/** `switchyard profiles`: which there are, what each asks, and what it lacks. */
import type { Command } from "commander";
import { knownProfile } from "../../config/known-profile.ts";
import { isAboutProfileFile } from "../../config/profile-files.ts";
import { type ProfileConfig, type Route, targetName } from "../../config/types.ts";
import { accessDir } from "../../shared/access-files.ts";
import { readDefaultProfile } from "../../shared/default-profile.ts";
import { configOption, loadForCommand, type Loaded } from "../configuration.ts";
import { table } from "../ui/table.ts";
import { print, say } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command.command("list", { isDefault: true }))
    .summary("all of them")
    .description("List the profiles: files of config/profiles/, and entries under `profiles`.")
    .option("--json", "as JSON")
    .action(list);
  configOption(command.command("show"))
    .summary("what one of them asks, and what its client is told")
    .description("Show a profile: its routes, and what its client is told.")
    .argument("<name>", "of the profile")
    .option("--json", "as JSON")
    .action(show);
};

const defaultOf = ({ stateDir, config }: Loaded): string | undefined => {
  const name = readDefaultProfile(accessDir(stateDir));
  if (name === undefined || config.profiles.has(name)) return name;
  say(`the profile ${JSON.stringify(name)} is chosen, and the configuration has none of that name`);
  return undefined;
};

/** For one line of a terminal. */
const plainLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ").trim();

const names = (use: Route["use"]): string[] => use.map(targetName);

const shown = (profile: ProfileConfig, isDefault: boolean): Record<string, unknown> => {
  const { routes, models, disabled, ...rest } = profile;
  return {
    ...rest,
    default: isDefault,
    disabled: disabled ?? null,
    models: Object.fromEntries(Object.entries(models).map(([model, use]) => [model, names(use)])),
    routes: Object.fromEntries(Object.entries(routes).map(([route, { use }]) => [route, names(use)])),
  };
};

const list = (options: { config?: string; json?: boolean }): void => {
  const loaded = loadForCommand(options);
  const all = [...loaded.config.profiles.values()];
  const chosen = defaultOf(loaded);
  for (const notice of loaded.config.notices) if (isAboutProfileFile(notice)) say(notice);
  if (options.json === true)
    return print(
      JSON.stringify(
        all.map((each) => shown(each, each.name === chosen)),
        null,
        2,
      ),
    );
  if (all.length === 0) return print("there are no profiles");
  const rows = all.map(({ name, description, disabled }) => [
    name,
    [...(name === chosen ? ["default"] : []), ...(disabled === undefined ? [] : [disabled])].join("; ") ||
      "ready",
    plainLine(description),
  ]);
  print(table([["PROFILE", "STATE", "ABOUT"], ...rows]));
};

const show = (name: string, options: { config?: string; json?: boolean }): void => {
  const loaded = loadForCommand(options);
  const profile = knownProfile(name, loaded.config);
  const isDefault = defaultOf(loaded) === name;
  if (options.json === true) return print(JSON.stringify(shown(profile, isDefault), null, 2));
  const { description, disabled, file, routes, tierFirst, clientEnv } = profile;
  const lines = [
    ...(description === "" ? [] : [["about", plainLine(description)]]),
    ["file", file],
    ["state", disabled ?? (isDefault ? "ready, and the default" : "ready")],
    ["served", `under /p/${name}/`],
    ...Object.entries(routes).map(([route, { use }]) => [route, names(use).join(", then ")]),
    ...(tierFirst ? [["order", "tiers before background and think"]] : []),
    ...Object.entries(clientEnv).map(([variable, value]) => ["client", `${variable}=${value}`]),
  ];
  print(table(lines));
};
