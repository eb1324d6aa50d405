/** A worker's copy of tables that are held elsewhere: what changes in them is sent to it. Read only. */
import type { TableTerms } from "./state.ts";

/** One value; `null` where it is gone, and for a time that never comes. */
export type MirroredRow = readonly [table: string, key: string, value: unknown, expiresAt: number | null];

/** Values of a table before it is looked through for what has expired. */
const many = 1_000;

interface Copied {
  readonly value: unknown;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export class Mirror {
  readonly #tables = new Map<string, Map<string, Copied>>();

  take(rows: readonly MirroredRow[]): void {
    for (const [name, key, value, expiresAt] of rows) {
      let table = this.#tables.get(name);
      if (table === undefined) this.#tables.set(name, (table = new Map()));
      if (value === null) table.delete(key);
      else table.set(key, { value, expiresAt: expiresAt ?? Infinity });
      if (table.size > many) this.#sweep(table);
    }
  }

  /** Nobody tells of what has expired. */
  #sweep(table: Map<string, Copied>): void {
    const now = Date.now();
    for (const [key, { expiresAt }] of table) if (expiresAt <= now) table.delete(key);
  }

  get<Value>({ name }: TableTerms<Value>, key: string, now: number): Value | undefined {
    const found = this.#tables.get(name)?.get(key);
    return found !== undefined && found.expiresAt > now ? (found.value as Value) : undefined;
  }

  *entries<Value>({ name }: TableTerms<Value>, now: number): Iterable<readonly [key: string, value: Value]> {
    for (const [key, { value, expiresAt }] of this.#tables.get(name) ?? [])
      if (expiresAt > now) yield [key, value as Value] as const;
  }

  isEmpty({ name }: Pick<TableTerms<unknown>, "name">): boolean {
    return (this.#tables.get(name)?.size ?? 0) === 0;
  }
}
