/** `switchyard uninstall`: lists all that Switchyard has made on this machine, asks, and removes it. */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { confirm, isCancel } from "@clack/prompts";
import type { Command } from "commander";
import { hostShells } from "../../fuse/host-runs.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { keysFile } from "../../shared/paths.ts";
import { configOption, type Place, placeToLookAt } from "../configuration.ts";
import { announcedRouters } from "../routers/announced.ts";
import { engineIfAny } from "../running.ts";
import { table } from "../ui/table.ts";
import { type Lot, thingsMade } from "../uninstall/things.ts";
import { print, say, setExitStatus } from "./command.ts";

interface Options {
  config?: string;
  yes?: boolean;
  dryRun?: boolean;
  keys?: boolean;
  configuration?: boolean;
  keepShared?: boolean;
}

export const configure = (command: Command): void => {
  configOption(command)
    .option("-y, --yes", "do not ask")
    .option("-n, --dry-run", "print what would be removed")
    .option("--keys", "your keys too (keys.env)")
    .option("--configuration", "your configuration too (config/switchyard.yaml, or the file of --config)")
    .option("--keep-shared", "images and installed clients stay, which other checkouts use as well")
    .addHelpText(
      "after",
      "\nWithout --keys and --configuration what you wrote yourself stays. The checkout itself is yours to delete.",
    )
    .action(run);
};

/** What runs would write it all again, or lose its ground. @throws SwitchyardError stack.busy */
const refuseWhileRunning = ({ stateDir }: Place): void => {
  const shells = hostShells(stateDir).map(
    ({ pid, workspace }) => `a shell on the host (process ${pid}, ${workspace})`,
  );
  const routers = announcedRouters(stateDir).map((url) => `a router that was started by hand (${url})`);
  const running = [...shells, ...routers];
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
  const chosen = {
    keys: options.keys === true,
    shared: options.keepShared !== true,
    configuration: options.configuration === true ? configuration : undefined,
  };
  const lots = await thingsMade(place, engine, chosen, process.env);
  const things = lots.flatMap((lot) => lot.things);
  if (things.length === 0) return say("there is nothing of it");
  print(table(things.map(({ kind, name, why }) => [kind, name, why])));
  tellWhatStays(options, configuration);
  if (options.dryRun === true) return;
  refuseWhileRunning(place);
  if (options.yes !== true && !(await agreed(things.length))) {
    say("nothing was removed");
    return setExitStatus(1);
  }
  await removeAll(lots);
  say(`removed; what is left is the checkout itself: ${place.root}`);
};

const tellWhatStays = (options: Options, configuration: string): void => {
  const stay = [
    ...(options.keys === true || !existsSync(keysFile(process.env))
      ? []
      : [`${keysFile(process.env)} (--keys)`]),
    ...(options.configuration === true || !existsSync(configuration)
      ? []
      : [`${configuration} (--configuration)`]),
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

const removeAll = async (lots: readonly Lot[]): Promise<void> => {
  for (const { remove } of lots) {
    for (const words of await remove()) {
      say(`stays: ${words}`);
      setExitStatus(1);
    }
  }
};
