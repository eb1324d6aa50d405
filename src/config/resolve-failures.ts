/** What is done about a provider's failures, complete. */
import type { Path } from "./problems.ts";
import type { ProviderSurroundings } from "./resolve-providers.ts";
import type { RawProvider } from "./schema.ts";
import { positionAt, treeAt } from "./tree.ts";
import type { FailurePolicy, FailureRule, StatusRange } from "./types-failures.ts";
import { milliseconds } from "./units.ts";

type RawFailures = NonNullable<RawProvider["failures"]>;
type RawRule = NonNullable<RawFailures["rules"]>[number];

/**
 * Three calls in half a second and a second take most restarts of a server away; five turns that failed in a row are no accident; ten minutes are
 * soon enough to look again, as a probe costs one call.
 */
export const defaultPolicy: FailurePolicy = {
  tries: 3,
  wait: { first: 500, longest: 8000 },
  breakAfter: 5,
  rest: { first: 10_000, longest: 600_000 },
  rules: [],
};

export const resolveFailures = (
  raw: RawProvider["failures"],
  provider: Path,
  around: ProviderSurroundings,
): FailurePolicy => {
  const path = [...provider, "failures"];
  const given = raw ?? {};
  return {
    tries: given.tries ?? defaultPolicy.tries,
    wait: spanOf(given.wait, defaultPolicy.wait, [...path, "wait"], around),
    breakAfter: given.breakAfter ?? defaultPolicy.breakAfter,
    rest: spanOf(given.rest, defaultPolicy.rest, [...path, "rest"], around),
    rules: (given.rules ?? []).flatMap((rule, i) => resolveRule(rule, [...path, "rules", i], around) ?? []),
  };
};

/** What is not given follows from what is: a longer first wait moves the longest up. */
const spanOf = (
  raw: RawFailures["wait"],
  usual: FailurePolicy["wait"],
  path: Path,
  { tree, problems }: ProviderSurroundings,
): FailurePolicy["wait"] => {
  const given = { first: raw?.first, longest: raw?.longest };
  const longest = given.longest === undefined ? undefined : milliseconds(given.longest);
  const first =
    given.first === undefined ? Math.min(usual.first, longest ?? usual.first) : milliseconds(given.first);
  if (longest !== undefined && first > longest)
    problems.add(
      positionAt(tree, [...path, "first"]),
      [...path, "first"],
      "is longer than `longest`; lower it, or raise `longest`.",
    );
  return { first, longest: longest ?? Math.max(usual.longest, first) };
};

const resolveRule = (
  raw: RawRule,
  path: Path,
  { tree, problems }: ProviderSurroundings,
): FailureRule | undefined => {
  const tell = (text: string, at: Path = path): undefined =>
    problems.add(positionAt(tree, at), at, text) as undefined;
  const before = problems.count;
  // What is there and wrong was told already.
  const isThere = (name: string): boolean => treeAt(tree, [...path, name]) !== undefined;
  if (!isThere("status") && !isThere("words"))
    tell("neither `status` nor `words` is there: one must say which failures it is for.");
  if (!isThere("as") && !isThere("then"))
    tell("neither `as` nor `then` is there: one must say what the failure is taken for, or what comes next.");
  const statuses = (Array.isArray(raw.status) ? raw.status : [raw.status ?? []].flat()).map(rangeOf);
  const reversed = statuses.find(([from, to]) => from > to);
  if (reversed !== undefined)
    tell(`found ${reversed[0]}-${reversed[1]}, expected the smaller status first.`, [...path, "status"]);
  const words = raw.words === undefined ? undefined : patternOf(raw.words);
  if (words === null)
    tell(
      "found a text that is no regular expression; put a \\ before ( ) [ ] { } * + ? that are meant as such.",
      [...path, "words"],
    );
  if (problems.count > before) return undefined;
  return {
    statuses,
    words: words ?? undefined,
    as: raw.as,
    step: raw.then,
    wait: raw.wait === undefined ? undefined : milliseconds(raw.wait),
  };
};

/** `429`, `5xx`, `500-504`, which the schema has let through. */
const rangeOf = (status: number | string): StatusRange => {
  const text = String(status).toLowerCase();
  if (text.endsWith("xx")) return [Number(text[0]) * 100, Number(text[0]) * 100 + 99];
  const [from, to] = text.split("-").map(Number);
  return [from ?? 0, to ?? from ?? 0];
};

const patternOf = (words: string): RegExp | null => {
  try {
    return new RegExp(words, "i");
  } catch {
    return null;
  }
};
