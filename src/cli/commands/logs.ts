/** `switchyard logs`: the router's log, of the containers of this project and of shells on the host. */
import { existsSync, openSync, readFileSync, readSync, closeSync, statSync, watchFile } from "node:fs";
import { InvalidArgumentError, type Command } from "commander";
import { routerLogFile } from "../../fuse/host.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { containersOf, engineIfAny } from "../running.ts";
import { print, say } from "./command.ts";

interface Options {
  config?: string;
  follow?: boolean;
  lines: number;
}

const count = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return Number(text);
};

export const configure = (command: Command): void => {
  configOption(command)
    .option("-f, --follow", "go on with what comes, until Ctrl-C")
    .option("-n, --lines <number>", "how many of the last lines", count, 200)
    .action(run);
};

const run = async (options: Options): Promise<void> => {
  const { project, stateDir } = loadForCommand(options);
  const engine = await engineIfAny();
  const containers = engine === undefined ? [] : await containersOf(engine, project);
  const file = routerLogFile(stateDir);
  if (containers.length === 0 && !existsSync(file)) return say("there is no log yet: nothing has run");

  const stop = new AbortController();
  if (options.follow === true) process.once("SIGINT", () => stop.abort());
  const following: Promise<void>[] = [];
  if (existsSync(file)) {
    say(`shells on the host: ${file}`);
    const text = readFileSync(file, "utf8").trimEnd().split("\n").slice(-options.lines).join("\n");
    if (text !== "") print(text);
    if (options.follow === true) following.push(followFile(file, stop.signal));
  }
  if (engine !== undefined) {
    const { containerLog, followLog } = await import("../../engine/containers.ts");
    for (const each of containers) {
      say(`container ${each.name} (${each.workspace})`);
      if (options.follow === true)
        following.push(followLog(engine, each.id, process.stdout, stop.signal, options.lines));
      else print(await containerLog(engine, each.id, options.lines));
    }
  }
  await Promise.all(following);
};

/** Prints what is appended to a file, until `signal` aborts. */
const followFile = (file: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    let at = statSync(file).size;
    const watcher = watchFile(file, { interval: 300 }, (now) => {
      // It was moved aside, and begins anew.
      if (now.size < at) at = 0;
      const piece = Buffer.alloc(now.size - at);
      if (piece.length === 0) return;
      const handle = openSync(file, "r");
      const read = readSync(handle, piece, 0, piece.length, at);
      closeSync(handle);
      at += read;
      process.stdout.write(piece.subarray(0, read));
    });
    signal.addEventListener("abort", () => {
      watcher.removeAllListeners();
      watcher.unref();
      resolve();
    });
  });
