/** Sums over the values of a table, kept with each change: thousands of calls in flight are not counted anew for each further one. */
import type { Amount } from "./state.ts";

interface Group {
  readonly sums: Map<string, number>;
  readonly counts: Map<string, number>;
}

const none: ReadonlyMap<string, number> = new Map();

export class Sums {
  readonly #amounts: ((value: unknown) => readonly Amount[]) | undefined;
  readonly #groups = new Map<string, Group>();

  /** @param amounts undefined: nothing is summed up */
  constructor(amounts?: (value: unknown) => readonly Amount[]) {
    this.#amounts = amounts;
  }

  add(value: unknown): void {
    if (this.#amounts === undefined) return;
    for (const [name, part, amount] of this.#amounts(value)) {
      let group = this.#groups.get(name);
      if (group === undefined) this.#groups.set(name, (group = { sums: new Map(), counts: new Map() }));
      group.sums.set(part, (group.sums.get(part) ?? 0) + amount);
      group.counts.set(part, (group.counts.get(part) ?? 0) + 1);
    }
  }

  take(value: unknown): void {
    if (this.#amounts === undefined) return;
    for (const [name, part, amount] of this.#amounts(value)) {
      const group = this.#groups.get(name);
      const count = (group?.counts.get(part) ?? 0) - 1;
      if (group === undefined || count < 0) continue;
      if (count > 0) {
        group.counts.set(part, count);
        group.sums.set(part, (group.sums.get(part) ?? 0) - amount);
        continue;
      }
      // Of fractions something small might be left over.
      group.counts.delete(part);
      group.sums.delete(part);
      if (group.sums.size === 0) this.#groups.delete(name);
    }
  }

  of(name: string): ReadonlyMap<string, number> {
    return this.#groups.get(name)?.sums ?? none;
  }
}
