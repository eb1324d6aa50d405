/** What the ledger keeps of a turn. Prompts and answers are not in it. */
import type { ClientFormName } from "../inbound/client-form.ts";

/** Counted once each, as the provider reported them: `input` has neither cached nor written tokens in it. */
export interface TurnTokens {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
  /** Part of `output`. */
  readonly reasoning: number;
}

/** What was used at one target. */
export interface Spent {
  /** `provider,model`. */
  readonly target: string;
  readonly tokens: TurnTokens;
  /** US dollars; null where the price is not known. */
  readonly cost: number | null;
}

export interface AttemptRecord {
  /** `provider,model`. */
  readonly target: string;
  /** Label of the key; null where the provider needs none. */
  readonly key: string | null;
  /** `served`, `cut`, `aborted`, or the kind of the failure. */
  readonly result: string;
  /** The provider's HTTP status, where it gave one. */
  readonly status: number | null;
  /** Milliseconds. */
  readonly duration: number;
  /** Why it failed, in words of the router's own: a provider's may quote the prompt, and stay in the log. */
  readonly reason?: string;
  /** What it used, where the provider told, whatever became of it. */
  readonly tokens?: TurnTokens;
  readonly cost?: number | null;
}

/** What a rule said of the request. */
export interface WhyStep {
  readonly rule: string;
  readonly matched: boolean;
  readonly reason: string;
}

/** A target that was not asked. */
export interface SkippedTarget {
  readonly target: string;
  readonly reason: string;
}

export interface TurnRecord {
  /** The `request-id` of the answer. */
  readonly id: string;
  /** When the request had come, milliseconds since the epoch. */
  readonly at: number;
  /** The client's session, and the agent in it; null where it does not tell. */
  readonly session: string | null;
  readonly agent: string | null;
  readonly profile: string | null;
  /** Name of the client key; null where none is needed. */
  readonly clientKey: string | null;
  readonly client: ClientFormName;
  /** The model that was asked for. */
  readonly asked: string;
  readonly rule: string;
  /** What the rules said that were asked, up to the one that matched. */
  readonly why?: readonly WhyStep[];
  /** Targets that could have answered and were not asked, with the reason: of the route, its key, its budget, its rest, its abilities. */
  readonly skipped?: readonly SkippedTarget[];
  /** The target that answered, or that failed last. */
  readonly target: string;
  readonly attempts: readonly AttemptRecord[];
  readonly stream: boolean;
  /** Of all calls together, failed ones too; null where no provider reported any. */
  readonly tokens: TurnTokens | null;
  /** US dollars of the calls whose price is known; null where it is known of none. */
  readonly cost: number | null;
  /** `tokens` and `cost` are the least: a call broke off before its provider had told all, or has no known price. */
  readonly partial?: boolean;
  /** The same by target, where it is not all of `target`'s. */
  readonly spent?: readonly Spent[];
  /** Milliseconds to the first content that the client was shown; null of an answer in one piece. */
  readonly firstToken: number | null;
  readonly duration: number;
  readonly outcome: "done" | "failed" | "cut" | "aborted";
  /** The HTTP status that the client saw. */
  readonly status: number;
  /** Type of the error that the client was told; null of a turn that is done. */
  readonly error: string | null;
}

/** What a turn used, by target: each target once. */
export const spentOf = ({
  spent,
  target,
  tokens,
  cost,
}: Pick<TurnRecord, "spent" | "target" | "tokens" | "cost">): readonly Spent[] =>
  spent ?? (tokens === null ? [] : [{ target, tokens, cost }]);

const sumOf = (a: TurnTokens, b: TurnTokens): TurnTokens => ({
  input: a.input + b.input,
  output: a.output + b.output,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  cacheRead: a.cacheRead + b.cacheRead,
  reasoning: a.reasoning + b.reasoning,
});

/** Both together, under the first one's target; the cost is of those whose price is known. */
export const plusSpent = (a: Spent, b: Spent): Spent => ({
  target: a.target,
  tokens: sumOf(a.tokens, b.tokens),
  cost: a.cost === null || b.cost === null ? (a.cost ?? b.cost) : a.cost + b.cost,
});
