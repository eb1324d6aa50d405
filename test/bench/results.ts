/** What a run of the bench finds, as it is written to bench/results. Milliseconds, seconds and MB (10^6 bytes). */
import type { DashboardFigures } from "./dashboard.ts";
import type { LedgerCost } from "./ledger-cost.ts";
import type { SessionTurn } from "./session.ts";
import type { Spread } from "./statistics.ts";

/** One contender in one case in one round. */
export interface Sample {
  readonly requests: number;
  /** Milliseconds to the first content of the answer, and to its end. */
  readonly first50: number;
  readonly first99: number;
  readonly end50: number;
  readonly end99: number;
  readonly perSecond: number;
  /** CPU seconds of the contender per 1,000 requests; NaN for the direct call. */
  readonly cpuPer1000: number;
  /** Share of one core that the contender, the load generator and the provider used. */
  readonly busy: number;
  readonly loadBusy: number;
  readonly providerBusy: number;
}

export interface Measured {
  /** Smallest number of requests of a round: below 100 a p99 is the slowest request. */
  readonly requests: number;
  readonly first50: Spread;
  readonly first99: Spread;
  readonly end50: Spread;
  readonly end99: Spread;
  /** Over the direct call of the same round. */
  readonly addedFirst50: Spread;
  readonly addedFirst99: Spread;
  readonly addedEnd50: Spread;
  readonly addedEnd99: Spread;
  readonly perSecond: Spread;
  /** Chunks of text a second, each of which stands for a token; NaN for whole answers. */
  readonly tokensPerSecond: Spread;
  readonly cpuPer1000: Spread;
  /** CPU of a request over that of the floor's in the same round, whose bodies and answers have the same sizes. */
  readonly cpuToFloor: Spread;
  readonly busy: Spread;
  readonly loadBusy: Spread;
  readonly providerBusy: Spread;
}

export interface Failed {
  /** Faults of all rounds, or why it could not be started; with the beginning of a wrong answer. */
  readonly failed: string;
}

export interface CaseResult {
  readonly name: string;
  readonly form: string;
  readonly contenders: Record<string, Measured | Failed>;
}

export interface ProcessResult {
  readonly contender: string;
  /** Spawn to the first 200 of the readiness path. */
  readonly coldStart: Spread;
  /** Spawn to the end of the first correct answer. */
  readonly firstAnswer: Spread;
  /** MB by form of the provider; at rest: ready for some seconds, nothing served yet; top: the most that it ever held. */
  readonly memory: Record<
    string,
    { readonly atRest: number; readonly afterRun: number; readonly top: number }
  >;
  /** MB of the image that it comes in; missing where no engine answers or it has none here. */
  readonly image?: number;
}

/** Kilobytes (10^3 bytes) of resident memory for each stream that stands still, or why there is no figure. */
export interface IdleResult {
  /** Form and body: `chat 2KB`. */
  readonly name: string;
  readonly streams: number;
  readonly contenders: Record<string, number | string>;
}

export interface Goal {
  readonly name: string;
  /** Ours against the peer's; or the figure itself, where the goal is none against the peer. */
  readonly ratio: number;
  readonly goal: string;
  readonly reached: boolean;
  /** Why it may not be within reach, where the run itself shows that. */
  readonly note?: string;
}

/** The ledger by itself: test/bench/ledger.ts. */
export interface LedgerFigures {
  readonly turns: number;
  /** Microseconds that a turn waits for. */
  readonly append: number;
  readonly takenPerSecond: number;
  /** Of the database. */
  readonly bytes: number;
  /** Milliseconds, on the way to the ledger's thread and back; and the mean of the CPU that they took, which other work of the machine hardly changes. */
  readonly questions: Record<string, Spread & { readonly cpu: number }>;
}

/** What is measured beside the routers; missing where it was not asked for. */
export interface Parts {
  readonly session?: readonly SessionTurn[];
  readonly ledgerCost?: readonly LedgerCost[];
  readonly ledger?: LedgerFigures;
  readonly dashboard?: DashboardFigures;
  /** Why one of them is missing. */
  readonly failures: readonly string[];
}

export interface Results {
  readonly date: string;
  readonly commit: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGB: number;
    readonly system: string;
    readonly node: string;
  };
  readonly mode: string;
  /** How busy all cores of the machine were on the whole, 0 to 1, the bench itself included. */
  readonly busy: number;
  readonly rounds: number;
  readonly contenders: Record<string, string>;
  readonly processes: readonly ProcessResult[];
  readonly cases: readonly CaseResult[];
  readonly idle: readonly IdleResult[];
  /** Figures that were left out, and why: `image sizes: no engine answers`. */
  readonly missing: readonly string[];
  readonly goals: readonly Goal[];
  readonly parts: Parts;
}
