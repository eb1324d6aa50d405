/**
 * `make bench`: the router beside the direct call, the floor and a peer, on one loopback provider, in one run, in turn; what the ledger costs, how it
 * answers, and the dashboard.
 *
 * Only ratios within a run mean something: the machine's other work is in every figure. The provider and the load
 * generator are processes of their own; how busy they were stands beside each figure, so that a figure that shows their
 * limit and not the contender's can be told. Every answer is checked; a contender with a wrong one has no figures.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { cpus, release, tmpdir, totalmem, type as systemType } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { allCases, quickCases } from "./cases.ts";
import type { Contender } from "./contenders/contender.ts";
import { baseline, contenders } from "./contenders/index.ts";
import { goalsOf } from "./goals.ts";
import { parseOptions, usage, type Options } from "./options.ts";
import { goalsOfParts, measureParts } from "./parts.ts";
import { machineBusy } from "./proc.ts";
import { end, endAll, startLoadGenerator, startProvider } from "./processes.ts";
import { terminalReport } from "./report.ts";
import type { ProcessResult, Results } from "./results.ts";
import {
  coldStarts,
  enterAll,
  memoryOf,
  messageOf,
  rounds,
  summarise,
  warmUp,
  type Start,
} from "./stages.ts";
import { spreadOf } from "./statistics.ts";
import type { Entry, Field } from "./field.ts";

const root = join(import.meta.dirname, "../..");
const progress = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

const commit = (): string => {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
};

/** Those that take part and could be installed. */
const preparedContenders = async (
  options: Options,
  failures: Map<string, string>,
): Promise<readonly Contender[]> => {
  const ready: Contender[] = [];
  for (const each of contenders) {
    if (each.name !== baseline && options.contenders?.includes(each.name) === false) continue;
    try {
      await each.prepare?.();
      ready.push(each);
    } catch (error) {
      for (const form of each.forms) failures.set(`${each.name} ${form}`, messageOf(error));
    }
  }
  return ready;
};

const processResults = (
  starts: ReadonlyMap<string, readonly Start[]>,
  atRest: ReadonlyMap<Entry, number>,
  afterRun: ReadonlyMap<Entry, number>,
): ProcessResult[] =>
  [...starts].map(([contender, own]) => ({
    contender,
    coldStart: spreadOf(own.map((each) => each.ready)),
    firstAnswer: spreadOf(own.map((each) => each.answer)),
    memory: Object.fromEntries(
      [...atRest]
        .filter(([entry]) => entry.contender.name === contender)
        .map(([entry, before]) => [
          entry.form,
          { atRest: before, afterRun: afterRun.get(entry) ?? Number.NaN },
        ]),
    ),
  }));

/** The routers beside each other. */
const runRouters = async (
  field: Field,
  options: Options,
): Promise<Pick<Results, "contenders" | "processes" | "cases">> => {
  const failures = new Map<string, string>();
  const cases = (options.mode === "quick" ? quickCases : allCases).filter(
    (each) =>
      options.only?.test(
        `${each.form} ${each.stream ? "stream" : "whole"} ${each.body} c${each.connections}`,
      ) !== false,
  );
  progress("installing peers where they are not yet");
  const taking = await preparedContenders(options, failures);
  progress("cold starts");
  const starts = await coldStarts(field, taking, options.coldStarts, failures);
  progress("memory at rest");
  const able = taking.filter((each) => each.name === baseline || starts.has(each.name));
  const entries = await enterAll(field, able, failures);
  await pause(options.settle);
  const atRest = memoryOf(entries);
  progress("warm-up");
  await warmUp(field, entries, cases, options);
  const samples = await rounds(field, entries, cases, options, progress);
  await pause(1000);
  const afterRun = memoryOf(entries);
  for (const entry of entries) if (entry.process !== undefined) await end(entry.process.child);
  return {
    contenders: Object.fromEntries(
      contenders
        .filter(
          (each) =>
            taking.includes(each) || [...failures.keys()].some((key) => key.startsWith(`${each.name} `)),
        )
        .map((each) => [each.name, each.about]),
    ),
    processes: processResults(starts, atRest, afterRun),
    cases: summarise(cases, samples, failures),
  };
};

const run = async (options: Options, dir: string): Promise<Results> => {
  const busy = machineBusy();
  const provider = await startProvider();
  const generator = await startLoadGenerator();
  const field: Field = { provider: { pid: provider.child.pid!, port: provider.port }, load: generator, dir };
  const routers = options.parts.includes("routers")
    ? await runRouters(field, options)
    : { contenders: {}, processes: [], cases: [] };
  const parts = await measureParts(field, { ...options, quick: options.mode === "quick" }, progress);
  return {
    date: new Date().toISOString(),
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memoryGB: Math.round(totalmem() / 1e9),
      system: `${systemType()} ${release()}`,
      node: process.versions.node,
    },
    mode: options.mode,
    busy: busy(),
    rounds: options.rounds,
    ...routers,
    goals: [...goalsOf(routers.cases, routers.processes), ...goalsOfParts(parts)],
    parts,
  };
};

const write = async (results: Results, latest: boolean): Promise<string> => {
  const folder = join(root, "bench/results");
  await mkdir(folder, { recursive: true });
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  const text = `${JSON.stringify(results, rounded, 1)}\n`;
  const file = join(folder, `${results.date.replaceAll(":", "-").slice(0, 19)}.json`);
  await writeFile(file, text);
  // What is measured beside the routers does not replace their figures.
  const name = results.cases.length > 0 ? "latest.json" : "parts.json";
  if (latest) await writeFile(join(folder, name), text);
  return file;
};

const main = async (): Promise<number> => {
  let options: Options | undefined;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const dir = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", endAll);
  try {
    const results = await run(options, dir);
    process.stdout.write(terminalReport(results));
    progress(`written to ${await write(results, options.latest)}`);
    return 0;
  } finally {
    endAll();
    await rm(dir, { recursive: true, force: true });
  }
};

process.exitCode = await main();
