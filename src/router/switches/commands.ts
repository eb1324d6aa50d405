/** Providers that were switched off while the router runs: it is remembered over restarts, and stands in no configuration. */
import { isJsonObject } from "../../shared/json.ts";
import type { StateCommand, StateTables, TableTerms } from "../state/state.ts";

export interface SwitchedOff {
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** By the provider's name. */
export const switchedOff: TableTerms<SwitchedOff> = {
  name: "switchedOff",
  mirrored: "always",
  lasting: true,
  holds: (value): value is SwitchedOff => isJsonObject(value) && typeof value["since"] === "number",
};

/** @returns whether that changed anything */
export const switchProvider: StateCommand<
  { readonly provider: string; readonly on: boolean },
  { readonly changed: boolean }
> = {
  name: "switchProvider",
  lasting: true,
  run(tables, { provider, on }, now) {
    const table = tables.of(switchedOff);
    const changed = (table.get(provider) === undefined) !== on;
    if (on) table.delete(provider);
    else if (changed) table.set(provider, { since: now }, Infinity);
    return { changed };
  },
};

/** Name of each provider that is switched off, with since when (milliseconds since the epoch). */
export const listSwitchedOff: StateCommand<Record<string, never>, readonly (readonly [string, number])[]> = {
  name: "listSwitchedOff",
  lasting: false,
  run: (tables) => [...tables.of(switchedOff).entries()].map(([name, { since }]) => [name, since] as const),
};

/** For other commands: whether a provider is switched off. */
export const isSwitchedOff = (tables: StateTables, provider: string): boolean =>
  tables.of(switchedOff).get(provider) !== undefined;
