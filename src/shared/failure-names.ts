/** The kinds of failure and the steps after them, by name: the configuration may use them, and the router goes by them. */

export const failureKinds = [
  /** Refused, reset, no such host, before a byte of the answer. */
  "unreachable",
  /** No byte in time. */
  "timeout",
  /** The answer broke off, or was no answer of the protocol, before anything of it was shown. */
  "broken",
  /** 408, 425, 5xx: the provider's own trouble. */
  "unavailable",
  /** 529, and 503 in words that say so. */
  "overloaded",
  /** 429 for a while: requests or tokens a minute, concurrent calls. */
  "rateLimited",
  /** 402, and 429 that waiting for a minute does not end: the account's quota or credit is used up. */
  "quota",
  /** 401, 403. */
  "keyRejected",
  /** 404: the model, or the path, is not known there. */
  "modelUnknown",
  /** The conversation is longer than the model's window, in any provider's words. */
  "contextTooLong",
  /** Reasoning of an earlier turn is not accepted (its signature, its encryption). */
  "reasoningRejected",
  /** The request is sound and this target cannot serve it. */
  "unable",
  /** 400, 413, 422: the request itself is at fault. */
  "badRequest",
] as const;
export type FailureKind = (typeof failureKinds)[number];

export const failureSteps = [
  /** The same target and key again, after a wait that grows. */
  "retry",
  /** Another key of the same provider, then the next target. */
  "next-key",
  "next-target",
  /** A target with a larger window: of this route, else of longContext. */
  "larger-window",
  /** The same target once more, without the reasoning of earlier turns. */
  "without-reasoning",
  /** Back to the client: no target would take it. */
  "give-back",
] as const;
/** What comes next. */
export type Step = (typeof failureSteps)[number];
