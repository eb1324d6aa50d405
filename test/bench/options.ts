/** Command line of the bench. */
import { parseArgs } from "node:util";
import { contenders, floor, litellmTwo, ours } from "./contenders/index.ts";
import type { IdlePlan } from "./idle-streams.ts";

/** What may be asked for by name; all of it where nothing is. */
export const partNames = ["routers", "session", "ledgerCost", "ledger", "dashboard"] as const;
export type PartName = (typeof partNames)[number];

export interface Options {
  readonly mode: "full" | "quick";
  readonly rounds: number;
  /** Time of one contender in one case in one round, most requests in it, and fewest: see `LoadJob`. */
  readonly milliseconds: number;
  readonly requests: number;
  readonly least: number;
  /** Milliseconds of each kind of request before anything counts. */
  readonly warmUp: number;
  readonly coldStarts: number;
  readonly settle: number;
  readonly idle: IdlePlan;
  /** Cases whose name matches. */
  readonly only: RegExp | undefined;
  /** Contenders by name; the direct call always takes part. */
  readonly contenders: readonly string[] | undefined;
  readonly parts: readonly PartName[];
  /** Replaces bench/results/latest.json. */
  readonly latest: boolean;
}

export const usage = `make bench, or: node test/bench/main.ts [--quick] [--parts A,B] [--only REGEX] [--contenders A,B] [--rounds N] [--latest]

  --quick             some minutes: a few cases, two rounds, the memory of idle streams beside the floor alone
  --parts A,B         of routers, session, ledgerCost, ledger, dashboard (all of them)
  --only REGEX        cases whose name matches, for example 'chat stream 2KB'
  --contenders A,B    these beside the direct call (nginx, pipe, fastify-bare, switchyard, ccr-1.0.73, litellm-1w, cliproxyapi, …)
  --rounds N          rounds (3; with --quick 2)
  --latest            write bench/results/latest.json too, or parts.json without the routers, to be committed; and bench/chart.svg
`;

const idleRows: IdlePlan["rows"] = [
  { form: "anthropic", body: "2KB" },
  { form: "chat", body: "2KB" },
  { form: "anthropic", body: "50KB" },
  { form: "chat", body: "50KB" },
];

/** A second LiteLLM takes as long to start as all others together. */
const quickContenders = contenders.map((each) => each.name).filter((name) => name !== litellmTwo.name);

const partsOf = (text: string): PartName[] =>
  text.split(",").map((name) => {
    const found = partNames.find((each) => each === name);
    if (found === undefined) throw new TypeError(`${name} is none of ${partNames.join(", ")}`);
    return found;
  });

/** @throws TypeError for an option that is not known */
export const parseOptions = (args: string[]): Options | undefined => {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean" },
      parts: { type: "string", default: partNames.join(",") },
      only: { type: "string" },
      contenders: { type: "string" },
      rounds: { type: "string" },
      latest: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return undefined;
  const quick = values.quick === true;
  return {
    mode: quick ? "quick" : "full",
    rounds: Number(values.rounds ?? (quick ? 2 : 3)),
    milliseconds: quick ? 400 : 500,
    requests: 20_000,
    least: 100,
    warmUp: 1_000,
    coldStarts: quick ? 1 : 5,
    settle: quick ? 2000 : 3000,
    // Who asks for some of the cases does not wait for these.
    idle:
      values.only === undefined
        ? {
            streams: 1000,
            rows: quick ? idleRows.slice(0, 1) : idleRows,
            ...(quick && { only: [floor, ours] }),
          }
        : { streams: 0, rows: [] },
    only: values.only === undefined ? undefined : new RegExp(values.only),
    contenders: values.contenders?.split(",") ?? (quick ? quickContenders : undefined),
    parts: partsOf(values.parts),
    latest: values.latest === true,
  };
};
