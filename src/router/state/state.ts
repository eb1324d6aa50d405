/**
 * What the router remembers from turn to turn: cooldowns, affinity, limits, measured speed, later budgets. All of it lies in tables behind
 * this one interface, and no module keeps such state of its own. The tables are in memory with a file; routers that share the file send a
 * command's name and arguments to the one of them that holds the tables (shared.ts).
 */

/** One table: values under keys, each with a time at which it is forgotten. */
export interface StateTable<Value> {
  get(key: string): Value | undefined;
  /** @param expiresAt milliseconds since the epoch; `Infinity` keeps it */
  set(key: string, value: Value, expiresAt: number): void;
  delete(key: string): void;
  entries(): Iterable<readonly [key: string, value: Value]>;
  /** What the values amount to under a name, by part, as `sums` of the terms says: however many there are it costs nothing to ask. */
  sumsOf(name: string): ReadonlyMap<string, number>;
}

/** What one value adds under a name, in a part of it. */
export type Amount = readonly [name: string, part: string, amount: number];

/** What a table is: written once, beside the commands that use it. */
export interface TableTerms<Value> {
  readonly name: string;
  /** False: a restart makes it untrue (calls in flight), so it is not written. */
  readonly lasting: boolean;
  /** Values that it holds at the most; beyond it the one that was set longest ago is forgotten. Undefined: no bound. */
  readonly most?: number;
  /** Workers have a copy: of all values, or (`changes`) are told where one took another's place or is gone. Undefined: they ask. */
  readonly mirrored?: "always" | "changes";
  /** Sums that are kept over the values. One that has expired may count until the next sweep, a minute later. */
  readonly sums?: (value: Value) => readonly Amount[];
  /** Whether a value that was read back is one of this table: another version, or a hand, may have written it. */
  holds(value: unknown): value is Value;
}

export interface StateTables {
  /** The table of these terms; an empty one where there was none. */
  of<Value>(terms: TableTerms<Value>): StateTable<Value>;
}

/**
 * One change or question, run in one go where the tables are: nothing comes between its reading and its writing. Arguments, results and values
 * of tables are plain JSON, so that they can travel and be kept.
 */
export interface StateCommand<Args, Result> {
  readonly name: string;
  /** True where the tables change by it in a way that is to survive a restart. */
  readonly lasting: boolean;
  /** True where a kill of the process must not undo it either: it is written down before it is answered. Of commands that come once a turn at the most. */
  readonly durable?: true;
  /** @param now milliseconds since the epoch */
  run(tables: StateTables, args: Args, now: number): Result;
}

export interface RouterState {
  /** True where another router held the tables when this one began: what is in them was counted already. */
  readonly joined: boolean;
  call<Args, Result>(command: StateCommand<Args, Result>, args: Args): Promise<Result>;
  /** What this process has answered by itself is known where the tables are, and what was changed there before is known here. */
  together(): Promise<void>;
  /** Writes what is to survive, and ends. */
  close(): Promise<void>;
}
