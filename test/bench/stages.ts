/** The stages of a run: cold starts, memory at rest, warm-up, rounds. */
import { setTimeout as pause } from "node:timers/promises";
import { forms } from "./answers.ts";
import { caseName, type Case } from "./cases.ts";
import type { Contender } from "./contenders/contender.ts";
import { baseline } from "./contenders/index.ts";
import { describeFaults, enter, load, measure, type Entry, type Field } from "./field.ts";
import type { Options } from "./options.ts";
import { residentMegabytes } from "./proc.ts";
import { end } from "./processes.ts";
import type { CaseResult, Failed, Measured, Sample } from "./results.ts";
import { spreadOf } from "./statistics.ts";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface Start {
  ready: number;
  /** To the end of the first correct answer. */
  answer: number;
}

/** Starts each contender several times, in turn. The first start of each fills the disk's cache and does not count. */
export const coldStarts = async (
  field: Field,
  contenders: readonly Contender[],
  times: number,
  failures: Map<string, string>,
): Promise<Map<string, Start[]>> => {
  const starts = new Map<string, Start[]>();
  const left = new Set(contenders.filter((each) => each.name !== baseline));
  for (let round = 0; round <= times; round++) {
    for (const contender of left) {
      try {
        const start = await startOnce(field, contender);
        if (round > 0) starts.set(contender.name, [...(starts.get(contender.name) ?? []), start]);
      } catch (error) {
        left.delete(contender);
        for (const form of contender.forms) failures.set(`${contender.name} ${form}`, messageOf(error));
      }
    }
  }
  return starts;
};

/** @throws Error when it does not start, or does not answer rightly */
const startOnce = async (field: Field, contender: Contender): Promise<Start> => {
  const entry = await enter(field, contender, contender.forms[0]!);
  const started = entry.process!;
  const { ready, child } = started;
  const before = performance.now();
  const one = { stream: true, body: "2KB", connections: 1 } as const;
  const report = await load(field, entry, one, { requests: 1, milliseconds: 0 });
  const answer = ready + performance.now() - before;
  await end(child);
  if (report.completed !== 1)
    throw new Error(`its first answer: ${describeFaults(report)} ${started.output()}`);
  return { ready, answer };
};

/** Starts everything that takes part. Those that fail are left out, with their output. */
export const enterAll = async (
  field: Field,
  contenders: readonly Contender[],
  failures: Map<string, string>,
): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for (const contender of contenders) {
    for (const form of contender.forms) {
      try {
        entries.push(await enter(field, contender, form));
      } catch (error) {
        failures.set(`${contender.name} ${form}`, messageOf(error));
      }
    }
  }
  return entries;
};

export const memoryOf = (entries: readonly Entry[]): Map<Entry, number> =>
  new Map(
    entries.flatMap((entry) =>
      entry.process === undefined ? [] : [[entry, residentMegabytes(entry.process.pid)] as const],
    ),
  );

/** Until the compilers have seen every kind of request that will be measured. */
export const warmUp = async (
  field: Field,
  entries: readonly Entry[],
  cases: readonly Case[],
  options: Options,
): Promise<void> => {
  for (const entry of entries) {
    const kinds = new Map<string, Case>();
    for (const each of cases)
      if (each.form === entry.form) kinds.set(`${each.stream} ${each.body}`, { ...each, connections: 10 });
    for (const each of kinds.values())
      await load(field, entry, each, { requests: options.requests, milliseconds: options.warmUp });
  }
};

/** All rounds: in each, case by case, every contender in turn. */
export const rounds = async (
  field: Field,
  entries: readonly Entry[],
  cases: readonly Case[],
  options: Options,
  progress: (line: string) => void,
): Promise<Map<string, Map<string, (Sample | string)[]>>> => {
  const samples = new Map<string, Map<string, (Sample | string)[]>>();
  for (let round = 0; round < options.rounds; round++) {
    progress(`round ${round + 1} of ${options.rounds}`);
    for (const each of cases) {
      const row = samples.get(caseName(each)) ?? new Map<string, (Sample | string)[]>();
      samples.set(caseName(each), row);
      const taking = entries.filter((entry) => entry.form === each.form);
      // Who comes first changes from round to round: none is always measured in another's wake.
      const turned = taking.map((_, i) => taking[(i + round) % taking.length]!);
      for (const entry of turned) {
        const sample = await measure(field, entry, each, options);
        row.set(entry.contender.name, [...(row.get(entry.contender.name) ?? []), sample]);
        await pause(30);
      }
    }
  }
  return samples;
};

const summary = (own: readonly Sample[], base: readonly (Sample | undefined)[]): Measured => {
  const of = (field: keyof Sample) => spreadOf(own.map((sample) => sample[field]));
  const added = (field: keyof Sample) =>
    spreadOf(own.map((sample, round) => sample[field] - (base[round]?.[field] ?? Number.NaN)));
  return {
    requests: Math.min(...own.map((sample) => sample.requests)),
    first50: of("first50"),
    first99: of("first99"),
    end50: of("end50"),
    end99: of("end99"),
    addedFirst50: added("first50"),
    addedFirst99: added("first99"),
    addedEnd50: added("end50"),
    addedEnd99: added("end99"),
    perSecond: of("perSecond"),
    cpuPer1000: of("cpuPer1000"),
    loadBusy: of("loadBusy"),
    providerBusy: of("providerBusy"),
  };
};

/** Medians and spreads over the rounds; a contender with any wrong answer in a case has no figures there. */
export const summarise = (
  cases: readonly Case[],
  samples: Map<string, Map<string, (Sample | string)[]>>,
  failures: ReadonlyMap<string, string>,
): CaseResult[] =>
  cases.map((each) => {
    const row = samples.get(caseName(each))!;
    const base = (row.get(baseline) ?? []).map((sample) => (typeof sample === "string" ? undefined : sample));
    const contenders: Record<string, Measured | Failed> = {};
    for (const [name, own] of row) {
      const wrong = own.filter((sample) => typeof sample === "string");
      contenders[name] =
        wrong.length > 0 ? { failed: wrong.join(" | ") } : summary(own as readonly Sample[], base);
    }
    for (const [key, failed] of failures) {
      const form = forms.find((form) => key.endsWith(` ${form}`));
      if (form === each.form) contenders[key.slice(0, -form.length - 1)] = { failed };
    }
    return { name: caseName(each), form: each.form, contenders };
  });
