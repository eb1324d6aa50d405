/** The arena: the routers beside each other, one form of the provider after the other. */
import { setTimeout as pause } from "node:timers/promises";
import { forms } from "./answers.ts";
import { allCases, caseName, quickCases } from "./cases.ts";
import type { Contender } from "./contenders/contender.ts";
import { baseline, contenders } from "./contenders/index.ts";
import type { Entry, Field } from "./field.ts";
import { idleStreams } from "./idle-streams.ts";
import { imageSizes } from "./images.ts";
import type { Options } from "./options.ts";
import { peakMegabytes } from "./proc.ts";
import { end } from "./processes.ts";
import type { ProcessResult, Results, Sample } from "./results.ts";
import {
  coldStarts,
  enterAll,
  memoryOf,
  messageOf,
  rounds,
  summarise,
  warmUp,
  withoutHosts,
  type Start,
} from "./stages.ts";
import { spreadOf } from "./statistics.ts";

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
      for (const form of each.forms) failures.set(`${each.name} ${form}`, withoutHosts(messageOf(error)));
    }
  }
  return ready;
};

/** MB of one entry: at rest, after its cases, and the most. */
type Memory = ReadonlyMap<Entry, ProcessResult["memory"][string]>;

const processResults = (
  starts: ReadonlyMap<string, readonly Start[]>,
  memory: Memory,
  images: ReadonlyMap<string, number>,
): ProcessResult[] =>
  [...starts].map(([contender, own]) => ({
    contender,
    coldStart: spreadOf(own.map((each) => each.ready)),
    firstAnswer: spreadOf(own.map((each) => each.answer)),
    memory: Object.fromEntries(
      [...memory]
        .filter(([entry]) => entry.contender.name === contender)
        .map(([entry, found]) => [entry.form, found]),
    ),
    ...(images.has(contender) && { image: images.get(contender)! }),
  }));

/** Installs, starts, measures and ends them all. @param progress told what is done, a line each */
export const runRouters = async (
  field: Field,
  options: Options,
  progress: (line: string) => void,
): Promise<Pick<Results, "contenders" | "processes" | "cases" | "idle" | "missing">> => {
  const failures = new Map<string, string>();
  const cases = (options.mode === "quick" ? quickCases : allCases).filter(
    (each) => options.only?.test(caseName(each)) !== false,
  );
  progress("installing peers where they are not yet");
  const taking = await preparedContenders(options, failures);
  progress("cold starts");
  const starts = await coldStarts(field, taking, options.coldStarts, failures);
  const able = taking.filter((each) => each.name === baseline || starts.has(each.name));
  const samples = new Map<string, Map<string, (Sample | string)[]>>();
  const memory = new Map<Entry, ProcessResult["memory"][string]>();
  for (const form of forms) {
    const own = cases.filter((each) => each.form === form);
    if (own.length === 0) continue;
    progress(`${form}: starting`);
    const entries = await enterAll(field, able, form, failures);
    await pause(options.settle);
    const atRest = memoryOf(entries);
    progress(`${form}: warm-up`);
    await warmUp(field, entries, own, options);
    const found = await rounds(field, entries, own, options, (line) => progress(`${form}: ${line}`));
    for (const [name, row] of found) samples.set(name, row);
    await pause(1000);
    const [after, top] = [memoryOf(entries), memoryOf(entries, peakMegabytes)];
    for (const [entry, rest] of atRest)
      memory.set(entry, { atRest: rest, afterRun: after.get(entry)!, top: top.get(entry)! });
    for (const entry of entries) if (entry.process !== undefined) await end(entry.process.child);
  }
  if (options.idle.rows.length > 0) progress(`${options.idle.streams} idle streams`);
  const idle = await idleStreams(
    field,
    able.filter((each) => each.name !== baseline),
    options.idle,
  );
  const { sizes, missing } = await imageSizes(able.map((each) => each.name));
  return {
    contenders: Object.fromEntries(
      contenders
        .filter(
          (each) =>
            taking.includes(each) || [...failures.keys()].some((key) => key.startsWith(`${each.name} `)),
        )
        .map((each) => [each.name, each.about]),
    ),
    processes: processResults(starts, memory, sizes),
    cases: summarise(cases, samples, failures),
    idle,
    missing,
  };
};
