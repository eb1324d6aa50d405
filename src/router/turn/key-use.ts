/** The turn's side of the state: which keys it may use, and what came of a call. */
import type { ProviderConfig, ProviderKey } from "../../config/types.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import type { Judgement } from "../failures/classify.ts";
import { isOn } from "../keys/schedule.ts";
import { keyless, termsOf } from "../keys/terms-of.ts";
import { noKey, type KeyResult, type KeyTerms } from "../keys/terms.ts";
import type { Outcome } from "./outcome.ts";
import { ownKeyId } from "./own-key.ts";
import type { Turn } from "./turn.ts";

/** The keys that may be used at this hour; where the provider needs none, or gets the client's own, what stands for it. */
export const keysOf = (provider: ProviderConfig, turn: Pick<Turn, "own">): readonly KeyTerms[] => {
  if (provider.auth === "passthrough") return [keyless(ownKeyId(turn.own))];
  if (provider.auth === "none") return [keyless(noKey)];
  const now = Date.now();
  return provider.keys.filter((key) => isOn(key, now)).map(termsOf);
};

/** A key of the configuration that the provider refuses; a user's own login is the client's to renew. */
export const isRejectedKey = (provider: ProviderConfig, { kind }: Pick<Judgement, "kind">): boolean =>
  kind === "keyRejected" && provider.auth === "key";

/** The key has a proxy of its own, and another key of the provider goes another way: what cannot be reached by the one may be by the other. */
export const goesItsOwnWay = (
  key: ProviderKey | undefined,
  { keys }: Pick<ProviderConfig, "keys">,
): boolean => key?.proxy !== undefined && keys.some(({ proxy }) => proxy !== key.proxy);

export const servedBy = ({ usage, firstToken }: Extract<Outcome, { kind: "done" }>): KeyResult => ({
  kind: "served",
  tokens:
    usage === undefined
      ? 0
      : usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + usage.output_tokens,
  firstToken,
});

export const failedBy = (
  judgement: Judgement,
  failure: UpstreamFailure,
  provider: ProviderConfig,
): KeyResult => {
  // With the user's own login each turn is to hear the refusal in the provider's words: the client renews the login by them.
  const own = judgement.kind === "keyRejected" && provider.auth === "passthrough";
  if (judgement.cools === "nothing" || own) return { kind: "released" };
  const { breakAfter, rest } = provider.failures;
  return {
    kind: "failed",
    cools: judgement.cools,
    opens: judgement.opens,
    until: failure.until,
    reason: judgement.kind,
    rest: { breakAfter, firstRest: rest.first, longestRest: rest.longest },
  };
};
