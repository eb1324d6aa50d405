/** The stages of a run: cold starts, memory at rest, warm-up, rounds. */
import { setTimeout as pause } from "node:timers/promises";
import { deltaCounts, forms, type Form } from "./answers.ts";
import { caseName, type Case } from "./cases.ts";
import type { Contender } from "./contenders/contender.ts";
import { baseline, floor } from "./contenders/index.ts";
import { enter, load, measure, type Bounds, type Entry, type Field } from "./field.ts";
import type { Options } from "./options.ts";
import { residentMegabytes } from "./proc.ts";
import { end } from "./processes.ts";
import type { CaseResult, Failed, Measured, Sample } from "./results.ts";
import { spreadOf } from "./statistics.ts";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What an installer said, without the addresses of this machine's registries: they are its configuration, and no result. */
export const withoutHosts = (said: string): string => said.replaceAll(/https?:\/\/[^\s/]+/g, "https://…");

export interface Start {
  ready: number;
  /** To the end of the first correct answer. */
  answer: number;
}

/** Who needs longer is started once, and that counts. Milliseconds. */
const slow = 4000;

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
        const isSlow = start.ready > slow;
        if (round > 0 || isSlow) starts.set(contender.name, [...(starts.get(contender.name) ?? []), start]);
        if (isSlow) left.delete(contender);
      } catch (error) {
        left.delete(contender);
        for (const form of contender.forms) failures.set(`${contender.name} ${form}`, messageOf(error));
      }
    }
  }
  return starts;
};

/** The first answer is missing (NaN) where it is wrong: the cases say how. @throws Error when it does not start */
const startOnce = async (field: Field, contender: Contender): Promise<Start> => {
  const entry = await enter(field, contender, contender.forms[0]!);
  const { ready, child } = entry.process!;
  const before = performance.now();
  const one = { stream: true, body: "2KB", connections: 1 } as const;
  const report = await load(field, entry, one, { requests: 1, milliseconds: 0 });
  const answer = report.completed === 1 ? ready + performance.now() - before : Number.NaN;
  await end(child);
  return { ready, answer };
};

/** Starts everything that takes part in one form, at once. Those that fail are left out, with their output. */
export const enterAll = async (
  field: Field,
  contenders: readonly Contender[],
  form: Form,
  failures: Map<string, string>,
): Promise<Entry[]> => {
  const entered = await Promise.all(
    contenders
      .filter((contender) => contender.forms.includes(form))
      .map((contender) =>
        enter(field, contender, form).catch((error: unknown) => {
          failures.set(`${contender.name} ${form}`, messageOf(error));
          return undefined;
        }),
      ),
  );
  return entered.filter((entry) => entry !== undefined);
};

/** @param of pid -> MB */
export const memoryOf = (
  entries: readonly Entry[],
  of: (pid: number) => number = residentMegabytes,
): Map<Entry, number> =>
  new Map(
    entries.flatMap((entry) =>
      entry.process === undefined ? [] : [[entry, of(entry.process.pid)] as const],
    ),
  );

/**
 * So many times longer where chunks come one by one: a hundred turns of those, which is what a second gives, left a spread of half the ratio that is held against a goal.
 */
const longer = 4;

const boundsOf = (each: Case, { requests, milliseconds, least }: Bounds): Bounds =>
  each.answer === "each"
    ? { requests, milliseconds: milliseconds * longer, least: (least ?? 0) * longer }
    : { requests, milliseconds, ...(least !== undefined && { least }) };

/** Until the compilers have seen every kind of request that will be measured. */
export const warmUp = async (
  field: Field,
  entries: readonly Entry[],
  cases: readonly Case[],
  options: Options,
): Promise<void> => {
  for (const entry of entries) {
    const kinds = new Map<string, Case>();
    for (const each of cases) {
      // Waiting warms nothing.
      const answer = each.answer === "paced" ? "short" : each.answer;
      // 2 MB ten at a time is more than any of the cases asks.
      const connections = Math.min(10, each.connections);
      kinds.set(`${each.stream} ${answer} ${each.body}`, { ...each, answer, connections });
    }
    for (const each of kinds.values())
      await load(
        field,
        entry,
        each,
        boundsOf(each, {
          requests: options.requests,
          milliseconds: options.warmUp,
          least: options.least * 3,
        }),
      );
  }
};

/** All rounds of one form: in each, case by case, every contender in turn. A contender that fails a case is not asked it again. */
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
      // Who comes first changes from round to round: none is always measured in another's wake.
      const turned = entries.map((_, i) => entries[(i + round) % entries.length]!);
      for (const entry of turned) {
        if (row.get(entry.contender.name)?.some((sample) => typeof sample === "string")) continue;
        const sample = await measure(field, entry, each, boundsOf(each, options));
        row.set(entry.contender.name, [...(row.get(entry.contender.name) ?? []), sample]);
        await pause(30);
      }
    }
  }
  return samples;
};

/** Rounds stand at the same places in all three; those in which one was missing give no difference and no ratio. */
const summary = (
  each: Case,
  own: readonly Sample[],
  base: readonly (Sample | string)[],
  under: readonly (Sample | string)[],
): Measured => {
  const of = (field: keyof Sample) => spreadOf(own.map((sample) => sample[field]));
  const other = (samples: readonly (Sample | string)[], round: number, field: keyof Sample): number => {
    const found = samples[round];
    return found === undefined || typeof found === "string" ? Number.NaN : found[field];
  };
  const added = (field: keyof Sample) =>
    spreadOf(own.map((sample, round) => sample[field] - other(base, round, field)));
  const chunks = each.stream ? deltaCounts[each.answer] : Number.NaN;
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
    tokensPerSecond: spreadOf(own.map((sample) => sample.perSecond * chunks)),
    cpuPer1000: of("cpuPer1000"),
    cpuToFloor: spreadOf(own.map((sample, round) => sample.cpuPer1000 / other(under, round, "cpuPer1000"))),
    busy: of("busy"),
    loadBusy: of("loadBusy"),
    providerBusy: of("providerBusy"),
  };
};

/** More of one core than this: its owner has no time left. */
const full = 0.9;

/** A row that shows the load generator's limit and not the contender's is none. @returns why, or undefined */
const generatorLimit = ({ busy, loadBusy }: Measured): string | undefined =>
  loadBusy.median > full && busy.median <= full
    ? `the load generator was the limit: ${Math.round(loadBusy.median * 100)} % of its core busy, the contender ${Math.round(busy.median * 100)} %`
    : undefined;

/** Medians and spreads over the rounds; a contender with any wrong answer in a case has no figures there. */
export const summarise = (
  cases: readonly Case[],
  samples: Map<string, Map<string, (Sample | string)[]>>,
  failures: ReadonlyMap<string, string>,
): CaseResult[] =>
  cases.map((each) => {
    const row = samples.get(caseName(each)) ?? new Map<string, (Sample | string)[]>();
    const contenders: Record<string, Measured | Failed> = {};
    for (const [name, own] of row) {
      const wrong = own.filter((sample) => typeof sample === "string");
      if (wrong.length > 0) {
        contenders[name] = { failed: wrong.join(" | ") };
        continue;
      }
      const found = summary(each, own as readonly Sample[], row.get(baseline) ?? [], row.get(floor) ?? []);
      const limit = generatorLimit(found);
      contenders[name] = limit === undefined ? found : { failed: limit };
    }
    for (const [key, failed] of failures) {
      const form = forms.find((form) => key.endsWith(` ${form}`));
      if (form === each.form) contenders[key.slice(0, -form.length - 1)] = { failed };
    }
    return { name: caseName(each), form: each.form, contenders };
  });
