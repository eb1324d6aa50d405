/** The one table of what follows from a failure before the client has seen anything. docs/failures.md shows it, held against it by a test. */
import type { FailureKind, FailureRow } from "./kinds.ts";

export const taxonomy: Readonly<Record<FailureKind, FailureRow>> = {
  unreachable: {
    step: "retry",
    cools: "model",
    opens: "in-a-row",
    why: "A server that restarts is back in a moment; nothing was paid for.",
  },
  timeout: {
    step: "next-target",
    cools: "model",
    opens: "in-a-row",
    why: "The user has waited long enough: a second wait of the same length is worse than another model.",
  },
  broken: {
    step: "retry",
    cools: "model",
    opens: "in-a-row",
    why: "A connection that was cut says nothing of the next one, and the client has seen nothing of it.",
  },
  unavailable: {
    step: "retry",
    cools: "model",
    opens: "in-a-row",
    why: "Most of these are gone at the second call.",
  },
  overloaded: {
    step: "next-target",
    alone: "retry",
    cools: "model",
    opens: "in-a-row",
    why: "Another key meets the same load, so another target is asked; where there is none, the wait grows.",
  },
  rateLimited: {
    step: "next-key",
    cools: "key-model",
    opens: "at-once",
    why: "The limit is one of this key, mostly for this model; another key has its own.",
  },
  quota: {
    step: "next-key",
    cools: "key",
    opens: "at-once",
    why: "The account has nothing left, for any model.",
  },
  keyRejected: {
    step: "next-key",
    cools: "key",
    opens: "at-once",
    why: "The key is wrong until someone changes it; another may be right.",
  },
  modelUnknown: {
    step: "next-target",
    cools: "nothing",
    opens: "in-a-row",
    why: "No key changes it. Nothing rests, so that each turn is told the true reason.",
  },
  contextTooLong: {
    step: "larger-window",
    cools: "nothing",
    opens: "in-a-row",
    why: "Only a larger window takes it; with none, the client is told in the words that make it compact.",
  },
  reasoningRejected: {
    step: "without-reasoning",
    cools: "nothing",
    opens: "in-a-row",
    why: "The reasoning came from another model or account; the turn goes on without it.",
  },
  unable: {
    step: "next-target",
    cools: "nothing",
    opens: "in-a-row",
    why: "The request is sound, this model cannot serve it: no tools, no images, too small an output.",
  },
  badRequest: {
    step: "give-back",
    cools: "nothing",
    opens: "in-a-row",
    why: "No target would take it, and the client has to see why.",
  },
};

export const rowOf = (kind: FailureKind): FailureRow => taxonomy[kind];

/**
 * What a status means where the words say nothing else. Ranges, the first that holds counts; 4xx that stand nowhere are the caller's own
 * fault.
 */
export const statusKinds: readonly (readonly [from: number, to: number, kind: FailureKind])[] = [
  [300, 399, "broken"],
  [401, 401, "keyRejected"],
  [402, 402, "quota"],
  [403, 403, "keyRejected"],
  [404, 405, "modelUnknown"],
  [408, 409, "unavailable"],
  [410, 410, "modelUnknown"],
  [425, 425, "unavailable"],
  [429, 429, "rateLimited"],
  // Z.AI: no permission for this part of the API (docs.z.ai/api-reference/api-code).
  [434, 434, "keyRejected"],
  [451, 451, "unable"],
  // Groq: no capacity left for requests of the flex tier (console.groq.com/docs/errors).
  [498, 498, "overloaded"],
  [499, 499, "unavailable"],
  [400, 499, "badRequest"],
  [501, 501, "unable"],
  // Cloudflare's wait for the server behind it has ended.
  [524, 524, "timeout"],
  [529, 529, "overloaded"],
  [500, 599, "unavailable"],
];
