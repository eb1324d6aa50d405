/** What may come of a call, as it is given back to the state with its key. */
import type { KeyResult } from "../../src/router/keys/terms.ts";
import { minute, second } from "./state.ts";

export type Failed = Extract<KeyResult, { kind: "failed" }>;

/** The provider's own trouble, unless told otherwise: five in a row make it rest ten seconds, ten minutes at the most. */
export const failed = (more: Partial<Failed> = {}): Failed => ({
  kind: "failed",
  cools: "model",
  opens: "in-a-row",
  until: undefined,
  reason: "unavailable",
  rest: { breakAfter: 5, firstRest: 10 * second, longestRest: 10 * minute },
  ...more,
});
/** A limit: the key rests for this model, at once. */
export const limited = (until?: number): Failed =>
  failed({ cools: "key-model", opens: "at-once", until, reason: "rateLimited" });

export const served = (tokens = 0, firstToken?: number): KeyResult => ({
  kind: "served",
  tokens,
  firstToken,
});
export const released: KeyResult = { kind: "released" };
