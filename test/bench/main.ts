/**
 * `make bench`: the router beside the direct call, two floors and its peers, on one loopback provider, in one run, in turn; what
 * the ledger costs, how it answers, and the dashboard.
 *
 * Only ratios within a run mean something: the machine's other work is in every figure. The provider and the load
 * generator are processes of their own; how busy they were stands beside each figure, so that a figure that shows their
 * limit and not the contender's can be told. Every answer is checked; a contender with a wrong one has no figures.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { cpus, release, tmpdir, totalmem, type as systemType } from "node:os";
import { join } from "node:path";
import { drawChart } from "./chart.ts";
import type { Field } from "./field.ts";
import { goalsOf } from "./goals.ts";
import { parseOptions, usage, type Options } from "./options.ts";
import { goalsOfParts, measureParts } from "./parts.ts";
import { machineBusy } from "./proc.ts";
import { endAll, startLoadGenerator, startProvider } from "./processes.ts";
import { terminalReport } from "./report.ts";
import type { Results } from "./results.ts";
import { runRouters } from "./routers.ts";
import { messageOf } from "./stages.ts";

const root = join(import.meta.dirname, "../..");
const progress = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

const commit = (): string => {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
};

const run = async (options: Options, dir: string): Promise<Results> => {
  const busy = machineBusy();
  const provider = await startProvider();
  const generator = await startLoadGenerator();
  const field: Field = { provider: { pid: provider.child.pid!, port: provider.port }, load: generator, dir };
  const routers = options.parts.includes("routers")
    ? await runRouters(field, options, progress)
    : { contenders: {}, processes: [], cases: [], idle: [], missing: [] };
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
    goals: [...goalsOf(routers.cases, routers.processes, routers.idle), ...goalsOfParts(parts)],
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
  if (latest && results.cases.length > 0) drawChart();
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
