/** `switchyard upgrade client|litellm|cliproxyapi`: moves a pinned version once the new one has worked, and back. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { loadConfig } from "../../config/load.ts";
import { mergeYaml, removeYaml } from "../../config/yaml-merge.ts";
import { treeAt } from "../../config/tree.ts";
import { accessDir } from "../../shared/access-files.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { readText } from "../../shared/text-file.ts";
import { configOption, loadForCommand, type Loaded } from "../configuration.ts";
import { write } from "../import/write.ts";
import { heading } from "../init/draft.ts";
import { newest } from "../upgrade/newest.ts";
import { readSteps, writeSteps } from "../upgrade/record.ts";
import { upgradable, type Upgradable } from "../upgrade/smoke.ts";
import { say } from "./command.ts";

interface Options {
  config?: string;
  to?: string;
  back?: boolean;
}

const exactVersion = (text: string): string => {
  if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(text)) throw new InvalidArgumentError("It is a version, as 2.1.329.");
  return text;
};

export const configure = (command: Command): void => {
  configOption(command)
    .addArgument(new Argument("<what>", "what is moved").choices(Object.keys(upgradable)))
    .option(
      "--to <version>",
      "the new version (by default the newest that npm, pip or Go knows)",
      exactVersion,
    )
    .option("--back", "the version before, which is known to work")
    .addHelpText(
      "after",
      "\nThe new version is installed apart and tried first: one turn of the client without any provider, or a list of models. Only then the pin in your configuration moves.\nWhat runs keeps its version; the next shell, or switchyard up, takes the new one.",
    )
    .action(run);
};

const run = async (what: Upgradable, options: Options): Promise<void> => {
  if (options.back === true && options.to !== undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: "--back and --to name two versions",
      hint: "Give one.",
    });
  const loaded = loadForCommand(options);
  const file = resolve(options.config ?? join(loaded.root, "config", "switchyard.yaml"));
  if (options.back === true) return goBack(what, loaded, file);
  const now = loaded.config.stack[what].version;
  const { title, smoke } = upgradable[what];
  const to = options.to ?? exactVersion(await newest(what, title, process.env));
  if (to === now) return say(`${title} is ${now} already`);
  await smoke({ version: to, env: process.env, say });
  const from = pinnedIn(loaded, file);
  pin(what, to, loaded, file);
  writeSteps(loaded.stateDir, [
    ...readSteps(loaded.stateDir),
    { of: what, from: from(what) ? now : null, to },
  ]);
  say(`${title}: ${now} -> ${to}; it works. Back: switchyard upgrade ${what} --back`);
};

/** Whether the user's own file names a version. */
const pinnedIn = ({ source }: Loaded, file: string): ((what: Upgradable) => boolean) => {
  if (!existsSync(file)) return () => false;
  const ofDefaults = (what: Upgradable): string | undefined =>
    treeAt(source.defaults, ["stack", what, "version"])?.at.file;
  return (what) => treeAt(source.tree, ["stack", what, "version"])?.at.file !== ofDefaults(what);
};

/** @param version null: none, so that the default's counts */
const pin = (what: Upgradable, version: string | null, loaded: Loaded, file: string): void => {
  const before = existsSync(file) ? readText(file) : undefined;
  const after =
    version === null
      ? removeYaml(before ?? heading, ["stack", what, "version"])
      : mergeYaml(before ?? heading, { stack: { [what]: { version } } }).text;
  const config = loadConfig({ env: process.env, file, fileText: after });
  const backups = join(accessDir(loaded.stateDir), "config-backups");
  const backup = write({ file, before, after, replaced: [], config }, backups, Date.now());
  if (backup !== undefined) say(`the file before is kept as ${backup}`);
};

const goBack = (what: Upgradable, loaded: Loaded, file: string): void => {
  const steps = readSteps(loaded.stateDir);
  const at = steps.findLastIndex(({ of }) => of === what);
  const last = steps[at];
  const { title } = upgradable[what];
  const now = loaded.config.stack[what].version;
  if (last === undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: `no upgrade of ${title} is known`,
      hint: `Name a version: switchyard upgrade ${what} --to VERSION.`,
    });
  if (last.to !== now)
    throw new SwitchyardError("usage.invalid", {
      detail: `${title} was moved to ${last.to}, and the configuration says ${now} since`,
      hint: `Name a version: switchyard upgrade ${what} --to VERSION.`,
    });
  pin(what, last.from, loaded, file);
  writeSteps(loaded.stateDir, steps.toSpliced(at, 1));
  say(`${title}: ${now} -> ${last.from ?? "the default's version"}`);
};
