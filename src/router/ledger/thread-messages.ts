/** What the router and the ledger's thread say to each other. */
import type { LedgerCall, LedgerCalls } from "./queries.ts";
import type { CallTime } from "./store/store.ts";

/** Something that the log is to say, with a code to look for. */
export type Warn = (code: "ledger.damaged" | "ledger.clock", text: string) => void;

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
  | { readonly warned: Parameters<Warn> };
