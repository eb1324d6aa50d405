/** The goals, each reached or missed by the medians of this run. */
import { bare, floor, nodePeers, ours, peers } from "./contenders/index.ts";
import type { CaseResult, Goal, IdleResult, Measured, ProcessResult } from "./results.ts";

const measured = (cases: readonly CaseResult[], name: string, contender: string): Measured | undefined => {
  const found = cases.find((each) => each.name === name)?.contenders[contender];
  return found === undefined || "failed" in found ? undefined : found;
};

const atMost = (name: string, ratio: number, limit: number, note?: string): Goal => ({
  name,
  ratio,
  goal: `<= ${limit}`,
  reached: ratio <= limit,
  ...(note !== undefined && { note }),
});

/** What is added is a difference: of one that adds next to nothing it may come out as less than nothing, and the ratio then says nothing. */
const below = (name: string, figure: number, other: number, note: string): Goal => ({
  name,
  ratio: figure / other,
  goal: "< 1",
  reached: figure < other,
  note,
});

/** Of those whose figure is known, the one with the least. */
const least = (
  names: readonly string[],
  of: (name: string) => number | undefined,
): { readonly name: string; readonly value: number } | undefined =>
  names
    .flatMap((name) => {
      const value = of(name);
      return value === undefined || Number.isNaN(value) ? [] : [{ name, value }];
    })
    .toSorted((a, b) => a.value - b.value)[0];

/**
 * CPU a request against the pipe's beside it, which passes bytes of the same sizes: its median of the ratios of each round. Chunks come one by one, as
 * a model writes them.
 */
const cpuGoals = (cases: readonly CaseResult[]): Goal[] =>
  [
    ["anthropic", 1.2],
    ["chat", 1.5],
    ["gemini", 1.5],
  ].flatMap(([form, limit]) => {
    const name = `${form} each-stream 20KB c10`;
    const own = measured(cases, name, ours)?.cpuToFloor.median;
    return own === undefined || Number.isNaN(own)
      ? []
      : [atMost(`CPU a request against the ${floor}, ${name}`, own, limit as number)];
  });

/** Against the best of the peers that serve the case. */
const peerGoals = (cases: readonly CaseResult[]): Goal[] =>
  ["chat stream 2KB c10", "gemini stream 2KB c10", "chat stream 200KB c10"].flatMap((name) => {
    const own = measured(cases, name, ours);
    if (own === undefined) return [];
    const quickest = least(peers, (peer) => measured(cases, name, peer)?.addedEnd50.median);
    const first = least(peers, (peer) => measured(cases, name, peer)?.addedFirst50.median);
    const thriftiest = least(peers, (peer) => measured(cases, name, peer)?.cpuPer1000.median);
    const against = (found: typeof quickest, what: string, figure: number): Goal[] =>
      found === undefined
        ? []
        : [
            below(
              `${what} against the best peer, ${name}`,
              figure,
              found.value,
              `${found.name} is the best peer`,
            ),
          ];
    return [
      ...against(first, "added p50 to the first content", own.addedFirst50.median),
      ...against(quickest, "added p50 to the end", own.addedEnd50.median),
      ...against(
        thriftiest,
        "CPU a request (the inverse of requests a second a core)",
        own.cpuPer1000.median,
      ),
    ];
  });

const processGoals = (processes: readonly ProcessResult[]): Goal[] => {
  const found = (name: string): ProcessResult | undefined =>
    processes.find((each) => each.contender === name);
  const own = found(ours);
  if (own === undefined) return [];
  const ready = (name: string): number | undefined => found(name)?.coldStart.median;
  const rest = (name: string): number | undefined => {
    const process = found(name);
    return process && (process.memory["chat"] ?? Object.values(process.memory)[0])?.atRest;
  };
  return [
    ["cold start to ready", ready],
    ["memory at rest", rest],
  ].flatMap(([what, of]) => {
    const figure = of as typeof ready;
    const [mine, base] = [figure(ours), figure(bare)];
    const peer = least(nodePeers, figure);
    if (mine === undefined) return [];
    return [
      ...(base === undefined ? [] : [atMost(`${String(what)} against ${bare}`, mine / base, 1.5)]),
      ...(peer === undefined
        ? []
        : [
            atMost(
              `${String(what)} against the best Node peer`,
              mine / peer.value,
              0.5,
              `${peer.name} is the best`,
            ),
          ]),
    ];
  });
};

const idleGoals = (idle: readonly IdleResult[]): Goal[] =>
  idle.flatMap((each) => {
    const base = each.contenders[floor];
    const own = each.contenders[ours];
    if (typeof base !== "number" || typeof own !== "number") return [];
    const note = `${own.toFixed(0)} against ${base.toFixed(0)} KB`;
    return [atMost(`memory of an idle stream against the ${floor}, ${each.name}`, own / base, 1.5, note)];
  });

/** Only goals whose cases were run; a peer that failed a case gives no goal there. */
export const goalsOf = (
  cases: readonly CaseResult[],
  processes: readonly ProcessResult[],
  idle: readonly IdleResult[],
): Goal[] => [...cpuGoals(cases), ...peerGoals(cases), ...idleGoals(idle), ...processGoals(processes)];
