/**
 * The ledger by figures: what an append costs, how fast the journal is taken, and how long questions about a million turns take.
 *   node test/bench/ledger.ts [--turns 1000000] [--folder DIR] [--json]
 * Prints a table, or what `make bench` takes; docs/ledger.md has the last one.
 */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createLedger, type Ledger } from "../../src/router/ledger/ledger.ts";
import { encodeTurn } from "../../src/router/ledger/line.ts";
import type { TurnRecord } from "../../src/router/ledger/record.ts";
import { segmentName } from "../../src/router/ledger/segments.ts";
import type { LedgerFigures } from "./results.ts";
import { spreadOf } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "1000000" },
    folder: { type: "string" },
    json: { type: "boolean" },
  },
});
const turns = Number(values.turns);
const folder = values.folder ?? mkdtempSync(join(tmpdir(), "switchyard-bench-ledger-"));
const day = 86_400_000;
/** Of each question. */
const runs = 15;
const log = { warn: () => undefined, error: () => undefined };
const keeping = { retention: 90 * day, totals: 730 * day };
const now = Date.now();

/** Numbers that look random and are the same each time (mulberry32). */
let seed = 7;
const random = (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
const pick = <Value>(from: readonly Value[]): Value => from[Math.floor(random() ** 2 * from.length)]!;

const targets = Array.from({ length: 20 }, (_, n) => `provider${n % 6},some/model-${n}`);
const rules = ["default", "background", "think", "longContext", "subagent", "webSearch"];
const clientKeys = [null, "laptop", "ci", "desk", "phone"];

interface Session {
  readonly id: string;
  readonly clientKey: string | null;
  /** The model it is led by, and the one for small requests. */
  readonly models: readonly [string, string];
}
let session: Session | undefined;
const sessionOf = (n: number): Session => ({
  id: `5e55${(n / 40).toString(16).padStart(32, "0")}`,
  clientKey: pick(clientKeys),
  models: [pick(targets), pick(targets)],
});

/** The n-th, over 85 days; sessions of 40 turns, each with one client key, a model that leads and one for small requests. */
const turn = (n: number): TurnRecord => {
  if (session === undefined || n % 40 === 0) session = sessionOf(n - (n % 40));
  const rule = pick(rules);
  const target = rule === "background" ? session.models[1] : session.models[0];
  const failed = random() < 0.02;
  return {
    id: `req_${n.toString(16).padStart(24, "0")}`,
    at: Math.floor(now - 85 * day + (n / turns) * 85 * day),
    session: session.id,
    agent: null,
    profile: null,
    clientKey: session.clientKey,
    client: "anthropic",
    asked: "claude-sonnet-4-5",
    rule,
    target,
    attempts: [
      { target, key: "…f3a1", result: failed ? "overloaded" : "served", status: 200, duration: 900 },
    ],
    stream: true,
    tokens: failed
      ? null
      : {
          input: Math.floor(random() * 5_000),
          output: Math.floor(random() * 2_000),
          cacheWrite: Math.floor(random() * 3_000),
          cacheRead: Math.floor(random() * 90_000),
          reasoning: 0,
        },
    cost: failed || random() < 0.1 ? null : random() / 10,
    firstToken: failed ? null : 300 + random() * 2_000,
    duration: 1_000 + random() * 30_000,
    outcome: failed ? "failed" : "done",
    status: failed ? 529 : 200,
    error: failed ? "overloaded_error" : null,
    why: whyOf(rule, n),
  };
};

/** What the rules of a usual configuration say of a turn. */
const whyOf = (rule: string, n: number): NonNullable<TurnRecord["why"]> => [
  { rule: "explicit", matched: false, reason: "an id of Claude's is decided by the rules below" },
  {
    rule: "longContext",
    matched: rule === "longContext",
    reason: `${n % 90_000} tokens are not more than 60000`,
  },
  { rule: "subagent", matched: false, reason: "neither a tag nor a subagent's header" },
  { rule: "background", matched: false, reason: "not a haiku model of Claude's" },
  { rule: "webSearch", matched: false, reason: "no web search tool" },
  { rule: "think", matched: false, reason: "adaptive thinking with effort medium is below high" },
  { rule, matched: true, reason: "no other rule matched" },
];

const print = (line: string): void => {
  if (values.json !== true) process.stdout.write(`${line}\n`);
};
const told = (what: string, figure: string): void => print(`${what.padEnd(64)} ${figure}`);

/** The middle of sorted numbers. */
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** @returns milliseconds, of `times` runs each */
const timesOf = async (run: () => unknown, times: number): Promise<number[]> => {
  const found: number[] = [];
  for (let n = 0; n < times; n++) {
    const began = performance.now();
    await run();
    found.push(performance.now() - began);
  }
  return found;
};

/** @returns microseconds of one */
const appends = (ledger: Ledger): number => {
  const batches: number[] = [];
  const made = Array.from({ length: 1_000 }, (_, n) => turn(n));
  for (let batch = 0; batch < 50; batch++) {
    const records = made.map((each, n) => ({ ...each, id: `${each.id}-${batch}-${n}` }));
    const began = performance.now();
    for (const record of records) ledger.append(record);
    batches.push(performance.now() - began);
  }
  const append = median(batches);
  told("append, of 1,000 in a row: median", `${append.toFixed(1)} µs each`);
  return append;
};

const main = async (): Promise<void> => {
  print(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`);
  const small = join(folder, "small");
  const first = createLedger({ folder: small, keeping, log });
  const append = appends(first);
  await first.close();

  const large = join(folder, "large");
  mkdirSync(large, { recursive: true });
  for (let n = 0; n < turns; n += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, turns - n) }, (_, i) => encodeTurn(turn(n + i)));
    appendFileSync(join(large, segmentName(now)), Buffer.concat(lines));
  }
  const ledger = createLedger({ folder: large, keeping, log });
  const [taken] = await timesOf(() => ledger.turn("none"), 1);
  const takenPerSecond = Math.round(turns / (taken! / 1_000));
  told("taking the journal into the database", `${takenPerSecond} turns/s`);
  const size = readdirSync(large)
    .filter((name) => name.startsWith("ledger.db"))
    .reduce((sum, name) => sum + statSync(join(large, name)).size, 0);
  told("the database", `${(size / 1024 / 1024).toFixed(0)} MB, ${Math.round(size / turns)} bytes a turn`);

  const since = now - 30 * day + 123_456;
  const questions: Record<string, () => Promise<unknown>> = {
    "usage by model, of all": () => ledger.usage({ by: "model" }),
    "usage by model, 30 days": () => ledger.usage({ by: "model", since }),
    "usage by day, of all": () => ledger.usage({ by: "day", timezone: "Europe/Berlin" }),
    "usage by rule, of one provider": () => ledger.usage({ by: "rule", filter: { provider: "provider1" } }),
    "usage by key, of all": () => ledger.usage({ by: "key" }),
    "usage by session, 1 day": () => ledger.usage({ by: "session", since: now - 6 * day }),
    "usage by session, of all": () => ledger.usage({ by: "session" }),
    "series by day and model, of all": () =>
      ledger.series({ step: "day", by: "model", timezone: "Asia/Kolkata" }),
    "series by hour and model, 7 days": () =>
      ledger.series({ step: "hour", by: "model", since: now - 12 * day }),
    "percentiles by day, of all": () =>
      ledger.series({ step: "day", percentiles: true, timezone: "Asia/Kolkata" }),
    "percentiles by hour, 7 days": () =>
      ledger.series({ step: "hour", percentiles: true, since: now - 12 * day }),
    "percentiles by day and model, 30 days": () =>
      ledger.series({ step: "day", by: "model", percentiles: true, since: now - 30 * day }),
    "turns, the newest 50": () => ledger.turns({}),
    "turns of one session": () => ledger.turns({ filter: { session: `5e55${"3e8".padStart(32, "0")}` } }),
    "turns that failed": () => ledger.turns({ outcome: "failed" }),
    "turns of a rare model": () => ledger.turns({ filter: { model: targets[19]! } }),
    "turns of a rule and a key": () => ledger.turns({ filter: { rule: "webSearch", key: "phone" } }),
    "one turn by its id": () => ledger.turn(`req_${"1234".padStart(24, "0")}`),
  };
  const found: LedgerFigures["questions"] = {};
  for (const [name, ask] of Object.entries(questions)) {
    const before = process.cpuUsage();
    const spread = spreadOf(await timesOf(ask, runs));
    const { user, system } = process.cpuUsage(before);
    const cpu = (user + system) / 1_000 / runs;
    found[name] = { ...spread, cpu };
    told(name, `${spread.median.toFixed(1)} ms (slowest ${spread.max.toFixed(0)}; CPU ${cpu.toFixed(1)})`);
  }
  const figures: LedgerFigures = { turns, append, takenPerSecond, bytes: size, questions: found };
  if (values.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
  await ledger.close();
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
};
await main();
