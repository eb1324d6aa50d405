/** Commands of the state by which choices of single sessions outlast the router. */
import { isJsonObject } from "../../shared/json.ts";
import type { StateCommand, TableTerms } from "../state/state.ts";

/** Choices that are remembered; the one that was made longest ago is forgotten first. */
export const mostChoices = 10_000;

/** A session that was not chosen for since has ended, in milliseconds. */
const lasts = 30 * 24 * 3_600_000;

interface Choice {
  readonly profile: string;
}

/** By client key and session. */
const choices: TableTerms<Choice> = {
  name: "sessionProfiles",
  lasting: true,
  most: mostChoices,
  holds: (value): value is Choice => isJsonObject(value) && typeof value["profile"] === "string",
};

/** @param args.profile null takes the choice back */
export const keepChoice: StateCommand<{ readonly key: string; readonly profile: string | null }, null> = {
  name: "keepChoice",
  lasting: true,
  run(tables, { key, profile }, now) {
    const table = tables.of(choices);
    if (profile === null) table.delete(key);
    else table.set(key, { profile }, now + lasts);
    return null;
  },
};

/** The oldest first. */
export const listChoices: StateCommand<
  Record<string, never>,
  readonly (readonly [key: string, profile: string])[]
> = {
  name: "listChoices",
  lasting: false,
  run: (tables) => [...tables.of(choices).entries()].map(([key, { profile }]) => [key, profile] as const),
};
