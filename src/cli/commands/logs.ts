/** `switchyard logs`: the logs of all containers of this project and of shells on the host, as one. */
import { dirname } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { logTime } from "../../engine/log-reader.ts";
import { routerLogFile } from "../../fuse/host-serving.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { configOption, loadForCommand } from "../configuration.ts";
import { ContainerLogs } from "../logs/containers.ts";
import { createCollator, type Entry, mergeByTime } from "../logs/entry.ts";
import { HostLogs, hostServices } from "../logs/host.ts";
import { redactionOf, secretsOfState } from "../logs/redaction.ts";
import { Names, renderAsJson, renderForPerson } from "../logs/render.ts";
import { parseSince } from "../logs/since.ts";
import { containersOf, engineIfAny, type RunningContainer } from "../running.ts";
import { painter, wantsColour } from "../ui/colour.ts";
import { print, say } from "./command.ts";

interface Options {
  config?: string;
  follow?: boolean;
  json?: boolean;
  lines?: number;
  service?: string[];
  since?: Date;
}

/** Lines shown where neither their number nor a time is asked for. */
const usualLines = 200;

const count = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return Number(text);
};

/** `--since` in the form in which times of logs are compared. */
const sinceTime = ({ since }: Options): string | undefined =>
  since === undefined ? undefined : logTime(since.toISOString());

export const configure = (command: Command): void => {
  configOption(command)
    .option(
      "-s, --service <name>",
      "only this service; may be given more than once",
      (name: string, before: string[] | undefined) => [...(before ?? []), name],
    )
    .option(
      "--since <time>",
      "from when on: 90s, 10m, 2h, 1d, 21:30, 2026-11-21T10:00 (local time)",
      (text) => parseSince(text),
    )
    .option("-f, --follow", "go on with what comes, until Ctrl-C")
    .option(
      "-n, --lines <number>",
      `how many of the last lines, of all services together (default: ${usualLines}; with --since all)`,
      count,
    )
    .option("--json", "JSON lines: what the service wrote, with time and service")
    .action(run);
};

/** @throws SwitchyardError usage.invalid for a name that is not among those that have a log */
const checkServices = (asked: readonly string[], there: readonly string[]): void => {
  const unknown = asked.filter((name) => !there.includes(name));
  if (unknown.length === 0) return;
  throw new SwitchyardError("usage.invalid", {
    detail: `no log of the service '${unknown.join("', '")}'`,
    hint: `There are: ${[...new Set(there)].toSorted().join(", ")}.`,
  });
};

/** How lines are written: each with all secrets taken out. */
const writer = (
  options: Options,
  secrets: readonly string[],
  names: Names,
): ((entries: readonly Entry[]) => void) => {
  const redaction = redactionOf(secrets);
  const coloured = wantsColour(process.env, process.stdout);
  const style = { redaction, coloured, paint: painter(coloured) };
  return (entries) => {
    // All names first: they share a column.
    for (const { source } of entries) names.add(source);
    const lines = entries.map((entry) =>
      options.json === true ? renderAsJson(entry, style) : renderForPerson(entry, names, style),
    );
    if (lines.length > 0) print(`${lines.join("\n")}\n`);
  };
};

const run = async (options: Options): Promise<void> => {
  const stop = new AbortController();
  if (options.follow === true) process.once("SIGINT", () => stop.abort());
  const { config, project, stateDir } = loadForCommand(options);
  const chosen = (service: string): boolean => options.service?.includes(service) ?? true;
  const folder = dirname(routerLogFile(stateDir));
  const engine = await engineIfAny();
  if (engine === undefined) say("no Docker Engine answers: only logs of shells on the host can be shown");
  const containers = engine === undefined ? [] : await containersOf(engine, project);
  const there = [...containers.map(({ service }) => service), ...hostServices(folder)];
  if (there.length === 0) {
    say(
      `there is no log yet: nothing has run${options.follow === true ? " (waiting for it; Ctrl-C ends)" : ""}`,
    );
    if (options.follow !== true) return;
  } else checkServices(options.service ?? [], there);

  const names = new Names();
  const mine = containers.filter(({ service }) => chosen(service));
  for (const each of mine.toSorted((a, b) => (a.service < b.service ? -1 : 1))) names.add(each);
  const write = writer(options, [...config.secrets, ...secretsOfState(stateDir)], names);
  const host = new HostLogs(folder, chosen);
  const since = sinceTime(options);
  const logs =
    engine === undefined
      ? undefined
      : new ContainerLogs({
          engine,
          project,
          chosen,
          say,
          ...(since !== undefined && { since }),
        });
  write(await past(options, host, logs, mine));
  if (options.follow === true) await follow(host, logs, write, stop.signal);
  host.close();
};

/** The lines that are there, all logs in one order. */
const past = async (
  options: Options,
  host: HostLogs,
  logs: ContainerLogs | undefined,
  containers: readonly RunningContainer[],
): Promise<Entry[]> => {
  const since = sinceTime(options) ?? "";
  const lines = options.lines ?? (options.since === undefined ? usualLines : undefined);
  const fromHost = host.past().map((log) => log.filter(({ time }) => time >= since));
  const fromContainers = (await logs?.past(containers, lines, options.follow === true)) ?? [];
  const all = mergeByTime([...fromHost, ...fromContainers]);
  return lines === undefined ? all : all.slice(Math.max(0, all.length - lines));
};

const follow = async (
  host: HostLogs,
  logs: ContainerLogs | undefined,
  write: (entries: readonly Entry[]) => void,
  signal: AbortSignal,
): Promise<void> => {
  const collator = createCollator(write);
  const onEntry = (entry: Entry): void => collator.push(entry);
  await Promise.all([host.follow(onEntry, signal), logs?.follow(onEntry, signal)]);
  collator.flush();
};
