/**
 * `make bench-check`: CPU of a request through the router against the floor's beside it, for the cases that matter, and a failure (status
 * 1) where one of them is past its ratio in bench/limits.json. By a number of requests, not by time: a busy machine makes it longer, not wrong.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allCases, caseName, type Case } from "./cases.ts";
import { contenders, floor, ours } from "./contenders/index.ts";
import { enter, load, measure, type Entry, type Field } from "./field.ts";
import { exceeded, readLimits, type CheckRow, type Limits } from "./limits.ts";
import { end, endAll, startLoadGenerator, startProvider } from "./processes.ts";
import { spreadOf, type Spread } from "./statistics.ts";
import { number, spread, table } from "./table.ts";

const limitsFile = join(import.meta.dirname, "../../bench/limits.json");
const rounds = 5;
/**
 * Of one round and of the warm-up, by the size of the body: about as long for each. Where chunks come one by one, as a model writes them, the goals are held: there most of
 * what a turn calls once is compiled before.
 */
const amountOf = (each: Case): { round: number; warmUp: number } => {
  if (each.body === "200KB") return { round: 60, warmUp: 200 };
  return { round: 200, warmUp: each.answer === "each" ? 1_200 : 800 };
};
/** No bound but that of the requests. */
const unbounded = 120_000;

/** @throws Error where an answer is wrong */
const cpuOf = async (field: Field, entry: Entry, each: Case): Promise<number> => {
  const bounds = { requests: amountOf(each).round, milliseconds: unbounded };
  // A minute less for all rounds: what the ledger's thread does later is a twentieth, and no limit is so narrow.
  const sample = await measure(field, entry, each, bounds, 0);
  if (typeof sample === "string") throw new Error(`${caseName(each)}, ${entry.contender.name}: ${sample}`);
  return sample.cpuPer1000;
};

const ratioOf = async (field: Field, [own, bare]: readonly [Entry, Entry], each: Case): Promise<Spread> => {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // By turns, who is first too.
    const first = round % 2 === 0 ? own : bare;
    const cpu = new Map<Entry, number>();
    for (const entry of [first, first === own ? bare : own]) cpu.set(entry, await cpuOf(field, entry, each));
    ratios.push(cpu.get(own)! / cpu.get(bare)!);
  }
  return spreadOf(ratios);
};

const entryOf = (field: Field, name: string, form: Case["form"]): Promise<Entry> =>
  enter(
    field,
    contenders.find((each) => each.name === name)!,
    form,
  );

const checkForm = async (
  field: Field,
  form: Case["form"],
  limits: Limits,
  slack: number,
): Promise<CheckRow[]> => {
  const cases = allCases.filter((each) => each.form === form && caseName(each) in limits);
  if (cases.length === 0) return [];
  const pair = [await entryOf(field, ours, form), await entryOf(field, floor, form)] as const;
  const rows: CheckRow[] = [];
  for (const each of cases)
    for (const entry of pair)
      await load(field, entry, each, { requests: amountOf(each).warmUp, milliseconds: unbounded });
  for (const each of cases) {
    const limit = limits[caseName(each)]! * slack;
    let ratio = await ratioOf(field, pair, each);
    // Once more: what else the machine did just then is no regression, and it does not do it twice.
    if (ratio.median > limit) ratio = await ratioOf(field, pair, each);
    rows.push({ name: caseName(each), ratio, limit });
  }
  for (const entry of pair) await end(entry.process!.child);
  return rows;
};

const slackOf = (args: readonly string[]): number => {
  if (args.length === 0) return 1;
  const slack = Number(args[1]);
  if (args[0] !== "--slack" || args.length !== 2 || !(slack >= 1))
    throw new TypeError(
      "usage: node test/bench/check.ts [--slack FACTOR]   a factor of 1 or more on each limit",
    );
  return slack;
};

const main = async (): Promise<number> => {
  let slack: number;
  let limits: Limits;
  try {
    slack = slackOf(process.argv.slice(2));
    limits = readLimits(await readFile(limitsFile, "utf8"));
  } catch (error) {
    process.stderr.write(`bench-check: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const dir = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", endAll);
  try {
    const provider = await startProvider();
    const field: Field = {
      provider: { pid: provider.child.pid!, port: provider.port },
      load: await startLoadGenerator(),
      dir,
    };
    const rows: CheckRow[] = [];
    for (const form of ["anthropic", "chat", "gemini"] as const)
      rows.push(...(await checkForm(field, form, limits, slack)));
    const cells = rows.map(({ name, ratio, limit }) => [name, "", spread(ratio), number(limit)]);
    process.stdout.write(`${table(["CPU a request", "", `${ours} / ${floor}`, "limit"], cells)}\n`);
    const over = exceeded(rows);
    if (over !== undefined) process.stderr.write(`bench-check: ${over}\n`);
    return over === undefined ? 0 : 1;
  } finally {
    endAll();
    await rm(dir, { recursive: true, force: true });
  }
};

process.exitCode = await main();
