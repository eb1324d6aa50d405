/** Command line of the bench. */
import { parseArgs } from "node:util";

/** What may be asked for by name; all of it where nothing is. */
export const partNames = ["routers", "ledgerCost", "ledger", "dashboard"] as const;
export type PartName = (typeof partNames)[number];

export interface Options {
  readonly mode: "full" | "quick";
  readonly rounds: number;
  /** Longest time of one contender in one case in one round, and most requests in it. */
  readonly milliseconds: number;
  readonly requests: number;
  readonly warmUp: number;
  readonly coldStarts: number;
  readonly settle: number;
  /** Cases whose name matches. */
  readonly only: RegExp | undefined;
  /** Contenders by name; the direct call always takes part. */
  readonly contenders: readonly string[] | undefined;
  readonly parts: readonly PartName[];
  /** Replaces bench/results/latest.json. */
  readonly latest: boolean;
}

export const usage = `make bench, or: node test/bench/main.ts [--quick] [--parts A,B] [--only REGEX] [--contenders A,B] [--rounds N] [--latest]

  --quick             some minutes: three cases of each form, fewer rounds
  --parts A,B         of routers, ledgerCost, ledger, dashboard (all of them)
  --only REGEX        cases whose name matches, for example 'chat stream 2KB'
  --contenders A,B    these beside the direct call (pipe, switchyard, ccr-1.0.73)
  --rounds N          rounds (3)
  --latest            write bench/results/latest.json too, or parts.json without the routers, to be committed
`;

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
    rounds: Number(values.rounds ?? 3),
    milliseconds: quick ? 500 : 900,
    requests: 20_000,
    warmUp: quick ? 500 : 800,
    coldStarts: quick ? 3 : 7,
    settle: quick ? 2000 : 3000,
    only: values.only === undefined ? undefined : new RegExp(values.only),
    contenders: values.contenders?.split(","),
    parts: partsOf(values.parts),
    latest: values.latest === true,
  };
};
