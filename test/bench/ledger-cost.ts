/** What the ledger costs a turn: two routers that differ in `ledger.enabled` alone, by turns on the same provider. */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { BodyName } from "./bodies.ts";
import type { Contender } from "./contenders/contender.ts";
import { direct } from "./contenders/direct.ts";
import { withLedger, withoutLedger } from "./contenders/switchyard.ts";
import { describeFaults, enter, load, type Entry, type Field } from "./field.ts";
import { cpuSeconds, mainThreadSeconds } from "./proc.ts";
import { end } from "./processes.ts";
import { quantile, spreadOf, type Spread } from "./statistics.ts";

/** Short slices, each contender first in every other: what else the machine does is then in the figures of all. */
const slices = 6;
interface Amount {
  readonly body: BodyName;
  readonly connections: number;
  readonly requests: number;
}
/** Of one slice: for the CPU, and for the p50. A small request, of which the ledger's part is largest, and one as Claude Code sends them. */
const amounts = [
  {
    loaded: { body: "2KB", connections: 10, requests: 100 },
    alone: { body: "2KB", connections: 1, requests: 50 },
  },
  {
    loaded: { body: "200KB", connections: 4, requests: 40 },
    alone: { body: "200KB", connections: 1, requests: 20 },
  },
] as const satisfies readonly { readonly loaded: Amount; readonly alone: Amount }[];
/** Before the CPU is read: the ledger's thread takes turns within a second of the first, and that is part of their cost. */
const taken = 1_500;
/** No bound but that of the requests. */
const unbounded = 60_000;

interface Cost {
  /** CPU milliseconds a request, of the whole process, and of its event loop. */
  readonly cpu: number;
  readonly loop: number;
  /** Milliseconds to the end of an answer, one request at a time. */
  readonly p50: number;
}

/** Of a router with its ledger against one without; each ratio of the two samples of a round. */
export interface LedgerCost {
  readonly body: BodyName;
  readonly rounds: number;
  readonly cpuMilliseconds: { readonly with: Spread; readonly without: Spread };
  readonly cpuRatio: Spread;
  readonly eventLoopMilliseconds: { readonly with: Spread; readonly without: Spread };
  readonly eventLoopRatio: Spread;
  /** Over the direct call of the same round. */
  readonly addedP50: { readonly with: Spread; readonly without: Spread };
  readonly addedP50Ratio: Spread;
}

/** @returns milliseconds to the end of each answer; @throws Error where one is wrong */
const asked = async (
  field: Field,
  entry: Entry,
  { body, connections, requests }: Amount,
): Promise<readonly number[]> => {
  const bounds = { requests, milliseconds: unbounded };
  const report = await load(field, entry, { stream: true, body, connections }, bounds);
  if (report.completed < requests) throw new Error(`${entry.contender.name}: ${describeFaults(report)}`);
  return report.end;
};

/** All of them by turns, in slices. @returns what each slice gave */
const byTurns = async (
  field: Field,
  entries: readonly Entry[],
  amount: Amount,
): Promise<ReadonlyMap<Entry, readonly number[]>> => {
  const found = new Map<Entry, number[]>(entries.map((entry) => [entry, []]));
  for (let slice = 0; slice < slices; slice++)
    for (const entry of slice % 2 === 0 ? entries : entries.toReversed())
      found.get(entry)!.push(...(await asked(field, entry, amount)));
  return found;
};

const cpuOf = ({ process }: Entry): readonly [all: number, loop: number] => [
  cpuSeconds(process!.pid),
  mainThreadSeconds(process!.pid),
];

const round = async (
  field: Field,
  routers: readonly Entry[],
  baseline: Entry,
  { loaded, alone }: (typeof amounts)[number],
): Promise<{ readonly costs: readonly Cost[]; readonly direct: number }> => {
  const before = routers.map(cpuOf);
  await byTurns(field, routers, loaded);
  await pause(taken);
  const after = routers.map(cpuOf);
  const times = await byTurns(field, [...routers, baseline], alone);
  const p50 = (entry: Entry): number =>
    quantile(
      times.get(entry)!.toSorted((a, b) => a - b),
      0.5,
    );
  const perRequest = (seconds: number): number => (seconds * 1_000) / (slices * loaded.requests);
  const costs = routers.map((entry, i) => ({
    cpu: perRequest(after[i]![0] - before[i]![0]),
    loop: perRequest(after[i]![1] - before[i]![1]),
    p50: p50(entry),
  }));
  return { costs, direct: p50(baseline) };
};

interface Sample {
  readonly kept: Cost;
  readonly bare: Cost;
  readonly direct: number;
}

const summary = (body: BodyName, samples: readonly Sample[]): LedgerCost => {
  const spread = (of: (sample: Sample) => number): Spread => spreadOf(samples.map(of));
  return {
    body,
    rounds: samples.length,
    cpuMilliseconds: { with: spread((each) => each.kept.cpu), without: spread((each) => each.bare.cpu) },
    cpuRatio: spread((each) => each.kept.cpu / each.bare.cpu),
    eventLoopMilliseconds: {
      with: spread((each) => each.kept.loop),
      without: spread((each) => each.bare.loop),
    },
    eventLoopRatio: spread((each) => each.kept.loop / each.bare.loop),
    addedP50: {
      with: spread((each) => each.kept.p50 - each.direct),
      without: spread((each) => each.bare.p50 - each.direct),
    },
    addedP50Ratio: spread((each) => (each.kept.p50 - each.direct) / (each.bare.p50 - each.direct)),
  };
};

/** @param rounds that count; one before warms up */
export const ledgerCost = async (field: Field, rounds: number): Promise<readonly LedgerCost[]> => {
  const dir = await mkdtemp(join(field.dir, "ledger-"));
  const entered = (contender: Contender): Promise<Entry> => enter({ ...field, dir }, contender, "chat");
  const [kept, bare, baseline] = [
    await entered(withLedger),
    await entered(withoutLedger),
    await entered(direct),
  ];
  const costs: LedgerCost[] = [];
  for (const amount of amounts) {
    const samples: Sample[] = [];
    for (let number = -1; number < rounds; number++) {
      const sample = await round(field, [kept, bare], baseline, amount);
      if (number >= 0)
        samples.push({ kept: sample.costs[0]!, bare: sample.costs[1]!, direct: sample.direct });
    }
    costs.push(summary(amount.loaded.body, samples));
  }
  for (const { process } of [kept, bare]) await end(process!.child);
  return costs;
};
