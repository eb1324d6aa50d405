/**
 * What the router remembers from turn to turn: cooldowns, affinity, limits, measured speed, later budgets. All of it lies in tables behind
 * this one interface, and no module keeps such state of its own: today the tables are in memory with a file; several workers can
 * share them by sending a command's name and arguments to the process that holds them, several machines by a service that does.
 */

/** One table: values under keys, each with a time at which it is forgotten. */
export interface StateTable<Value> {
  get(key: string): Value | undefined;
  /** @param expiresAt milliseconds since the epoch; `Infinity` keeps it */
  set(key: string, value: Value, expiresAt: number): void;
  delete(key: string): void;
  entries(): Iterable<readonly [key: string, value: Value]>;
}

export interface StateTables {
  /** The table of a name; an empty one where there was none. */
  of<Value>(name: string): StateTable<Value>;
}

/**
 * One change or question, run in one go where the tables are: nothing comes between its reading and its writing. Arguments, results and values
 * of tables are plain JSON, so that they can travel and be kept.
 */
export interface StateCommand<Args, Result> {
  readonly name: string;
  /** True where the tables change by it in a way that is to survive a restart. */
  readonly lasting: boolean;
  /** @param now milliseconds since the epoch */
  run(tables: StateTables, args: Args, now: number): Result;
}

export interface RouterState {
  call<Args, Result>(command: StateCommand<Args, Result>, args: Args): Promise<Result>;
  /** Writes what is to survive, and ends. */
  close(): Promise<void>;
}
