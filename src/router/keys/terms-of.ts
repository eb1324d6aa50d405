/** From a key of the configuration to what the state goes by. */
import type { ProviderKey } from "../../config/types.ts";
import type { KeyTerms } from "./terms.ts";

/** What the state may know of a key: the key itself is not among it. */
export const termsOf = ({
  id,
  priority,
  weight,
  requestsPerMinute,
  tokensPerMinute,
  concurrent,
}: ProviderKey): KeyTerms => ({
  id,
  priority,
  weight,
  ...(requestsPerMinute !== undefined && { requestsPerMinute }),
  ...(tokensPerMinute !== undefined && { tokensPerMinute }),
  ...(concurrent !== undefined && { concurrent }),
});

/** For a provider that needs no key, or gets the client's own. @param id `noKey`, or what stands for that login */
export const keyless = (id: string): KeyTerms => ({ id, priority: 0, weight: 1 });
