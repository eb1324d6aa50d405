/** `switchyard complete profiles|names`: what the completions of shells ask while somebody types; a line for each, `name<TAB>about`. */
import { Argument, type Command } from "commander";
import { readKept } from "../../config/kept-config.ts";
import { type Config, targetName } from "../../config/types.ts";
import { usedTargets } from "../../config/used-targets.ts";
import { print } from "./command.ts";

const kinds = ["profiles", "names"] as const;

export const configure = (command: Command): void => {
  command.addArgument(new Argument("<kind>", "what is asked").choices(kinds)).action(run);
};

/** The one that is kept, else one that is read: here it may be that of the last start of a router. */
const configuration = async (): Promise<Config> =>
  readKept({ env: process.env, keyFiles: true }) ??
  (await import("../configuration.ts")).loadForCommand({}).config;

const run = async (kind: string): Promise<void> => {
  const config = await configuration();
  const { profiles, aliases } = config;
  const lines = [...profiles.values()].map(({ name, description, disabled }) => [
    name,
    disabled ?? description,
  ]);
  lines.push(["default", "what `switchyard use` says"], ["none", "the routes of your configuration"]);
  if (kind === "names") {
    for (const [name, target] of aliases) lines.push([name, targetName(target)]);
    for (const { target, where } of usedTargets(config)) lines.push([targetName(target), where.join(", ")]);
  }
  print(lines.map(([name, about]) => `${name}\t${about?.replaceAll(/\s+/g, " ")}`).join("\n"));
};
