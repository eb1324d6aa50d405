/** What is measured beside the routers: the turns of a session, the ledger's cost, the ledger by itself, the dashboard. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Field } from "./field.ts";
import type { Options } from "./options.ts";
import type { Goal, LedgerFigures, Parts } from "./results.ts";
import { messageOf } from "./stages.ts";

/** In a process of its own: a million turns are made there. */
const ledgerFigures = async (): Promise<LedgerFigures> => {
  const script = join(import.meta.dirname, "ledger.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--json"]);
  return JSON.parse(stdout) as LedgerFigures;
};

type Part = Exclude<keyof Parts, "failures">;
type Measures = { readonly [Name in Part]: () => Promise<NonNullable<Parts[Name]>> };

/** @param progress told before each of them. Those that fail are named, and the others go on */
export const measureParts = async (
  field: Field,
  { parts, quick }: Pick<Options, "parts"> & { readonly quick: boolean },
  progress: (line: string) => void,
): Promise<Parts> => {
  const failures: string[] = [];
  const measures: Measures = {
    session: async () => (await import("./session.ts")).sessionTurns(field, quick ? 3 : 8),
    ledgerCost: async () => (await import("./ledger-cost.ts")).ledgerCost(field, quick ? 12 : 30),
    ledger: ledgerFigures,
    dashboard: async () => (await import("./dashboard.ts")).dashboardFigures(quick ? 5 : 9),
  };
  const measured = async <Name extends Part>(name: Name): Promise<Pick<Parts, Name> | undefined> => {
    if (!parts.includes(name)) return undefined;
    progress(name);
    try {
      return { [name]: await measures[name]() } as Pick<Parts, Name>;
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
      return undefined;
    }
  };
  return {
    ...(await measured("session")),
    ...(await measured("ledgerCost")),
    ...(await measured("ledger")),
    ...(await measured("dashboard")),
    failures,
  };
};

const atMost = (name: string, ratio: number, limit: number, note?: string): Goal => ({
  name,
  ratio,
  goal: `<= ${limit}`,
  reached: ratio <= limit,
  ...(note !== undefined && { note }),
});

/** The goals that are none against the peer. */
export const goalsOfParts = ({ ledgerCost, ledger }: Parts): Goal[] => {
  const goals: Goal[] = [];
  for (const { body, eventLoopRatio } of ledgerCost ?? [])
    goals.push(
      atMost(`ledger: CPU of the event loop, with and without, ${body}`, eventLoopRatio.median, 1.05),
    );
  if (ledger !== undefined) {
    const [name, { median, cpu }] = Object.entries(ledger.questions).toSorted(
      ([, a], [, b]) => b.median - a.median,
    )[0]!;
    const note = `${name}, which took ${cpu.toFixed(0)} ms of CPU`;
    goals.push(atMost(`ledger: slowest question of ${ledger.turns} turns, median ms`, median, 200, note));
  }
  return goals;
};
