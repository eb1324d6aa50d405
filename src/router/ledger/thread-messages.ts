/** What the router and the ledger's thread say to each other. */
import type { LedgerCall, LedgerCalls } from "./queries.ts";
import type { CallTime } from "./store/store.ts";

export interface ThreadData {
  readonly folder: string | undefined;
}

export interface ToLedger {
  /** A number that comes back with the answer. */
  readonly call: number;
  readonly name: LedgerCall;
  readonly args: LedgerCalls[LedgerCall]["args"];
  readonly time: CallTime;
}

export type FromLedger =
  | { readonly call: number; readonly result: LedgerCalls[LedgerCall]["result"] }
  | { readonly call: number; readonly failed: string }
  /** Something that the log is to say. */
  | { readonly warned: string };
