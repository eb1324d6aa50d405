/** Tables in memory: a Map each, whose values are forgotten at their time. */
import type { MirroredRow } from "./mirror.ts";
import type { Amount, StateTable, StateTables, TableTerms } from "./state.ts";
import { Sums } from "./sums.ts";

/** One value of a table as it is kept: `null` stands for `Infinity`, which JSON does not have. */
export type KeptRow = readonly [key: string, value: unknown, expiresAt: number | null];
export type KeptTables = Readonly<Record<string, readonly KeptRow[]>>;

interface Held {
  value: unknown;
  expiresAt: number;
  /** Of a table that does not last: whose value it is, where that is another process. */
  owner: string | undefined;
}

interface Table {
  readonly held: Map<string, Held>;
  readonly lasting: boolean;
  readonly sums: Sums;
  /** Undefined: read from the file, and not asked for yet. */
  view: StateTable<unknown> | undefined;
}

const letGo = (held: Map<string, Held>, sums: Sums, key: string): void => {
  const found = held.get(key);
  if (found === undefined) return;
  held.delete(key);
  sums.take(found.value);
};

export class MemoryTables implements StateTables {
  /** Milliseconds since the epoch: what has expired by then is not there. Set before each command. */
  now = 0;
  /** The process for which a command is run; undefined: this one. Set before each command. */
  owner: string | undefined;
  /** Told of changes in tables that are mirrored. */
  watcher: ((row: MirroredRow) => void) | undefined;
  readonly #tables = new Map<string, Table>();
  readonly #onForeign: (table: string, count: number) => void;

  /**
   * @param kept what was read back
   * @param onForeign told how many values of a table were left out because they are none of it
   */
  constructor(kept: KeptTables, onForeign: (table: string, count: number) => void) {
    this.#onForeign = onForeign;
    for (const [name, rows] of Object.entries(kept)) {
      const held = new Map<string, Held>();
      for (const [key, value, expiresAt] of rows)
        held.set(key, { value, expiresAt: expiresAt ?? Infinity, owner: undefined });
      this.#tables.set(name, { held, lasting: true, sums: new Sums(), view: undefined });
    }
  }

  of<Value>(terms: TableTerms<Value>): StateTable<Value> {
    const known = this.#tables.get(terms.name);
    if (known?.view !== undefined) return known.view as StateTable<Value>;
    const held = terms.lasting ? (known?.held ?? new Map<string, Held>()) : new Map<string, Held>();
    this.#leaveOutForeign(terms, held);
    const sums = new Sums(terms.sums as ((value: unknown) => readonly Amount[]) | undefined);
    for (const { value } of held.values()) sums.add(value);
    const view = this.#viewOf<Value>(held, sums, terms);
    this.#tables.set(terms.name, { held, lasting: terms.lasting, sums, view });
    return view;
  }

  #leaveOutForeign<Value>(terms: TableTerms<Value>, held: Map<string, Held>): void {
    let foreign = 0;
    for (const [key, { value }] of held) {
      if (terms.holds(value)) continue;
      held.delete(key);
      foreign++;
    }
    if (foreign > 0) this.#onForeign(terms.name, foreign);
  }

  #viewOf<Value>(
    held: Map<string, Held>,
    sums: Sums,
    { name, most = Infinity, mirrored }: TableTerms<Value>,
  ): StateTable<Value> {
    const isLive = ({ expiresAt }: Held): boolean => expiresAt > this.now;
    const ownerNow = (): string | undefined => this.owner;
    const tell = (key: string, value: Value | null, expiresAt: number): void => {
      if (mirrored === undefined || this.watcher === undefined) return;
      const before = held.get(key);
      // Where there was nothing, nobody has a copy of anything else.
      if (mirrored === "changes" && (before === undefined || before.value === value)) return;
      if (value !== null || before !== undefined)
        this.watcher([name, key, value, expiresAt === Infinity ? null : expiresAt]);
    };
    return {
      get(key) {
        const found = held.get(key);
        return found !== undefined && isLive(found) ? (found.value as Value) : undefined;
      },
      set(key, value, expiresAt) {
        tell(key, value, expiresAt);
        const before = held.size < most / 2 ? held.get(key) : undefined;
        if (before !== undefined) {
          // Where there is room, its place says nothing; entries that come and go make a Map costly (shared/dense-set.ts).
          sums.take(before.value);
          before.value = value;
          before.expiresAt = expiresAt;
          before.owner = ownerNow();
          return sums.add(value);
        }
        // Behind all others: the first of a Map is then the one that was set longest ago.
        letGo(held, sums, key);
        held.set(key, { value, expiresAt, owner: ownerNow() });
        sums.add(value);
        if (held.size <= most) return undefined;
        for (const oldest of held.keys()) {
          letGo(held, sums, oldest);
          break;
        }
        return undefined;
      },
      delete(key) {
        tell(key, null, Infinity);
        letGo(held, sums, key);
      },
      sumsOf: (name) => sums.of(name),
      *entries() {
        for (const [key, each] of held) if (isLive(each)) yield [key, each.value as Value] as const;
      },
    };
  }

  /** Values of a table, as workers get them. */
  rows<Value>(terms: TableTerms<Value>): MirroredRow[] {
    this.of(terms);
    const { held } = this.#tables.get(terms.name)!;
    return [...held]
      .filter(([, { expiresAt }]) => expiresAt > this.now)
      .map(([key, { value, expiresAt }]) => [
        terms.name,
        key,
        value,
        expiresAt === Infinity ? null : expiresAt,
      ]);
  }

  /** Lets go of what has expired. */
  sweep(): void {
    for (const { held, sums } of this.#tables.values())
      for (const [key, { expiresAt }] of held) if (expiresAt <= this.now) letGo(held, sums, key);
  }

  /** Lets go of what a process held that has ended: its calls, and what its turns may cost. @returns the values, by table */
  forget(owner: string): ReadonlyMap<string, readonly unknown[]> {
    const gone = new Map<string, readonly unknown[]>();
    for (const [name, { held, sums, lasting }] of this.#tables) {
      if (lasting) continue;
      const own = [...held].filter(([, each]) => each.owner === owner);
      for (const [key] of own) letGo(held, sums, key);
      gone.set(
        name,
        own.map(([, { value }]) => value),
      );
    }
    return gone;
  }

  /** What is to survive. */
  kept(): KeptTables {
    this.sweep();
    const out: Record<string, readonly KeptRow[]> = {};
    for (const [name, { held, lasting }] of this.#tables) {
      if (!lasting || held.size === 0) continue;
      out[name] = [...held].map(([key, { value, expiresAt }]) => [
        key,
        value,
        expiresAt === Infinity ? null : expiresAt,
      ]);
    }
    return out;
  }
}
