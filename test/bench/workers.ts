/**
 * What several workers cost a turn: routers that differ in `server.workers` alone, by turns on the same provider. `node test/bench/workers.ts [rounds] [requests of a round] [short | paced] [connections]`.
 * CPU of all processes of the router together: what one core more would give can only be seen where one is free. `short` answers keep the machine busy, and the less a process
 * finds at each wake-up the more a turn costs it; with `paced` ones, of a provider that takes its time, one and several have the same turns a second to do. The pipe, one and two that
 * share nothing, shows what of it is the machine's.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { answerNames } from "./answers.ts";
import { pipesByWorkers } from "./contenders/pipe.ts";
import { byWorkers } from "./contenders/switchyard.ts";
import { describeFaults, enter, load, type Entry, type Field } from "./field.ts";
import { cpuSeconds, residentMegabytes } from "./proc.ts";
import { endAll, startLoadGenerator, startProvider } from "./processes.ts";
import { spreadOf } from "./statistics.ts";

const rounds = Number(process.argv[2] ?? 6);
const requests = Number(process.argv[3] ?? 1_000);
const wanted = process.argv[4] ?? "short";
const answer = answerNames.find((name) => name === wanted);
if (answer === undefined) throw new TypeError(`${wanted} is none of ${answerNames.join(", ")}`);
const connections = Number(process.argv[5] ?? 10);
/** So long after a slice the ledger's thread and the workers' reports are done; milliseconds. */
const after = 1_500;

const cpuPerRequest = async (field: Field, entry: Entry): Promise<number> => {
  const before = cpuSeconds(entry.process!.pid);
  const bounds = { requests, milliseconds: 120_000 };
  const report = await load(field, entry, { stream: true, answer, body: "2KB", connections }, bounds);
  if (report.completed < requests) throw new Error(`${entry.contender.name}: ${describeFaults(report)}`);
  await pause(after);
  return ((cpuSeconds(entry.process!.pid) - before) * 1_000) / requests;
};

const dir = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
try {
  const provider = await startProvider();
  const generator = await startLoadGenerator();
  const field: Field = { provider: { pid: provider.child.pid!, port: provider.port }, load: generator, dir };
  for (const pair of [...byWorkers, pipesByWorkers]) {
    const entries: Entry[] = [];
    for (const contender of pair) entries.push(await enter(field, contender, "chat"));
    const found = entries.map((): number[] => []);
    // The first round warms up.
    for (let round = -1; round < rounds; round++)
      for (const [i, entry] of round % 2 === 0
        ? [...entries.entries()]
        : [...entries.entries()].toReversed()) {
        const cpu = await cpuPerRequest(field, entry);
        if (round >= 0) found[i]!.push(cpu);
      }
    const ratio = spreadOf(found[1]!.map((two, i) => two / found[0]![i]!));
    for (const [i, entry] of entries.entries()) {
      const { median } = spreadOf(found[i]!);
      const memory = residentMegabytes(entry.process!.pid).toFixed(0);
      process.stdout.write(`${entry.contender.name}: ${median.toFixed(3)} ms CPU a turn, ${memory} MB\n`);
    }
    process.stdout.write(
      `two against one: ${ratio.median.toFixed(3)} (${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)})\n`,
    );
  }
} finally {
  endAll();
  await rm(dir, { recursive: true, force: true });
}
