/** `switchyard uninstall`: lists all that Switchyard has made on this machine, asks, and removes it. */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { confirm, isCancel } from "@clack/prompts";
import { type Command, Option } from "commander";
import { hostShells } from "../../fuse/host-runs.ts";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { keysFile } from "../../shared/paths.ts";
import { configOption, type Place, placeToLookAt } from "../configuration.ts";
import { announcedRouters } from "../routers/announced.ts";
import { engineIfAny } from "../running.ts";
import { table } from "../ui/table.ts";
import { type OtherProject, otherProjects } from "../uninstall/others.ts";
import { stateFolder } from "../uninstall/state-folder.ts";
import { type Lot, thingsMade } from "../uninstall/things.ts";
import { print, say, setExitStatus } from "./command.ts";

interface Options {
  config?: string;
  yes?: boolean;
  dryRun?: boolean;
  keys?: boolean;
  configuration?: boolean;
  shared?: boolean;
  keepShared?: boolean;
}

export const configure = (command: Command): void => {
  configOption(command)
    .option("-y, --yes", "do not ask")
    .option("-n, --dry-run", "print what would be removed")
    .option("--keys", "your keys too (keys.env)")
    .option(
      "--configuration",
      "your configuration too (config/switchyard.yaml or the file of --config, and compose/override.yaml)",
    )
    .option("--shared", "what all checkouts share goes even where other projects of yours use it")
    .addOption(
      new Option(
        "--keep-shared",
        "what all checkouts share stays even where no other project is known",
      ).conflicts("shared"),
    )
    .addHelpText(
      "after",
      "\nAll checkouts share images, installed clients and the price list: they stay where another project of yours is there.\nWithout --keys and --configuration what you wrote yourself stays. The checkout itself is yours to delete.",
    )
    .action(run);
};

/** What runs would write it all again, or lose its ground. @throws SwitchyardError stack.busy */
const refuseWhileRunning = (stateDirs: readonly string[]): void => {
  const running = stateDirs.flatMap((stateDir) => [
    ...hostShells(stateDir).map(({ pid, workspace }) => `a shell on the host (process ${pid}, ${workspace})`),
    ...announcedRouters(stateDir).map((url) => `a router that was started by hand (${url})`),
  ]);
  if (running.length === 0) return;
  throw new SwitchyardError("stack.busy", {
    detail: running.join(", "),
    hint: "End it, then try again. Nothing was removed.",
  });
};

/** The file of --config can be any path. @throws SwitchyardError usage.invalid: it is not the user's to lose */
const refuseForeign = (configuration: string, { root }: Place): void => {
  const isFile = !existsSync(configuration) || statSync(configuration).isFile();
  if (isFile && configuration !== join(root, "config", "default.yaml")) return;
  throw new SwitchyardError("usage.invalid", {
    detail: `${configuration} is ${isFile ? "the checkout's own" : "no file"}, and --configuration would remove it`,
    hint: "Name your own file: --config FILE. Nothing was removed.",
  });
};

const run = async (options: Options): Promise<void> => {
  const place = placeToLookAt(options, say);
  const engine = await engineIfAny();
  if (engine === undefined)
    say("no Docker Engine answers: what is there of containers, volumes and images is not seen");
  const configuration = resolve(options.config ?? join(place.root, "config", "switchyard.yaml"));
  if (options.configuration === true) refuseForeign(configuration, place);
  const others = await otherProjects(place, engine, process.env);
  const withShared = options.keepShared !== true && (options.shared === true || others.length === 0);
  const chosen = {
    keys: options.keys === true,
    configuration: options.configuration === true ? configuration : undefined,
  };
  const made = await thingsMade(place, engine, chosen, process.env);
  const lots = made.filter(({ shared }) => withShared || shared !== true);
  const things = lots.flatMap((lot) => lot.things);
  tellShared(made, others, withShared);
  if (things.length === 0) return say("there is nothing of it");
  print(table(things.map(({ kind, name, why }) => [kind, name, why])));
  tellWhatStays(options, configuration, place);
  if (options.dryRun === true) return;
  const besides = withShared ? others.flatMap(({ stateDir }) => stateDir ?? []) : [];
  refuseWhileRunning([place.stateDir, ...besides]);
  if (options.yes !== true && !(await agreed(things.length))) {
    say("nothing was removed");
    return setExitStatus(1);
  }
  if (await removeAll(lots)) return say(`removed; what is left is the checkout itself: ${place.root}`);
  say("the rest is removed; once that is mended, run it again");
  setExitStatus(1);
};

/** What all checkouts share, and who uses it: what goes for all of them, or stays. */
const tellShared = (made: readonly Lot[], others: readonly OtherProject[], goes: boolean): void => {
  const names = made.flatMap(({ shared, things }) => (shared === true ? things.map(({ name }) => name) : []));
  if (names.length === 0 || (goes && others.length === 0)) return;
  const users =
    others.length === 0 ? "" : `; other projects use it: ${others.map(({ name }) => name).join(", ")}`;
  if (goes) say(`this goes for all checkouts: ${names.join(", ")}${users}`);
  else
    say(
      `stays, for all checkouts share it: ${names.join(", ")}${users || " (--keep-shared)"}${others.length > 0 ? " (--shared removes it)" : ""}`,
    );
};

const tellWhatStays = (options: Options, configuration: string, { stateDir }: Place): void => {
  const overrides = stateFolder(stateDir)?.overrides ?? [];
  const stay = [
    ...(options.keys === true || !existsSync(keysFile(process.env))
      ? []
      : [`${keysFile(process.env)} (--keys)`]),
    ...(options.configuration === true || !existsSync(configuration)
      ? []
      : [`${configuration} (--configuration)`]),
    ...(options.configuration === true ? [] : overrides.map((file) => `${file} (--configuration)`)),
  ];
  if (stay.length > 0) say(`stays: ${stay.join(", ")}`);
};

/** @throws SwitchyardError usage.invalid where nobody can be asked */
const agreed = async (count: number): Promise<boolean> => {
  if (!process.stdin.isTTY)
    throw new SwitchyardError("usage.invalid", {
      detail: "uninstall asks before it removes, and there is no terminal to ask on",
      hint: "Add --yes. Nothing was removed.",
    });
  const answer = await confirm({
    message: `Remove ${count === 1 ? "it" : `all ${count}`}?`,
    initialValue: false,
    output: process.stderr,
  });
  return !isCancel(answer) && answer;
};

/** What fails keeps nothing else from being removed, and is told. @returns whether all of it is gone */
const removeAll = async (lots: readonly Lot[]): Promise<boolean> => {
  let isAll = true;
  for (const { things, remove } of lots) {
    const names = things.map(({ name }) => name).join(", ");
    const stays = await Promise.resolve()
      .then(remove)
      .catch((error: unknown) => [`${names}: ${messageOf(error)}`]);
    for (const words of stays) say(`stays: ${words}`);
    isAll &&= stays.length === 0;
  }
  return isAll;
};
