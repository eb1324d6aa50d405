/** The tables of keys in the router's state: what is remembered of each, and under which name. */
import { isJsonObject } from "../../shared/json.ts";
import type { TableTerms } from "../state/state.ts";

/** Every key of a provider, or every model, where `null` stands. */
export interface Scope {
  readonly provider: string;
  readonly key: string | null;
  readonly model: string | null;
}

/** What went wrong in a scope since something went well there. */
export interface Rest extends Scope {
  /** In a row. */
  readonly failures: number;
  /** Times in a row that it came to a rest; 0: failures are only counted. */
  readonly opened: number;
  /** The rest, in milliseconds since the epoch: at its end it is half-open. Without meaning while `opened` is 0. */
  readonly since: number;
  readonly until: number;
  readonly reason: string;
  /** The one call that tries whether it has recovered. After `until` it is taken for lost. */
  readonly probe: { readonly lease: string; readonly at: number; readonly until: number } | null;
}

/** A call that was let through and has not come back. */
export interface Lease {
  readonly provider: string;
  readonly key: string;
  readonly model: string;
  /** When it was taken, milliseconds since the epoch. */
  readonly at: number;
  /** Estimated. */
  readonly tokens: number;
  /** Names of the rests that it probes. */
  readonly probes: readonly string[];
}

/** What was asked of a key in one second. */
export type Second = readonly [second: number, requests: number, tokens: number];

/** How much a key was used of late. */
export interface Usage {
  /** Those of the last minute, in ascending order. */
  readonly seconds: readonly Second[];
  /** Number of the lease that was taken last. */
  readonly last: number;
  /** What it is owed under `weighted`. */
  readonly owed: number;
  /** Tokens at the time `usedAt`, those of an hour before counted half. */
  readonly used: number;
  readonly usedAt: number;
}

/** Time to the first content of a target. */
export interface Speed {
  /** Decaying average in milliseconds. */
  readonly average: number;
  readonly measured: number;
}

const isNumber = (value: unknown): boolean => typeof value === "number";
const isText = (value: unknown): boolean => typeof value === "string";
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);

/** Whether an object has each of these fields in its form. */
const shaped =
  <Value>(fields: { readonly [Name in keyof Value]: (field: unknown) => boolean }) =>
  (value: unknown): value is Value => {
    if (!isJsonObject(value)) return false;
    for (const name of Object.keys(fields) as (keyof Value & string)[])
      if (!fields[name](value[name])) return false;
    return true;
  };

const isProbe = shaped<NonNullable<Rest["probe"]>>({ lease: isText, at: isNumber, until: isNumber });

export const rests: TableTerms<Rest> = {
  name: "rests",
  mirrored: "always",
  lasting: true,
  holds: shaped<Rest>({
    provider: isText,
    key: isTextOrNull,
    model: isTextOrNull,
    failures: isNumber,
    opened: isNumber,
    since: isNumber,
    until: isNumber,
    reason: isText,
    probe: (value) => value === null || isProbe(value),
  }),
};

/** Calls do not outlive the process that makes them. */
export const leases: TableTerms<Lease> = {
  name: "leases",
  lasting: false,
  sums: ({ provider, key }) => [[provider, key, 1]],
  holds: (value): value is Lease => isJsonObject(value),
};

export const usages: TableTerms<Usage> = {
  name: "usages",
  lasting: true,
  holds: shaped<Usage>({
    seconds: (value) =>
      Array.isArray(value) &&
      value.every((second) => Array.isArray(second) && second.length === 3 && second.every(isNumber)),
    last: isNumber,
    owed: isNumber,
    used: isNumber,
    usedAt: isNumber,
  }),
};

/** A conversation's key. Bounded: a client may name a new conversation with each request. */
export const affinities: TableTerms<string> = {
  name: "affinities",
  mirrored: "changes",
  lasting: true,
  most: 10_000,
  holds: (value): value is string => isText(value),
};

export const speeds: TableTerms<Speed> = {
  name: "speeds",
  lasting: true,
  most: 1_000,
  holds: shaped<Speed>({ average: isNumber, measured: isNumber }),
};

export const counters: TableTerms<number> = {
  name: "counters",
  lasting: true,
  holds: (value): value is number => isNumber(value),
};

/** One name of several parts: whatever signs they hold, two of them never become one. */
export const nameOf = (...parts: readonly (string | null)[]): string => JSON.stringify(parts);
