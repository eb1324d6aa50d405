/** What the choice of a key goes by, and what comes of it: arguments and results of the state's commands. */
import type { KeyStrategy } from "../../config/types.ts";
import type { Cools } from "../failures/kinds.ts";

/** Stands for the key of a provider that needs none, or that gets the client's own. */
export const noKey = "-";

/** A key as far as its choice goes. The key itself never enters the state. */
export interface KeyTerms {
  readonly id: string;
  /** Higher first. */
  readonly priority: number;
  readonly weight: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrent?: number;
}

export interface TakeArgs {
  readonly provider: string;
  readonly model: string;
  /** Those that may be used at this hour. */
  readonly keys: readonly KeyTerms[];
  readonly strategy: KeyStrategy;
  /** Names the conversation that is to stay on its key; undefined: it need not. */
  readonly conversation: string | undefined;
  /** Estimated input tokens. */
  readonly tokens: number;
  /** Ids that failed in this turn already. */
  readonly tried: readonly string[];
  /** Milliseconds that the call may last at the most: after it the lease is taken for lost. Default: 65 minutes. */
  readonly longest?: number;
}

export type Taken =
  | {
      readonly kind: "taken";
      readonly key: string;
      /** To be given back with `giveKey`, whatever happens. */
      readonly lease: string;
      /** The first call after a rest: while it lasts, nobody else is let through. */
      readonly probe: boolean;
    }
  /** All that is left is at its limits. `until`: when one may be free, milliseconds since the epoch. */
  | { readonly kind: "busy"; readonly until: number }
  /** All that is left rests. */
  | { readonly kind: "cooling"; readonly until: number; readonly reason: string }
  /** Every key was tried in this turn, none may be used at this hour, or the provider is switched off. */
  | { readonly kind: "none" };

/** When a target is left alone. */
export interface RestTerms {
  /** Failures in a row that open the breaker. */
  readonly breakAfter: number;
  /** First and longest rest in milliseconds, where the provider names none. */
  readonly firstRest: number;
  readonly longestRest: number;
}

export type KeyResult =
  /** `tokens`: input and output as the provider counted them. `firstToken`: milliseconds until the first content. */
  | { readonly kind: "served"; readonly tokens: number; readonly firstToken: number | undefined }
  | {
      readonly kind: "failed";
      readonly cools: Cools;
      readonly opens: "at-once" | "in-a-row";
      /** By the provider's own word, milliseconds since the epoch. */
      readonly until: number | undefined;
      /** A short name, never the provider's words: `rateLimited`. */
      readonly reason: string;
      readonly rest: RestTerms;
    }
  /** The client went, or the request was at fault: it says nothing of the key. */
  | { readonly kind: "released" };

export interface GiveArgs {
  readonly lease: string;
  readonly result: KeyResult;
}
