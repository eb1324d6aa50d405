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
  /** The target that answered, or that failed last. */
  readonly target: string;
  readonly attempts: readonly AttemptRecord[];
  readonly stream: boolean;
  /** Null where the provider reported none. */
  readonly tokens: TurnTokens | null;
  /** US dollars; null where the price is not known. */
  readonly cost: number | null;
  /** Milliseconds to the first content that the client was shown; null of an answer in one piece. */
  readonly firstToken: number | null;
  readonly duration: number;
  readonly outcome: "done" | "failed" | "cut" | "aborted";
  /** The HTTP status that the client saw. */
  readonly status: number;
  /** Type of the error that the client was told; null of a turn that is done. */
  readonly error: string | null;
}
