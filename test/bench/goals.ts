/** The goals against the peer, each reached or missed by the medians of this run. */
import { baseline, ours, peer } from "./contenders/index.ts";
import type { CaseResult, Goal, Measured, ProcessResult } from "./results.ts";

const measured = (cases: readonly CaseResult[], name: string, contender: string): Measured | undefined => {
  const found = cases.find((each) => each.name === name)?.contenders[contender];
  return found === undefined || "failed" in found ? undefined : found;
};

const atMost = (name: string, ratio: number, limit: number): Goal => ({
  name,
  ratio,
  goal: `<= ${limit}`,
  reached: ratio <= limit,
});

/** Only goals whose cases were run; a peer that failed a case gives no goal there. */
export const goalsOf = (cases: readonly CaseResult[], processes: readonly ProcessResult[]): Goal[] => {
  const goals: Goal[] = [];
  for (const form of ["chat", "anthropic"]) {
    for (const [body, limit] of [
      ["2KB", 1 / 4],
      ["200KB", 1 / 8],
    ] as const) {
      const name = `${form} stream ${body} c1`;
      const own = measured(cases, name, ours);
      const other = measured(cases, name, peer);
      if (own === undefined || other === undefined) continue;
      goals.push(
        atMost(
          `added p50 to first content, ${name}`,
          own.addedFirst50.median / other.addedFirst50.median,
          limit,
        ),
        atMost(`added p50 to the end, ${name}`, own.addedEnd50.median / other.addedEnd50.median, limit),
      );
    }
    const name = `${form} stream 2KB c32`;
    const own = measured(cases, name, ours);
    const other = measured(cases, name, peer);
    if (own === undefined || other === undefined) continue;
    const ratio = own.perSecond.median / other.perSecond.median;
    const limit = (measured(cases, name, baseline)?.perSecond.median ?? Infinity) / other.perSecond.median;
    goals.push({
      name: `requests per second, ${name}`,
      ratio,
      goal: ">= 4",
      reached: ratio >= 4,
      ...(limit < 4 && { note: `the direct call itself makes ${limit.toFixed(2)}` }),
    });
  }
  const own = processes.find((each) => each.contender === ours);
  const other = processes.find((each) => each.contender === peer);
  if (own === undefined || other === undefined) return goals;
  goals.push(
    atMost("cold start to ready", own.coldStart.median / other.coldStart.median, 0.5),
    atMost("cold start to the first answer", own.firstAnswer.median / other.firstAnswer.median, 0.5),
  );
  for (const form of Object.keys(own.memory)) {
    const theirs = other.memory[form]?.atRest;
    if (theirs !== undefined)
      goals.push(atMost(`memory at rest, ${form}`, own.memory[form]!.atRest / theirs, 0.7));
  }
  return goals;
};
