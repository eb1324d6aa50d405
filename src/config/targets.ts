/** `provider,model` in routes and aliases. */
import { didYouMean, type Path, type Position, type Problems } from "./problems.ts";
import type { Target } from "./types.ts";
import { quoted } from "./validate.ts";

/** What a target may refer to. */
export interface Names {
  /** Names of providers as configured, by their lower-case form. */
  readonly providers: ReadonlyMap<string, string>;
  /** Names of aliases and what they stand for, as written. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** Where a target stands. `filled`: variables were put into it, so that its text must not be shown. */
export interface TargetPlace {
  readonly at: Position;
  readonly path: Path;
  readonly filled: boolean;
}

/** The two halves of `provider,model`; undefined where there is no comma. */
export const splitTarget = (text: string): Target | undefined => {
  const comma = text.indexOf(",");
  if (comma < 0) return undefined;
  return { provider: text.slice(0, comma).trim(), model: text.slice(comma + 1).trim() };
};

/** Reads a target and tells what is wrong with it; undefined then. The letter case of the provider does not matter. */
export const readTarget = (
  text: string,
  place: TargetPlace,
  names: Names,
  problems: Problems,
): Target | undefined => {
  const tell = (what: string): undefined => problems.add(place.at, place.path, what) as undefined;
  const show = (part: string): string =>
    place.filled ? "a text (with its variables filled in)" : quoted(part);
  const parts = splitTarget(text);
  if (!parts) {
    const meant = Object.hasOwn(names.aliases, text) ? names.aliases[text] : undefined;
    if (meant !== undefined)
      return tell(`found ${show(text)}, an alias; a target is expected here: ${show(meant)}.`);
    const only = names.providers.has(text.toLowerCase()) ? ", the name of a provider alone" : "";
    return tell(`found ${show(text)}${only}, expected provider,model (with a comma).`);
  }
  const provider = names.providers.get(parts.provider.toLowerCase());
  if (provider === undefined) {
    const known = [...names.providers.values()];
    return tell(
      `found ${show(text)}: there is no provider ${place.filled ? "of that name" : quoted(parts.provider)}.${place.filled ? "" : didYouMean(parts.provider, known)} Known: ${known.join(", ")}.`,
    );
  }
  if (parts.model === "") return tell(`found ${show(text)}, expected a model after the comma.`);
  return { provider, model: parts.model };
};
