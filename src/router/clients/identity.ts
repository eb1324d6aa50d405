/** Who a client key belongs to, and what it may do. */
import type { ClientKeyTerms } from "../../shared/client-keys.ts";

export interface ClientIdentity {
  /** What people call it: the name that the key was made with, else its variable's, else `…` and its last four characters. */
  readonly name: string;
  /** Twelve hex digits, as `clientKeyId` makes them. */
  readonly id: string;
  /** Undefined of a key of the configuration: it may do everything. */
  readonly terms: ClientKeyTerms | undefined;
}
