/** What the process that has state, ledger and log says to the workers that serve turns, and they to it: structured clones over Node's own channel. */
import type { Config } from "../../config/types.ts";
import { SwitchyardError, type ErrorCode } from "../../shared/errors.ts";
import type { LiveMessage } from "../live/events.ts";

/** The first thing that a worker is told. */
export interface Begin {
  readonly config: Config;
  readonly host: string;
  readonly port: number;
  /** Of the state that all share. */
  readonly stateFile: string;
  readonly accessFolder: string | undefined;
  /** Of the ledger; undefined: turns are reported, and kept by the one that is told. */
  readonly ledgerFolder: string | undefined;
  /** Path of the socket where the rest of the router answers. */
  readonly rest: string;
  readonly defaultProfile: string | undefined;
  readonly chosen: readonly (readonly [key: string, name: string])[];
  readonly watched: boolean;
  /** The log goes to stderr from here; else only the one that is told writes it. */
  readonly writesLog: boolean;
}

/** What is answered with `done`, once it is. */
export type Asked =
  | { readonly kind: "begin"; readonly begin: Begin }
  /** A configuration is to be put in force with `swap`: what it needs is made ready. */
  | { readonly kind: "prepare"; readonly config: Config }
  | { readonly kind: "swap" }
  /** Both at once, of one that is in force already: whatever else was made ready meanwhile is forgotten. */
  | { readonly kind: "take"; readonly config: Config }
  /** All that was reported late is to be reported now. */
  | { readonly kind: "report" }
  /** Small files (client keys, default profile) may have changed. */
  | { readonly kind: "look"; readonly defaultProfile: string | undefined }
  | { readonly kind: "chosen"; readonly key: string; readonly name: string | undefined };

export type ToWorker =
  | ({ readonly number: number } & Asked)
  | { readonly kind: "watch"; readonly on: boolean }
  /** All know of a choice that this worker has told. */
  | { readonly kind: "shared"; readonly number: number }
  /** @property grace milliseconds */
  | { readonly kind: "end"; readonly grace: number };

/** What a process is, for metrics. */
export interface Figures {
  readonly inFlight: number;
  /** Bytes. */
  readonly resident: number;
  /** User and system, in microseconds. */
  readonly processor: number;
}

export interface Problem {
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  readonly hint: string;
}

export type FromWorker =
  | { readonly kind: "up" }
  | { readonly kind: "done"; readonly number: number; readonly figures: Figures; readonly problem?: Problem }
  /** JSON costs a third of what a structured clone does. */
  | {
      readonly kind: "report";
      /** Turns that have ended. */
      readonly ended: number;
      /** Drained as JSON: what was counted of turns. */
      readonly counted: string;
      /** A list of TurnRecord as JSON, where they are needed one by one. */
      readonly turns?: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: "live"; readonly message: LiveMessage }
  | {
      readonly kind: "chose";
      readonly number: number;
      readonly key: string;
      readonly name: string | undefined;
    };

export const problemOf = (thrown: unknown): Problem => {
  const error =
    thrown instanceof SwitchyardError ? thrown : new SwitchyardError("internal", { cause: thrown });
  const detail = error.detail ?? (thrown instanceof Error && thrown !== error ? thrown.message : undefined);
  return { code: error.code, detail, hint: error.hint };
};

export const errorOf = ({ code, detail, hint }: Problem): SwitchyardError =>
  new SwitchyardError(code, { ...(detail !== undefined && { detail }), hint });
